import { type DeliveryEvent, type Owed, redeliveryDaysMax } from '../domain/delivery/delivery.ts';
import type { ViewRow } from '../ports/event-store.ts';
import type { JournalEntry, Position } from '../ports/journal.ts';
import type { ObjectRefusal } from '../ports/object-store.ts';
import type { Organizations } from '../ports/organizations.ts';
import type { Streams } from '../streams/streams.ts';
import { cutLogFiles } from './cut-log-files.ts';
import { type DeliveryPorts, putLogFile } from './deliver-log-files.ts';
import { type Chain, chainOfStream, loadDelivery, noteDelivery } from './delivery-streams.ts';
import { logFileCompressor } from './log-file-bytes.ts';
import { type JournalWindow, readWindow } from './read-window.ts';
import { routeTable } from './route-table.ts';
import { trailSettings } from './trail-settings.ts';

export interface RedeliveryPorts extends Omit<DeliveryPorts, 'table'> {
  readonly organizations: Organizations;
}

/**
 * Tries again what buckets refused, oldest first, with a backoff of a minute up to an hour and for
 * at most 30 days. They go where the trail delivers by then: a trail that was given another bucket
 * is not held up by the old one. `eager` tries at once. Resolves with the number of chains that
 * still owe.
 */
export async function redeliverLogFiles(
  ports: RedeliveryPorts,
  shard: string,
  now: number,
  eager = false,
): Promise<number> {
  let owing = 0;
  for (const chain of await owingChains(ports.streams)) {
    // A chain may have many windows to catch up with; each round moves it on by one.
    for (let more = true; more; ) {
      const outcome = await redeliverChain(ports, shard, chain, now, eager);
      more = outcome === 'some';
      if (outcome === 'owing') owing += 1;
    }
  }
  return owing;
}

/** The oldest journal position that a chain still owes, if any does. */
export async function owedFrom(streams: Streams): Promise<Position | undefined> {
  const rows = await owedRows(streams);
  const positions = rows.map((row) => (row.value as { from: Position }).from);
  return positions.sort()[0];
}

async function owingChains(streams: Streams): Promise<readonly Chain[]> {
  return (await owedRows(streams)).map((row) => chainOfStream(row.key));
}

/** All of them, page by page: each keeps a part of the journal. */
async function owedRows(streams: Streams): Promise<readonly ViewRow[]> {
  const rows: ViewRow[] = [];
  for (;;) {
    const page = await streams.store.views('owed', { after: rows.at(-1)?.key ?? '', limit });
    rows.push(...page);
    if (page.length < limit) return rows;
  }
}

const limit = 1000;

async function redeliverChain(
  ports: RedeliveryPorts,
  shard: string,
  chain: Chain,
  now: number,
  eager: boolean,
): Promise<'none' | 'some' | 'owing'> {
  const { owed } = (await loadDelivery(ports.streams, chain)).state;
  if (!owed) return 'none';
  if (!eager && now < owed.nextAt) return 'owing';
  const until = { planned: owed.planned?.to, before: owed.to };
  const window = await readWindow(ports.journal, shard, owed.from, until);
  const tooOld = now - redeliveryDaysMax * 86_400_000;
  if (owed.since < tooOld) {
    const event = abandoned(owed, window, { tooOld, now });
    await noteDelivery(ports.streams, chain, [event]);
    return 'some';
  }
  const plan = owed.planned ?? { at: now, to: window.to };
  if (!owed.planned)
    await noteDelivery(ports.streams, chain, [{ type: 'RedeliveryPlanned', ...plan }]);
  const { events, refusal } = await putOwed(ports, chain, window.entries, plan, now);
  if (refusal) {
    await noteDelivery(ports.streams, chain, [
      { type: 'RedeliveryRefused', at: now, code: refusal.code },
    ]);
    return 'owing';
  }
  await noteDelivery(ports.streams, chain, [
    ...events,
    { type: 'LogFilesCaughtUp', at: now, through: plan.to },
  ]);
  return 'some';
}

/**
 * Gives up what was accepted too long ago, and no more. A planned window is given up as a whole,
 * once the last of it is old: some of its files may be in the bucket.
 */
function abandoned(
  owed: Owed,
  { entries, to }: JournalWindow,
  { tooOld, now }: { tooOld: number; now: number },
): DeliveryEvent {
  const kept = owed.planned
    ? entries.findLast((entry) => entry.acceptedAt >= tooOld)
    : entries.find((entry) => entry.acceptedAt >= tooOld);
  if (entries.length === 0) return { type: 'LogFilesAbandoned', at: now, through: owed.to };
  if (!kept) return { type: 'LogFilesAbandoned', at: now, through: to };
  const through = owed.planned ? owed.from : kept.position;
  return { type: 'LogFilesAbandoned', at: now, through, since: kept.acceptedAt };
}

async function putOwed(
  ports: RedeliveryPorts,
  chain: Chain,
  entries: readonly JournalEntry[],
  plan: { at: number; to: Position },
  now: number,
): Promise<{ events: readonly DeliveryEvent[]; refusal?: ObjectRefusal }> {
  const table = routeTable(ports.streams.store, ports.organizations);
  const cuts = await cutLogFiles(entries, table, chain);
  const share: { chain: Chain; events: DeliveryEvent[]; refusal?: ObjectRefusal } = {
    chain,
    events: [],
  };
  const compress = logFileCompressor();
  const current = await trailSettings(ports.streams, chain.arn);
  for (const cut of cuts) {
    const route = cut.routes.find(({ arn }) => arn === chain.arn);
    if (!route) continue;
    const file = await compress(cut);
    const there = { ...route, settings: current ?? route.settings };
    const put = await putLogFile(ports.objects, there, cut, file, share, { ...plan, now });
    if (!put) return share;
  }
  return share;
}
