import type { DeliveryEvent, DeliveryState } from '../domain/delivery/delivery.ts';
import { logFileKey } from '../domain/delivery/log-file.ts';
import type { Route } from '../domain/delivery/routing.ts';
import type { Commit } from '../ports/event-store.ts';
import { commitItemsMax } from '../ports/event-store.ts';
import type { Journal, Position } from '../ports/journal.ts';
import type { ObjectRefusal, ObjectStore } from '../ports/object-store.ts';
import type { Loaded, Streams } from '../streams/streams.ts';
import { cutLogFiles, type LogFileCut } from './cut-log-files.ts';
import { type Chain, deliveryCommit, loadDelivery, placeOf } from './delivery-streams.ts';
import { eachAtOnce } from './each-at-once.ts';
import { type LogFileBytes, logFileCompressor } from './log-file-bytes.ts';
import { readWindow } from './read-window.ts';
import type { RouteTable } from './route-table.ts';

export interface DeliveryPorts {
  readonly streams: Streams;
  readonly journal: Journal;
  readonly objects: ObjectStore;
  /** Used by delivery alone, since it stands where the cursor stands. */
  readonly table: RouteTable;
}

/** Small files share the bucket's commits; large ones wait for each other in the compressor. */
const putsAtOnceMax = 128;

/**
 * Delivers one window of a shard. Each step can be repeated: the window's end and its time are
 * written down before the first file, object names come from them, and a chain that has the
 * window already is left alone. Resolves with the records delivered, or undefined at the end of
 * the journal.
 */
export async function deliverWindow(
  ports: DeliveryPorts,
  shard: string,
  now: number,
): Promise<DeliveredWindow | undefined> {
  const cursor = await readCursor(ports.streams, shard, () => ports.journal.start(shard));
  const planned = cursor.plan?.to;
  const { entries, to } = await readWindow(ports.journal, shard, cursor.from, { planned });
  if (entries.length === 0 && !cursor.plan) return undefined;
  const plan = cursor.plan ?? { to, at: Math.max(now, cursor.at + 1) };
  if (!cursor.plan) await writeCursor(ports.streams, shard, { ...cursor, plan });
  const cuts = await cutLogFiles(entries, ports.table);
  const window = { from: cursor.from, to: plan.to, at: plan.at };
  const delivered = await deliverCuts(ports, cuts, window);
  await writeCursor(ports.streams, shard, { from: plan.to, at: plan.at });
  return { ...delivered, oldestAcceptedAt: entries[0]?.acceptedAt ?? plan.at };
}

export interface DeliveredWindow {
  readonly files: number;
  /** As stored, compressed. */
  readonly bytes: number;
  /** Codes of the buckets that refused. */
  readonly refusals: readonly string[];
  /** Milliseconds since the epoch. */
  readonly oldestAcceptedAt: number;
}

interface Cursor {
  readonly from: Position;
  /** The time of the last window; times of windows grow, since file names come from them. */
  readonly at: number;
  readonly plan?: { readonly to: Position; readonly at: number };
}

interface Window {
  readonly from: Position;
  readonly to: Position;
  readonly at: number;
}

const cursorKey = (shard: string) => `deliver-log-files/${shard}`;

async function readCursor(streams: Streams, shard: string, start: () => Promise<Position>) {
  const row = await streams.store.view('cursors', cursorKey(shard));
  return (row?.value as Cursor | undefined) ?? { from: await start(), at: 0 };
}

async function writeCursor(streams: Streams, shard: string, cursor: Cursor): Promise<void> {
  const put = { put: cursor, partition: 'cursors', key: cursorKey(shard) };
  await streams.store.commit({ streams: [], views: [put] });
}

/** Where the shard's delivery stands: what lies before it is no longer needed for delivery. */
export async function deliveredUpTo(ports: DeliveryPorts, shard: string): Promise<Position> {
  return (await readCursor(ports.streams, shard, () => ports.journal.start(shard))).from;
}

/** Up to where the shard's delivery stands, or will stand once its plan is carried out. */
export async function plannedUpTo(ports: DeliveryPorts, shard: string): Promise<Position> {
  const cursor = await readCursor(ports.streams, shard, () => ports.journal.start(shard));
  return cursor.plan?.to ?? cursor.from;
}

/** One chain's share of a window, on its way. */
interface Share {
  readonly chain: Chain;
  readonly loaded: Loaded<DeliveryState>;
  readonly events: DeliveryEvent[];
  refusal?: ObjectRefusal;
}

async function deliverCuts(
  ports: DeliveryPorts,
  cuts: readonly LogFileCut[],
  window: Window,
): Promise<Omit<DeliveredWindow, 'oldestAcceptedAt'>> {
  const shares = new Map<string, Share>();
  const compress = logFileCompressor();
  let files = 0;
  let bytes = 0;
  await eachAtOnce(cuts, putsAtOnceMax, async (cut) => {
    const waiting: { share: Share; route: Route }[] = [];
    for (const route of cut.routes) {
      const share = await shareOf(ports.streams, shares, route, cut);
      if (wants(share, window)) waiting.push({ share, route });
    }
    if (waiting.length === 0) return;
    const file = await compress(cut);
    await Promise.all(
      waiting.map(async ({ share, route }) => {
        if (await putLogFile(ports.objects, route, cut, file, share, window)) {
          files += 1;
          bytes += file.body.length;
        }
      }),
    );
  });
  await commitShares(ports.streams, [...shares.values()], window);
  const refusals = [...shares.values()].flatMap(({ refusal }) => (refusal ? [refusal.code] : []));
  return { files, bytes, refusals };
}

