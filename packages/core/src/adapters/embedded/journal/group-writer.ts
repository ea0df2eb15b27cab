import type { JournalEntry } from '../../../ports/journal.ts';
import { type WaitingEntry, writtenEntry } from './batch-entry.ts';
import type { Disk } from './disk.ts';
import { sealEntry } from './entry.ts';
import { type JournalError, journalError } from './journal-error.ts';
import type { SegmentFiles } from './segment-files.ts';

/**
 * Writes what waits in groups: all that came while a write was under way goes into the next one,
 * one writev and one fdatasync for all of them.
 */
export interface GroupWriter {
  /** The position after the last durable entry. */
  readonly end: number;
  /** Bytes that wait or are being written. */
  readonly waitingBytes: number;
  /** Resolves when the entries, and all that was submitted before, are durable. */
  submit(entries: readonly WaitingEntry[]): Promise<void>;
  /** Resolves when nothing is waiting or being written. */
  idle(): Promise<void>;
}

export interface GroupWriterOptions {
  readonly files: SegmentFiles;
  readonly disk: Disk;
  readonly end: number;
  readonly lastCrc: number;
  readonly segmentBytes: number;
  /** Called in the order of the log, as soon as the entry is durable. */
  readonly onDurable: (at: number, waiting: WaitingEntry, entry: JournalEntry) => void;
  /** Called for every entry that is given up, before its submitter learns of it. */
  readonly onGivenUp: (waiting: WaitingEntry) => void;
  /** Called when a new segment was begun, at this position. */
  readonly onRolled: (base: number) => void;
  /** Called once, when the disk failed. */
  readonly onFailure: (error: JournalError) => void;
}

