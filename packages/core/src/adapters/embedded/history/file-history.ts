import { randomInt } from 'node:crypto';
import { endianness } from 'node:os';
import { join } from 'node:path';
import type { History, HistoryPage, HistoryQuery } from '../../../ports/history.ts';
import type { Journal } from '../../../ports/journal.ts';
import { catalogueOf, findSegments, putAside } from './catalogue.ts';
import { checkpointFile, type Durable, readCheckpoint } from './checkpoint.ts';
import { chunkPool } from './chunk-pool.ts';
import { loadedFilters } from './filter.ts';
import type { Search } from './matches.ts';
import { verifiedPages } from './pages.ts';
import { searchHead } from './search-head.ts';
import { searchSegment } from './search-segment.ts';
import type { Segment } from './segment-format.ts';
import { openShard, type Shard, type ShardLimits } from './shard.ts';
import { cursorFrom, takePage } from './take-page.ts';
import { segmentUpkeep } from './upkeep.ts';

export interface FileHistory extends History {
  /**
   * Ends the work in the background and closes the files; what is not durable is in the journal.
   */
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
  const { headRecordsMax, headBytesMax, journalBytesMax } = { ...defaultLimits, ...options };
  const { segments, checkpoint } = await recover(dir, options.journal);
  const catalogue = catalogueOf(segments);
  const pages = verifiedPages();
  const filters = loadedFilters(pages);
  const pool = chunkPool();
  const upkeep = segmentUpkeep({ dir, catalogue, pages, filters, pool, headRecordsMax });
  const seed = segments[0]?.seed ?? randomInt(2 ** 32);
  const shards = new Map<string, Shard>();

  function shardOf(name: string): Shard {
    const known = shards.get(name);
    if (known !== undefined) return known;
    const limits = { headRecordsMax, headBytesMax, journalBytesMax };
    const sealed = (segment: Segment) => {
      catalogue.add(segment);
      checkpoint.shards.set(name, durableAfter(segment));
      upkeep.segmentAdded();
    };
    const saveDurable = (durable: Durable) => {
      checkpoint.shards.set(name, durable);
      return checkpoint.save();
    };
    const context = { dir, name, seed, limits, pool, sealed, checkpoint: saveDurable };
    const shard = openShard(context, checkpoint.shards.get(name));
    shards.set(name, shard);
    return shard;
  }

  async function lookup(query: HistoryQuery): Promise<HistoryPage> {
    const search: Search = {
      ...query,
      startTime: Math.max(query.startTime, checkpoint.expiredBefore),
      after: query.after === undefined ? undefined : cursorFrom(query.after),
    };
    const heads = [...shards.values()].flatMap((shard) => shard.heads());
    const fromHeads = heads.map((head) => searchHead(head, search));
    const open = (segment: Segment) => searchSegment(pages, filters, segment, search);
    return takePage(pages, fromHeads, catalogue.segments, open, search);
  }

  async function close(): Promise<void> {
    const closed = await Promise.allSettled([...shards.values()].map((shard) => shard.close()));
    await upkeep.settled();
    pages.close();
    for (const each of closed) if (each.status === 'rejected') throw each.reason;
  }

  return {
    add: (shard, entries, next) => shardOf(shard).add(entries, next),
    through: async (shard) => shardOf(shard).through(),
    lookup,
    expire: (eventTime) => {
      // Not the latest of all: a clock for tests may be set back, and events go on from there.
      checkpoint.expiredBefore = eventTime;
      return upkeep.expire(eventTime, checkpoint.save);
    },
    close,
  };
}

/** What is on the disk, once what is damaged is out of the way. */
async function recover(dir: string, journal: Pick<Journal, 'start'>) {
  const path = join(dir, 'checkpoint');
  const { segments, damaged, back } = await findSegments(dir, journal);
  const checkpoint = checkpointFile(path, await readCheckpoint(path));
  for (const [shard, durable] of back) checkpoint.shards.set(shard, durable);
  if (damaged.length > 0) {
    // First: with the files aside, nothing else tells that the shards have to go back.
    await checkpoint.save();
    await putAside(dir, damaged);
  }
  for (const segment of segments) {
    const known = checkpoint.shards.get(segment.shard);
    if (known !== undefined && known.through >= segment.next) continue;
    checkpoint.shards.set(segment.shard, durableAfter(segment));
  }
  return { segments, checkpoint };
}

function durableAfter(segment: Segment): Durable {
  return { through: segment.next, ordinal: segment.ordinal + segment.count };
}