/** A chain that owes records gets these later, in order; one that has the window needs nothing. */
function wants({ loaded: { state } }: Share, window: Window): boolean {
  return state.owed === undefined && (state.through ?? '') < window.to;
}

async function shareOf(
  streams: Streams,
  shares: Map<string, Share>,
  route: Route,
  cut: LogFileCut,
): Promise<Share> {
  const chain = { arn: route.arn, account: cut.account, region: cut.region };
  const key = `${chain.account}/${chain.region}/${chain.arn}`;
  const known = shares.get(key);
  if (known) return known;
  const loaded = await loadDelivery(streams, chain);
  const share = shares.get(key) ?? { chain, loaded, events: [] };
  shares.set(key, share);
  return share;
}

/** Puts a file for one trail and notes the event; false when the bucket refused. */
export async function putLogFile(
  objects: ObjectStore,
  route: Route,
  cut: LogFileCut,
  file: LogFileBytes,
  share: { chain: Chain; events: DeliveryEvent[]; refusal?: ObjectRefusal },
  window: { to: Position; at: number; now?: number },
): Promise<boolean> {
  const { settings } = route;
  const key = logFileKey(placeOf(settings, share.chain), {
    trailArn: route.arn,
    folder: cut.folder,
    at: window.at,
    index: cut.index,
    firstEventID: cut.blocks[0]?.firstEventID ?? '',
  });
  const answer = await objects.putIfAbsent({
    bucket: settings.s3BucketName,
    key,
    trailArn: route.arn,
    body: file.body,
    contentType: 'application/json',
    contentEncoding: 'gzip',
    acl: 'bucket-owner-full-control',
    kmsKeyArn: settings.kmsKeyArn,
  });
  if (answer.outcome === 'refused') {
    share.refusal = answer;
    return false;
  }
  share.events.push({
    type: 'LogFileDelivered',
    at: window.now ?? window.at,
    bucket: settings.s3BucketName,
    key,
    folder: cut.folder,
    hash: file.hash,
    records: cut.blocks.reduce((sum, block) => sum + block.records, 0),
    oldestEventTime: Math.min(...cut.blocks.map((block) => block.oldestEventTime)),
    newestEventTime: Math.max(...cut.blocks.map((block) => block.newestEventTime)),
    through: window.to,
  });
  return true;
}

async function commitShares(
  streams: Streams,
  shares: readonly Share[],
  window: Window,
): Promise<void> {
  const groups = joined(shares, (share) => {
    const events = eventsOf(share, window);
    return events.length > 0 ? deliveryCommit(share.chain, share.loaded, events) : undefined;
  });
  for (const { commit, of } of groups) {
    if ((await streams.store.commit(commit)) !== 'conflict') continue;
    // Notices and digests write to the same streams. Their events and ours do not depend on each
    // other, so each chain is read again and written on its own.
    for (const share of of) await commitAlone(streams, share, window);
  }
}

async function commitAlone(streams: Streams, share: Share, window: Window): Promise<void> {
  await streams.change(async () => {
    const loaded = await loadDelivery(streams, share.chain);
    const events = eventsOf({ ...share, loaded }, window);
    const done = (loaded.state.through ?? '') >= window.to && !loaded.state.owed;
    if (done || events.length === 0) return { answer: undefined };
    return { commit: deliveryCommit(share.chain, loaded, events), answer: undefined };
  });
}

/** A refused file defers the chain's whole window: the files that did get there are put again. */
function eventsOf({ loaded, events, refusal }: Share, window: Window): readonly DeliveryEvent[] {
  const { state } = loaded;
  const at = window.at;
  if (state.owed) {
    return state.owed.to < window.to ? [{ type: 'LogFilesOwed', at, to: window.to }] : [];
  }
  if (!refusal) return events;
  const code = refusal.code;
  return [{ type: 'LogFilesDeferred', at, from: window.from, to: window.to, code }];
}

/** As few commits as the store's limit allows, each with the items it is made of. */
function joined<Item>(
  items: readonly Item[],
  commitOf: (item: Item) => Commit | undefined,
): readonly { commit: Commit; of: readonly Item[] }[] {
  const groups: { commit: { streams: Appends; views: Changes }; of: Item[] }[] = [];
  let room = 0;
  for (const item of items) {
    const commit = commitOf(item);
    if (!commit) continue;
    const views = commit.views ?? [];
    const size = commit.streams.reduce((sum, one) => sum + one.events.length, views.length);
    if (size > room) {
      groups.push({ commit: { streams: [], views: [] }, of: [] });
      room = commitItemsMax;
    }
    const group = groups.at(-1)!;
    group.commit.streams.push(...commit.streams);
    group.commit.views.push(...views);
    group.of.push(item);
    room -= size;
  }
  return groups;
}

type Appends = Commit['streams'][number][];
type Changes = NonNullable<Commit['views']>[number][];
