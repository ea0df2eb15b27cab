import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type {
  DeliveryEvent,
  DeliveryState,
  LogFileDelivered,
} from '../domain/delivery/delivery.ts';
import {
  type DigestPlan,
  digestDocument,
  digestKey,
  sha256Hex,
  stringToSign,
} from '../domain/digests/digest.ts';
import { nextDigest } from '../domain/digests/next-digest.ts';
import type { DigestSpan, TrailSettings } from '../domain/trails/trail.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Organizations } from '../ports/organizations.ts';
import type { SigningKeys } from '../ports/signing-keys.ts';
import type { Streams } from '../streams/streams.ts';
import {
  type Chain,
  chainsOf,
  deliveryStream,
  loadDelivery,
  noteDelivery,
  placeOf,
} from './delivery-streams.ts';
import { eachAtOnce } from './each-at-once.ts';
import type { DigestingTrail, RouteTable } from './route-table.ts';

export interface DigestPorts {
  readonly streams: Streams;
  readonly objects: ObjectStore;
  readonly keys: SigningKeys;
  readonly organizations: Organizations;
  /** Used by digests alone; it stands at the newest state. */
  readonly table: RouteTable;
  /** The Regions for which a multi-Region trail gets digests even where nothing happens. */
  readonly regions: readonly string[];
}

const gzipAsync = promisify(gzip);
const digestsPerChainMax = 100;
const chainsAtOnceMax = 32;

/**
 * Seals every digest that is due at `now` (and with `early` also the hour that is still running).
 * Resolves with the number of digests delivered. Every step can be repeated: a digest's times
 * and files are written down before it is made, and its bytes follow from them.
 */
export async function sealDigests(ports: DigestPorts, now: number, early = false): Promise<number> {
  await ports.table.advance(await ports.streams.store.position());
  let sealed = 0;
  for (const trail of ports.table.digesting()) {
    // Chains do not depend on each other, and share the store's and the bucket's commits.
    await eachAtOnce(await chainsToSeal(ports, trail), chainsAtOnceMax, async (chain) => {
      const digests = await sealChain(ports, trail, chain, now, early);
      sealed += digests;
    });
  }
  return sealed;
}

async function chainsToSeal(ports: DigestPorts, trail: DigestingTrail): Promise<readonly Chain[]> {
  const known = await chainsOf(ports.streams, trail.arn);
  const { settings } = trail;
  if (!settings) return known;
  const organization = settings.isOrganizationTrail
    ? await ports.organizations.of(settings.account)
    : undefined;
  const accounts = organization?.accounts.map((account) => account.id) ?? [];
  const regions = settings.isMultiRegionTrail ? ports.regions : [];
  const expected = [...new Set([settings.account, ...accounts])].flatMap((account) =>
    [...new Set([settings.homeRegion, ...regions])].map((region) => ({
      arn: trail.arn,
      account,
      region,
    })),
  );
  const chains = new Map([...known, ...expected].map((chain) => [deliveryStream(chain), chain]));
  return [...chains.values()];
}

async function sealChain(
  ports: DigestPorts,
  trail: DigestingTrail,
  chain: Chain,
  now: number,
  early: boolean,
): Promise<number> {
  for (let sealed = 0; sealed < digestsPerChainMax; sealed += 1) {
    const loaded = await loadDelivery(ports.streams, chain);
    const { digestRetry } = loaded.state;
    if (digestRetry && !early && now < digestRetry.nextAt) return sealed;
    const next = nextDigest(loaded.state, trail.spans, now, early);
    if (!next) return sealed;
    const span = trail.spans.find((one) => one.since === next.span);
    if (!loaded.state.planned) {
      const until = filesUntilOf(span, next.end);
      const unsealed = await unsealedFiles(ports.streams, chain, loaded.state);
      const firstLater = unsealed.findIndex((file) => file.at > until);
      const count = firstLater === -1 ? unsealed.length : firstLater;
      const filesThrough = loaded.state.filesSealed + count;
      await noteDelivery(ports.streams, chain, [
        { type: 'DigestPlanned', at: now, ...next, filesThrough },
      ]);
    }
    const settings = span?.ended?.settings ?? trail.settings;
    if (!settings) return sealed;
    if (!(await sealOne(ports, settings, chain, now))) return sealed;
  }
  return digestsPerChainMax;
}

/** What is delivered after logging stopped was recorded before it stopped, and is signed too. */
function filesUntilOf(span: DigestSpan | undefined, end: number): number {
  if (!span?.ended) return end;
  return span.ended.logsOn ? span.ended.at : Number.POSITIVE_INFINITY;
}

async function sealOne(
  ports: DigestPorts,
  settings: TrailSettings,
  chain: Chain,
  now: number,
): Promise<boolean> {
  const loaded = await loadDelivery(ports.streams, chain);
  const { state } = loaded;
  const { planned } = state;
  if (!planned) return false;
  const previous = state.digest?.span === planned.span ? state.digest.last : undefined;
  const { filesThrough } = planned;
  const unsealed = (await unsealedFiles(ports.streams, chain, state)).slice(
    0,
    filesThrough - state.filesSealed,
  );
  // A chain that begins leaves out what was delivered while there was no chain.
  const files = previous ? unsealed : unsealed.filter((file) => file.at >= planned.start);
  const plan: DigestPlan = {
    place: placeOf(settings, chain),
    trailName: settings.name,
    homeRegion: settings.homeRegion,
    bucket: settings.s3BucketName,
    start: planned.start,
    end: planned.end,
    fingerprint: await ports.keys.activeFingerprint(chain.region, planned.end),
    previous,
    files,
  };
  return deliverDigest(ports, settings, chain, plan, { filesThrough, now });
}

async function deliverDigest(
  ports: DigestPorts,
  settings: TrailSettings,
  chain: Chain,
  plan: DigestPlan,
  { filesThrough, now }: { filesThrough: number; now: number },
): Promise<boolean> {
  const document = digestDocument(plan);
  const { signature } = await ports.keys.sign(chain.region, plan.end, stringToSign(plan, document));
  const key = digestKey(plan);
  const answer = await ports.objects.putIfAbsent({
    bucket: plan.bucket,
    key,
    trailArn: chain.arn,
    body: await gzipAsync(document),
    contentType: 'application/json',
    contentEncoding: 'gzip',
    metadata: { signature, 'signature-algorithm': 'SHA256withRSA' },
    acl: 'bucket-owner-full-control',
    kmsKeyArn: settings.kmsKeyArn,
  });
  if (answer.outcome === 'refused') {
    await noteDelivery(ports.streams, chain, [
      { type: 'DigestRefused', at: now, code: answer.code },
    ]);
    return false;
  }
  await noteDelivery(ports.streams, chain, [
    {
      type: 'DigestSealed',
      at: now,
      bucket: plan.bucket,
      key,
      hash: sha256Hex(document),
      signature,
      filesThrough,
    },
  ]);
  return true;
}

/** The log files that no digest has yet, in the order of their delivery. */
async function unsealedFiles(
  streams: Streams,
  chain: Chain,
  state: DeliveryState,
): Promise<readonly LogFileDelivered[]> {
  if (state.files === state.filesSealed) return [];
  const { events } = await streams.store.read(deliveryStream(chain), state.sealedVersion);
  const files = (events as DeliveryEvent[]).filter((event) => event.type === 'LogFileDelivered');
  return files.slice(state.filesSealed - state.sealedVersionFiles);
}
