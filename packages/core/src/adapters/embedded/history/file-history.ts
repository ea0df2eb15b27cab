import { randomInt } from 'node:crypto';
import { endianness } from 'node:os';
import { join } from 'node:path';
import type { History, HistoryPage, HistoryQuery } from '../../../ports/history.ts';
import type { Journal } from '../../../ports/journal.ts';
import { catalogueOf, findSegments, putAside, unlinkSegments } from './catalogue.ts';
import { type Durable, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { chunkPool } from './chunk-pool.ts';
import { loadedFilters } from './filter.ts';
import type { Search } from './matches.ts';
import { mergeSegments, smallNeighbours } from './merge-segments.ts';
import { verifiedPages } from './pages.ts';
import { searchHead } from './search-head.ts';
import { searchSegment } from './search-segment.ts';
import type { Segment } from './segment-format.ts';
import { openShard, type Shard, type ShardLimits } from './shard.ts';
import { cursorFrom, takePage } from './take-page.ts';

export interface FileHistory extends History {
  /** Ends the work in the background and closes the files; what is not durable is in the journal. */
  close(): Promise<void>;
}

export interface FileHistoryOptions extends Partial<ShardLimits> {
  /** Asked at the start whether it still has what a damaged file has lost. */
  readonly journal: Pick<Journal, 'start'>;
}

const defaultLimits: ShardLimits = {
  headRecordsMax: 65_536,
  headBytesMax: 96 * 1024 * 1024,
  journalBytesMax: 128 * 1024 * 1024,
};

/**
 * The event history in a folder of its own: immutable segments with postings, and the newest
 * records of every shard in memory. No other process may use the folder at the same time.
 */
export async function fileHistory(dir: string, options: FileHistoryOptions): Promise<FileHistory> {
  if (endianness() !== 'LE') throw new Error('the history needs a little-endian machine');
  const limits = { ...defaultLimits, ...options };
  const checkpointPath = join(dir, 'checkpoint');
  const { segments, checkpoint } = await recover(dir, checkpointPath, options.journal);
  const catalogue = catalogueOf(segments);
  const pages = verifiedPages();
  const filters = loadedFilters(pages);
  const pool = chunkPool();
  const seed = segments[0]?.seed ?? randomInt(2 ** 32);
  const durables = durableShards(checkpoint.shards, segments);
  const shards = new Map<string, Shard>();
  let { expiredBefore } = checkpoint;
  let writing: Promise<void> = Promise.resolve();
  let maintaining: Promise<void> = Promise.resolve();

  function save(): Promise<void> {
    const done = writing.then(() =>
      writeCheckpoint(checkpointPath, { shards: durables, expiredBefore }),
    );
    writing = done.catch(() => {});
    return done;
  }

  function shardOf(name: string): Shard {
    const known = shards.get(name);
    if (known !== undefined) return known;
    const shard = openShard(
      {
        dir,
        name,
        seed,
        limits,
        pool,
        sealed: (segment) => {
          catalogue.add(segment);
          durables.set(name, durableAfter(segment));
          // `expire` tries again, and says what was wrong.
          void inTurn(mergeSmall).catch(() => {});
        },
        checkpoint: (durable) => {
          durables.set(name, durable);
          return save();
        },
      },
      durables.get(name),
    );
    shards.set(name, shard);
    return shard;
  }

  async function lookup(query: HistoryQuery): Promise<HistoryPage> {
    const search: Search = {
      ...query,
      startTime: Math.max(query.startTime, expiredBefore),
      after: query.after === undefined ? undefined : cursorFrom(query.after),
    };
    const heads = [...shards.values()].flatMap((shard) => shard.heads());
    return takePage(
      pages,
      heads.map((head) => searchHead(head, search)),
      catalogue.segments,
      (segment) => searchSegment(pages, filters, segment, search),
      search,
    );
  }

  async function mergeSmall(): Promise<void> {
    for (;;) {
      const small = smallNeighbours(catalogue.segments, limits.headRecordsMax);
      if (small === undefined) return;
      const merged = await mergeSegments(dir, pages, pool, small);
      catalogue.remove(new Set(small));
      catalogue.add(merged);
      for (const segment of small) forget(segment);
      await unlinkSegments(dir, small);
    }
  }

  function forget(segment: Segment): void {
    pages.forget(segment);
    filters.forget(segment);
  }

  async function expire(eventTime: number): Promise<void> {
    // Not the latest of all: a clock for tests may be set back, and events go on from there.
    expiredBefore = eventTime;
    // First what the shards are through with: their last segment may be among those that go.
    await save();
    const gone = new Set(catalogue.segments.filter(({ timeMax }) => timeMax < eventTime));
    catalogue.remove(gone);
    for (const segment of gone) forget(segment);
    await unlinkSegments(dir, gone);
    await mergeSmall();
  }

  /** One at a time: they replace and delete segments. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = maintaining.then(work);
    maintaining = done.catch(() => {});
    return done;
  }

  async function close(): Promise<void> {
    const closed = await Promise.allSettled([...shards.values()].map((shard) => shard.close()));
    await maintaining;
    await writing;
    pages.close();
    for (const each of closed) if (each.status === 'rejected') throw each.reason;
  }

  return {
    add: (shard, entries, next) => shardOf(shard).add(entries, next),
    through: async (shard) => shards.get(shard)?.through() ?? durables.get(shard)?.through,
    lookup,
    expire: (eventTime) => inTurn(() => expire(eventTime)),
    close,
  };
}

/** What is on the disk, once what is damaged is out of the way. */
async function recover(dir: string, checkpointPath: string, journal: Pick<Journal, 'start'>) {
  const { segments, damaged, back } = await findSegments(dir, journal);
  const checkpoint = await readCheckpoint(checkpointPath);
  if (damaged.length === 0) return { segments, checkpoint };
  const shards = new Map([...checkpoint.shards, ...back]);
  // First: with the files aside, nothing else tells that the shard has to go back.
  await writeCheckpoint(checkpointPath, { ...checkpoint, shards });
  await putAside(dir, damaged);
  return { segments, checkpoint: { ...checkpoint, shards } };
}

function durableAfter(segment: Segment): Durable {
  return { through: segment.next, ordinal: segment.ordinal + segment.count };
}

function durableShards(
  checkpoint: ReadonlyMap<string, Durable>,
  segments: readonly Segment[],
): Map<string, Durable> {
  const durables = new Map(checkpoint);
  for (const segment of segments) {
    const known = durables.get(segment.shard);
    if (known === undefined || known.through < segment.next) {
      durables.set(segment.shard, durableAfter(segment));
    }
  }
  return durables;
}
