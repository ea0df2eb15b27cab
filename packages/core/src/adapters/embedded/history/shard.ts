import type { JournalEntry, Position } from '../../../ports/journal.ts';
import { segmentPath } from './catalogue.ts';
import type { Durable } from './checkpoint.ts';
import type { ChunkPool } from './chunk-pool.ts';
import { type Columns, columnsOf, type Head, isInHistory, newHead, takeEntry } from './head.ts';
import { createRecordFile } from './record-file.ts';
import { sealHead } from './seal.ts';
import type { Segment } from './segment-format.ts';

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
  const { dir, name, limits } = context;
  let durable = start;
  let next = start?.through;
  let ordinal = start?.ordinal ?? 0;
  let journalBytes = 0;
  let head: Head | undefined;
  let sealing: Head | undefined;
  /** Of the head before, to be used again. */
  let spare: Columns | undefined;
  const scratch = { bytes: Buffer.from(new ArrayBuffer(0)) };
  let seal: Promise<void> | undefined;
  let sealFailure: unknown;
  let closed = false;
  /** Additions take their turns. */
  let turn: Promise<void> = Promise.resolve();

  async function add(entries: readonly JournalEntry[], end: Position): Promise<void> {
    for (const [index, entry] of entries.entries()) {
      if (closed) throw new Error('the history is closed');
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
      const { position: from } = entry;
      const path = `${segmentPath(dir, { shard: name, from, ordinal, count: 0 })}.tmp`;
      const records = createRecordFile(path, context.pool);
      head = newHead({ shard: name, from, ordinal, seed: context.seed, records }, spare);
      spare = undefined;
    }
    if (head.records.waiting() > 1) await head.records.drain();
    takeEntry(head, entry);
    ordinal = head.ordinal + head.count;
  }

  function isFull(): boolean {
    if (journalBytes >= limits.journalBytesMax) return true;
    if (head === undefined) return false;
    return (
      head.count >= limits.headRecordsMax ||
      head.records.length() >= limits.headBytesMax ||
      head.dictionary.length >= dictionaryLengthMax
    );
  }

  /** Makes room: the head begins to become a segment, once the one before has become one. */
  async function turnOver(): Promise<void> {
    await finishSeal();
    if (head === undefined) {
      await passOver();
    } else {
      sealing = head;
      head = undefined;
      startSeal(sealing);
    }
    journalBytes = 0;
  }

  /** Nothing of the journal up to `next` is history. */
  async function passOver(): Promise<void> {
    if (next === undefined || next === durable?.through) return;
    const reached = { through: next, ordinal };
    await context.checkpoint(reached);
    durable = reached;
  }

  function startSeal(full: Head): void {
    seal = sealNow(full).catch((error: unknown) => {
      sealFailure = error;
    });
  }

  async function sealNow(full: Head): Promise<void> {
    const segment = await sealHead(full, segmentPath(dir, full), scratch);
    durable = { through: full.next, ordinal: full.ordinal + full.count };
    sealing = undefined;
    spare = columnsOf(full);
    context.sealed(segment);
    await full.records.close();
  }

  /** Rejects when the disk did not take the segment; the next call tries again. */
  async function finishSeal(): Promise<void> {
    if (sealFailure !== undefined && sealing !== undefined) {
      sealFailure = undefined;
      startSeal(sealing);
    }
    await seal;
    if (sealFailure !== undefined && sealing !== undefined) throw sealFailure;
  }

  async function close(): Promise<void> {
    closed = true;
    try {
      await finishSeal();
      // Few records are left to the journal: a segment for each restart would be many.
      if (head === undefined || head.count >= limits.headRecordsMax / 8) await turnOver();
      await finishSeal();
    } finally {
      await sealing?.records.discard();
      await head?.records.discard();
      head = undefined;
      sealing = undefined;
    }
  }

  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  }

  return {
    add: (entries, end) => inTurn(() => add(entries, end)),
    through: () => durable?.through,
    heads: () => [sealing, head].filter((each) => each !== undefined),
    close: () => inTurn(close),
  };
}
