import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { recordBytesMax } from '../../../domain/events/record.ts';
import type { AppendOutcome, Journal, JournalBatch, JournalSlice } from '../../../ports/journal.ts';
import { layOutBatch, type WaitingEntry } from './batch-entry.ts';
import { type EntryHeader, headerBytes, rowBytes } from './entry.ts';
import { type GroupWriter, groupWriter } from './group-writer.ts';
import { type Fingerprints, fingerprints } from './id-fingerprint.ts';
import { type IdTable, idTable } from './id-table.ts';
import { type JournalError, journalError } from './journal-error.ts';
import { parsePosition, positionText } from './position.ts';
import { readSegment } from './read-segment.ts';
import { markRecords, markWords } from './record-marks.ts';
import { recoverLast, walkSegment } from './recover.ts';
import { openSegmentFiles, type SegmentFiles, syncFolder } from './segment-files.ts';
import { slabs } from './slabs.ts';
import { type TailCache, tailCache } from './tail-cache.ts';

export interface SegmentJournalOptions {
  /** Size at which a new segment file is begun. Space is given back by whole segments. */
  readonly segmentBytes?: number;
  /** The newest entries held in memory for consumers that keep up. */
  readonly cacheBytes?: number;
  /** Bytes that may wait for the disk; appends beyond it are refused with JournalBusy. */
  readonly waitingBytesMax?: number;
  /** Told once when the disk failed: the process should stop. */
  readonly onFailure?: (error: JournalError) => void;
}

export interface SegmentJournal extends Journal {
  /** Waits for what is being written; appends after it are refused. */
  close(): Promise<void>;
}

/**
 * The journal as append-only files in a folder that no other process uses. An append is durable
 * (fdatasync) when it resolves, and shares its write with others that came meanwhile. Errors are
 * JournalErrors; see there for what each means.
 */
export async function segmentJournal(
  folder: string,
  options: SegmentJournalOptions = {},
): Promise<SegmentJournal> {
  const files = await openSegmentFiles(folder);
  const ids = fingerprints(await idKey(folder));
  const known = idTable();
  const learn = (bytes: Buffer, at: number, header: EntryHeader) =>
    learnIds(known, bytes, at, header);
  for (let i = 0; i + 1 < files.bases.length; i++) {
    const { end } = await walkSegment(files, files.bases[i]!, files.bases[i + 1]!, learn);
    if (end !== files.bases[i + 1]!) {
      throw journalError('JournalCorrupt', `The journal is damaged at position ${end}.`);
    }
  }
  const { end, lastCrc } = await recoverLast(files, learn);
  fs.fdatasyncSync(files.fd);
  const cache = tailCache(options.cacheBytes ?? 48 * mebibyte);
  const writer = groupWriter({
    files,
    end,
    lastCrc,
    segmentBytes: options.segmentBytes ?? 64 * mebibyte,
    onDurable: (at, waiting, entry) => cache.add(at, waiting.buffer.length, entry),
    onGivenUp: (waiting) => forgetIds(known, waiting),
    onFailure: options.onFailure ?? (() => undefined),
  });
  const waitingBytesMax = options.waitingBytesMax ?? 64 * mebibyte;
  const state: State = { files, ids, known, cache, writer, waitingBytesMax, closed: false };
  return {
    shards: async () => [shardName],
    append: (batch) => append(state, batch),
    read: (_, from, bytesMax) => read(state, parsePosition(from), bytesMax),
    end: async () => positionText(writer.end),
    start: async () => positionText(files.bases[0]!),
    trim: (_, position) => files.removeBefore(Math.min(parsePosition(position), writer.end)),
    async close() {
      if (state.closed) return;
      state.closed = true;
      await writer.idle();
      await files.close();
    },
  };
}

const mebibyte = 1024 * 1024;
const shardName = 'journal';

interface State {
  readonly files: SegmentFiles;
  readonly ids: Fingerprints;
  readonly known: IdTable;
  readonly cache: TailCache;
  readonly writer: GroupWriter;
  readonly waitingBytesMax: number;
  closed: boolean;
}

