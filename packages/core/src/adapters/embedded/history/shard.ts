import type { JournalEntry, Position } from '../../../ports/journal.ts';
import { segmentPath } from './catalogue.ts';
import type { Durable } from './checkpoint.ts';
import type { ChunkPool } from './chunk-pool.ts';
import { type Columns, type Head, isInHistory, newHead, takeEntry } from './head.ts';
import { createRecordFile } from './record-file.ts';
import { headSealer } from './sealer.ts';
import type { Segment } from './segment-format.ts';
import { turns } from './turns.ts';

/** One shard's way into the history: a head that fills, and one at most that becomes a segment. */
export interface Shard {
  add(entries: readonly JournalEntry[], next: Position): Promise<void>;
  through(): Position | undefined;
  /** What is not in segments yet. */
  heads(): readonly Head[];
  close(): Promise<void>;
}

export interface ShardLimits {
  /** A head of so many records becomes a segment. */
  readonly headRecordsMax: number;
  readonly headBytesMax: number;
  /** So much of the journal is read again after a restart, also where little of it is history. */
  readonly journalBytesMax: number;
}

/** What a shard needs from the history around it. */
export interface ShardContext {
  readonly dir: string;
  readonly name: string;
  readonly seed: number;
  readonly limits: ShardLimits;
  readonly pool: ChunkPool;
  /** From now on the segment is searched in place of the head. */
  sealed(segment: Segment): void;
  /** Makes it durable that the shard is through up to there. */
  checkpoint(durable: Durable): Promise<void>;
}

/** Values of a hostile sender can be as long as its records; in memory they are bounded by this. */
const dictionaryLengthMax = 8 * 1024 * 1024;

export function openShard(context: ShardContext, start: Durable | undefined): Shard {
  const { limits } = context;
  let durable = start;
  let next = start?.through;
  let ordinal = start?.ordinal ?? 0;
  let journalBytes = 0;
  let head: Head | undefined;
  let closed = false;
  const inTurn = turns();
  const sealer = headSealer(context.dir, (segment, full) => {
    durable = { through: full.next, ordinal: full.ordinal + full.count };
    context.sealed(segment);
  });

  async function add(entries: readonly JournalEntry[], end: Position): Promise<void> {
    if (closed) throw new Error('the history is closed');
    for (const [index, entry] of entries.entries()) {
      if (next !== undefined && entry.position < next) continue;
      if (isFull()) await turnOver();
      await take(entry);
      journalBytes += entry.bytes.length;
      next = entries[index + 1]?.position ?? end;
      if (head !== undefined) head.next = next;
    }
    if (next === undefined || next < end) next = end;
    if (head !== undefined) head.next = next;
    if (isFull()) await turnOver();
  }

  async function take(entry: JournalEntry): Promise<void> {
    if (head === undefined) {
      if (!entry.records.some(({ facts }) => isInHistory(facts))) return;
      head = beginHead(context, entry.position, ordinal, sealer.takeSpare());
    }
    if (head.records.waiting() > 1) await head.records.drain();
    takeEntry(head, entry);
    ordinal = head.ordinal + head.count;
  }

  function isFull(): boolean {
    const enough = journalBytes >= limits.journalBytesMax;
    return enough || (head !== undefined && isHeadFull(head, limits));
  }

  /** Makes room: the head begins to become a segment, once the one before has become one. */
  async function turnOver(): Promise<void> {
    await sealer.finish();
    if (head === undefined) await passOver();
    else sealer.begin(head);
    head = undefined;
    journalBytes = 0;
  }

  /** Nothing of the journal up to `next` is history. */
  async function passOver(): Promise<void> {
    if (next === undefined || next === durable?.through) return;
    const reached = { through: next, ordinal };
    await context.checkpoint(reached);
    durable = reached;
  }

  async function close(): Promise<void> {
    closed = true;
    try {
      await sealer.finish();
      // Few records are left to the journal: a segment for each restart would be many.
      if (head === undefined || head.count >= limits.headRecordsMax / 8) await turnOver();
      await sealer.finish();
    } finally {
      for (const left of heads()) await left.records.discard();
      head = undefined;
    }
  }

  function heads(): Head[] {
    return [sealer.head(), head].filter((each) => each !== undefined);
  }

  return {
    add: (entries, end) => inTurn.take(() => add(entries, end)),
    through: () => durable?.through,
    heads,
    close: () => inTurn.take(close),
  };
}

function beginHead(
  { dir, name, seed, pool }: ShardContext,
  from: Position,
  ordinal: number,
  spare: Columns | undefined,
): Head {
  const path = `${segmentPath(dir, { shard: name, from, ordinal, count: 0 })}.tmp`;
  const records = createRecordFile(path, pool);
  return newHead({ shard: name, from, ordinal, seed, records }, spare);
}

function isHeadFull(head: Head, limits: ShardLimits): boolean {
  return (
    head.count >= limits.headRecordsMax ||
    head.records.length() >= limits.headBytesMax ||
    head.dictionary.length >= dictionaryLengthMax
  );
}
