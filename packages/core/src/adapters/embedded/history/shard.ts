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
  const inTurn = turns();
  const state: State = {
    context,
    durable: start,
    next: start?.through,
    ordinal: start?.ordinal ?? 0,
    journalBytes: 0,
    head: undefined,
    closed: false,
    sealer: headSealer(context.dir, (segment, full) => {
      state.durable = { through: full.next, ordinal: full.ordinal + full.count };
      context.sealed(segment);
    }),
  };
  return {
    add: (entries, end) => inTurn.take(() => add(state, entries, end)),
    through: () => state.durable?.through,
    heads: () => headsOf(state),
    close: () => inTurn.take(() => close(state)),
  };
}

interface State {
  readonly context: ShardContext;
  readonly sealer: ReturnType<typeof headSealer>;
  durable: Durable | undefined;
  next: Position | undefined;
  ordinal: number;
  journalBytes: number;
  head: Head | undefined;
  closed: boolean;
}

async function add(state: State, entries: readonly JournalEntry[], end: Position): Promise<void> {
  if (state.closed) throw new Error('the history is closed');
  for (const [index, entry] of entries.entries()) {
    if (state.next !== undefined && entry.position < state.next) continue;
    if (isFull(state)) await turnOver(state);
    await take(state, entry);
    state.journalBytes += entry.bytes.length;
    state.next = entries[index + 1]?.position ?? end;
    if (state.head !== undefined) state.head.next = state.next;
  }
  if (state.next === undefined || state.next < end) state.next = end;
  if (state.head !== undefined) state.head.next = state.next;
  if (isFull(state)) await turnOver(state);
}

async function take(state: State, entry: JournalEntry): Promise<void> {
  if (state.head === undefined) {
    if (!entry.records.some(({ facts }) => isInHistory(facts))) return;
    const spare = state.sealer.takeSpare();
    state.head = beginHead(state.context, entry.position, state.ordinal, spare);
  }
  const { head } = state;
  if (head.records.waiting() > 1) await head.records.drain();
  takeEntry(head, entry);
  state.ordinal = head.ordinal + head.count;
}

function isFull({ context: { limits }, journalBytes, head }: State): boolean {
  const enough = journalBytes >= limits.journalBytesMax;
  return enough || (head !== undefined && isHeadFull(head, limits));
}

/** Makes room: the head begins to become a segment, once the one before has become one. */
async function turnOver(state: State): Promise<void> {
  await state.sealer.finish();
  if (state.head === undefined) await passOver(state);
  else state.sealer.begin(state.head);
  state.head = undefined;
  state.journalBytes = 0;
}

/** Nothing of the journal up to `next` is history. */
async function passOver(state: State): Promise<void> {
  const { context, next, durable, ordinal } = state;
  if (next === undefined || next === durable?.through) return;
  const reached = { through: next, ordinal };
  await context.checkpoint(reached);
  state.durable = reached;
}

async function close(state: State): Promise<void> {
  const { sealer, context } = state;
  state.closed = true;
  try {
    await sealer.finish();
    // Few records are left to the journal: a segment for each restart would be many.
    const { head } = state;
    if (head === undefined || head.count >= context.limits.headRecordsMax / 8) {
      await turnOver(state);
    }
    await sealer.finish();
  } finally {
    for (const left of headsOf(state)) await left.records.discard();
    state.head = undefined;
  }
}

function headsOf({ sealer, head }: State): Head[] {
  return [sealer.head(), head].filter((each) => each !== undefined);
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
