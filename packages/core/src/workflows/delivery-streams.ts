import {
  type DeliveryEvent,
  type DeliveryState,
  evolveDelivery,
  initialDelivery,
} from '../domain/delivery/delivery.ts';
import type { LogFilePlace } from '../domain/delivery/log-file.ts';
import type { TrailSettings } from '../domain/trails/trail.ts';
import type { Commit, ViewChange } from '../ports/event-store.ts';
import type { Loaded, StreamKind, Streams } from '../streams/streams.ts';

/** A trail's deliveries for one account and Region. */
export interface Chain {
  readonly arn: string;
  readonly account: string;
  readonly region: string;
}

export const deliveryKind: StreamKind<DeliveryState, DeliveryEvent> = {
  initial: initialDelivery,
  evolve: evolveDelivery,
};

export function deliveryStream(chain: Chain): string {
  return `delivery/${chain.account}/${chain.region}/${chain.arn}`;
}

export function chainOfStream(stream: string): Chain {
  const [, account = '', region = '', ...arn] = stream.split('/');
  return { account, region, arn: arn.join('/') };
}

export function loadDelivery(streams: Streams, chain: Chain): Promise<Loaded<DeliveryState>> {
  return streams.load(deliveryKind, deliveryStream(chain));
}

/** Events for one chain as a commit, with the row that makes a new chain findable. */
export function deliveryCommit(
  chain: Chain,
  loaded: Loaded<DeliveryState>,
  events: readonly DeliveryEvent[],
): Commit {
  const stream = deliveryStream(chain);
  return {
    streams: [{ stream, expectedVersion: loaded.version, events }],
    views: [...chainRow(chain, loaded), ...owedRow(stream, loaded.state, events)],
  };
}

/** Writes down what happened to a chain, whoever else writes to it meanwhile. */
export async function noteDelivery(
  streams: Streams,
  chain: Chain,
  events: readonly DeliveryEvent[],
): Promise<void> {
  await streams.change(async () => {
    const loaded = await loadDelivery(streams, chain);
    return { commit: deliveryCommit(chain, loaded, events), answer: undefined };
  });
}

/** Rows of `chains/<trail ARN>`: the accounts and Regions to which the trail ever delivered. */
export async function chainsOf(streams: Streams, arn: string): Promise<readonly Chain[]> {
  const chains: Chain[] = [];
  for (let after = '', full = true; full; ) {
    const rows = await streams.store.views(`chains/${arn}`, { after, limit: 1000 });
    for (const { key } of rows) {
      const [account = '', region = ''] = key.split('/');
      chains.push({ arn, account, region });
    }
    full = rows.length === 1000;
    after = rows.at(-1)?.key ?? after;
  }
  return chains;
}

export function placeOf(settings: TrailSettings, chain: Chain): LogFilePlace {
  return {
    prefix: settings.s3KeyPrefix,
    organizationId: settings.isOrganizationTrail ? settings.organizationId : undefined,
    account: chain.account,
    region: chain.region,
  };
}

function chainRow(chain: Chain, loaded: Loaded<DeliveryState>): readonly ViewChange[] {
  if (loaded.version > 0) return [];
  const key = `${chain.account}/${chain.region}`;
  return [{ put: {}, partition: `chains/${chain.arn}`, key }];
}

/** Rows of `owed`: the chains that owe records, so that the journal keeps them. */
function owedRow(
  stream: string,
  before: DeliveryState,
  events: readonly DeliveryEvent[],
): readonly ViewChange[] {
  const after = events.reduce(evolveDelivery, before);
  if (after.owed?.from === before.owed?.from) return [];
  if (!after.owed) return [{ delete: true, partition: 'owed', key: stream }];
  return [{ put: { from: after.owed.from }, partition: 'owed', key: stream }];
}