interface Submission {
  readonly entries: readonly WaitingEntry[];
  readonly bytes: number;
  /** How many of the entries are durable. */
  written: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface State {
  readonly options: GroupWriterOptions;
  readonly queue: Submission[];
  end: number;
  lastCrc: number;
  waitingBytes: number;
  failed: JournalError | undefined;
  draining: Promise<void> | undefined;
}

export function groupWriter(options: GroupWriterOptions): GroupWriter {
  const { end, lastCrc } = options;
  const state: State = {
    options,
    queue: [],
    end,
    lastCrc,
    waitingBytes: 0,
    failed: undefined,
    draining: undefined,
  };
  return {
    get end() {
      return state.end;
    },
    get waitingBytes() {
      return state.waitingBytes;
    },
    submit: (entries) => submit(state, entries),
    idle: () => state.draining ?? Promise.resolve(),
  };
}

function submit(state: State, entries: readonly WaitingEntry[]): Promise<void> {
  if (state.failed !== undefined) return Promise.reject(state.failed);
  if (entries.length === 0 && state.draining === undefined) return Promise.resolve();
  return new Promise((resolve, reject) => {
    let bytes = 0;
    for (const { buffer } of entries) bytes += buffer.length;
    state.waitingBytes += bytes;
    state.queue.push({ entries, bytes, written: 0, resolve, reject });
    state.draining ??= drain(state);
  });
}

async function drain(state: State): Promise<void> {
  // What is submitted in the same turn joins the first group.
  await undefined;
  while (state.queue.length > 0) {
    const group = takeGroup(state.queue);
    try {
      await writeGroup(state, group);
    } catch (error) {
      giveUp(state, group, error as NodeJS.ErrnoException);
    }
  }
  state.draining = undefined;
}

/** Bounds on one write: bytes, and buffers, of which writev takes 1,024. */
const groupBytesMax = 16 * 1024 * 1024;
const groupBuffersMax = 1_000;

function takeGroup(queue: Submission[]): readonly Submission[] {
  let bytes = 0;
  let buffers = 0;
  let count = 0;
  while (count < queue.length) {
    const next = queue[count]!;
    bytes += next.bytes;
    buffers += next.entries.length;
    if (count > 0 && (bytes > groupBytesMax || buffers > groupBuffersMax)) break;
    count++;
  }
  return queue.splice(0, count);
}

interface Write {
  readonly waiting: WaitingEntry;
  readonly submission: Submission;
}

async function writeGroup(state: State, group: readonly Submission[]): Promise<void> {
  const writes: readonly Write[] = group.flatMap((submission) =>
    submission.entries.map((waiting) => ({ waiting, submission })),
  );
  for (let from = 0; from < writes.length; ) {
    const run = await fitRun(state, writes, from);
    await writeRun(state, run);
    from += run.length;
  }
  // Those without entries of their own, which only waited for what came before them.
  for (const { entries, resolve } of group) if (entries.length === 0) resolve();
}

/** The entries from `from` on that the segment has room for; begins a new segment when full. */
async function fitRun(
  state: State,
  writes: readonly Write[],
  from: number,
): Promise<readonly Write[]> {
  const { files, segmentBytes, onRolled } = state.options;
  const first = writes[from]!.waiting.buffer.length;
  const base = files.bases[files.bases.length - 1]!;
  if (state.end > base && state.end - base + first > segmentBytes) {
    await files.roll(state.end);
    onRolled(state.end);
  }
  let room = segmentBytes - (state.end - files.bases[files.bases.length - 1]!) - first;
  let to = from + 1;
  for (; to < writes.length && to - from < groupBuffersMax; to++) {
    room -= writes[to]!.waiting.buffer.length;
    if (room < 0) break;
  }
  return writes.slice(from, to);
}

async function writeRun(state: State, run: readonly Write[]): Promise<void> {
  const { files, disk, onDurable } = state.options;
  const offset = state.end - files.bases[files.bases.length - 1]!;
  const positions: number[] = [];
  let at = state.end;
  let crc = state.lastCrc;
  for (const { waiting } of run) {
    crc = sealEntry(waiting.buffer, {
      recordBytes: waiting.recordBytes,
      recordCount: waiting.batch.records.length,
      position: at,
      durable: state.end,
      statePosition: waiting.batch.statePosition,
      acceptedAt: waiting.batch.acceptedAt,
      previousCrc: crc,
    });
    positions.push(at);
    at += waiting.buffer.length;
  }
  await writeAll(disk, files.fd, run, offset);
  await disk.sync(files.fd).catch((error) => {
    throw Object.assign(error, { afterSync: true });
  });
  state.end = at;
  state.lastCrc = crc;
  run.forEach(({ waiting, submission }, i) => {
    onDurable(positions[i]!, waiting, writtenEntry(waiting, positions[i]!));
    submission.written++;
    if (submission.written < submission.entries.length) return;
    state.waitingBytes -= submission.bytes;
    submission.resolve();
  });
}

async function writeAll(
  disk: Disk,
  fd: number,
  run: readonly Write[],
  offset: number,
): Promise<void> {
  let buffers: Buffer[] = run.map(({ waiting }) => waiting.buffer);
  let at = offset;
  while (buffers.length > 0) {
    let written = await disk.write(fd, buffers, at);
    if (written === 0) throw new Error('The disk took no bytes.');
    at += written;
    // A short write: go on behind what was taken.
    while (buffers.length > 0 && written >= buffers[0]!.length) {
      written -= buffers[0]!.length;
      buffers = buffers.slice(1);
    }
    if (written > 0) buffers = [buffers[0]!.subarray(written), ...buffers.slice(1)];
  }
}

/**
 * Gives up the group and all that waits behind it: a record there may have been called a duplicate
 * of one in the group. Entries that are durable by then stay. Without room on the disk the next
 * append may do better; after any other error, a failed fsync above all, nothing more is written.
 */
function giveUp(
  state: State,
  group: readonly Submission[],
  cause: NodeJS.ErrnoException & { afterSync?: boolean },
): void {
  const full = (cause.code === 'ENOSPC' || cause.code === 'EDQUOT') && cause.afterSync !== true;
  const error = full
    ? journalError('JournalFull', 'There is no room on the disk for more records.', cause)
    : journalError('JournalFailed', `The journal cannot write: ${cause.message}`, cause);
  const all = [...group, ...state.queue.splice(0)];
  for (const { entries, written } of all) entries.slice(written).forEach(state.options.onGivenUp);
  state.waitingBytes = 0;
  if (!full) {
    state.failed = error;
    state.options.onFailure(error);
  }
  // Rejecting what was resolved already does nothing.
  for (const submission of all) submission.reject(error);
}