/** Everything up to the submission happens in one turn: no other append comes between. */
async function append(state: State, batch: JournalBatch): Promise<readonly AppendOutcome[]> {
  if (state.closed) throw journalError('JournalClosed', 'The journal is closed.');
  if (state.writer.waitingBytes + batch.bytes.length > state.waitingBytesMax) {
    throw journalError('JournalBusy', 'Too many records are waiting to be written.');
  }
  for (const { start, end } of batch.records) {
    if (end - start > recordBytesMax) throw new RangeError('A record is larger than 256 KB.');
  }
  const marks = new Uint32Array(batch.records.length * markWords);
  markRecords(batch.bytes, batch.records, state.ids, marks);
  const outcomes: AppendOutcome[] = [];
  const kept: number[] = [];
  for (let i = 0; i < batch.records.length; i++) {
    const outcome = claimId(state.known, marks, kept.length, i);
    if (outcome === 'accepted') kept.push(i);
    outcomes.push(outcome);
  }
  // A duplicate may be one of a record that still waits: only when that is durable, is it one.
  await state.writer.submit(layOutBatch(batch, kept, marks, allocate));
  return outcomes;
}

const allocate = slabs();

/** Claims the id of mark `from`; when it is new, moves the mark to `to`, among the kept ones. */
function claimId(known: IdTable, marks: Uint32Array, to: number, from: number): AppendOutcome {
  const high = marks[from * markWords]!;
  const low = marks[from * markWords + 1]!;
  const digest = marks[from * markWords + 2]!;
  const found = known.find(high, low);
  if (found !== -1) return found === digest ? 'duplicate' : 'conflict';
  known.insert(high, low, digest);
  marks.copyWithin(to * markWords, from * markWords, (from + 1) * markWords);
  return 'accepted';
}

function forgetIds(known: IdTable, { buffer, batch }: WaitingEntry): void {
  for (let i = 0; i < batch.records.length; i++) {
    const row = headerBytes + i * rowBytes;
    known.delete(buffer.readUInt32LE(row + 8), buffer.readUInt32LE(row + 4));
  }
}

function learnIds(known: IdTable, bytes: Buffer, at: number, header: EntryHeader): void {
  for (let i = 0; i < header.recordCount; i++) {
    const row = at + headerBytes + i * rowBytes;
    const high = bytes.readUInt32LE(row + 8);
    const low = bytes.readUInt32LE(row + 4);
    if (known.find(high, low) === -1) known.insert(high, low, bytes.readUInt32LE(row + 12));
  }
}

async function read(state: State, from: number, bytesMax: number): Promise<JournalSlice> {
  const { files, writer, cache } = state;
  const end = writer.end;
  if (from < files.bases[0]! || from > end) {
    throw journalError('PositionUnknown', `The journal holds no position ${from}.`);
  }
  if (from === end) return { entries: [], next: positionText(end) };
  const cached = cache.from(from, bytesMax);
  const { entries, next } =
    cached ?? (await readSegment(files, segmentOf(state, from), from, bytesMax));
  return { entries, next: positionText(next) };
}

function segmentOf({ files, writer }: State, position: number): { base: number; limit: number } {
  const index = files.bases.findLastIndex((base) => base <= position);
  return { base: files.bases[index]!, limit: files.bases[index + 1] ?? writer.end };
}

/** The key of the fingerprints: made once, from then on part of the journal. */
async function idKey(folder: string): Promise<Buffer> {
  const path = join(folder, 'id-key');
  try {
    const key = await fs.promises.readFile(path);
    if (key.length === 8) return key;
    throw journalError('JournalCorrupt', `${path} must have 8 bytes and has ${key.length}.`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const key = randomBytes(8);
  const handle = await fs.promises.open(`${path}.new`, 'w');
  await handle.writeFile(key);
  await handle.sync();
  await handle.close();
  await fs.promises.rename(`${path}.new`, path);
  await syncFolder(folder);
  return key;
}
