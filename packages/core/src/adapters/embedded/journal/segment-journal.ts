import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { recordBytesMax } from '../../../domain/events/record.ts';
import type {
  AppendOutcome,
  Journal,
  JournalBatch,
  JournalSlice,
  Position,
} from '../../../ports/journal.ts';
import { writeFileDurably } from '../durable-file.ts';
import { layOutBatch, type WaitingEntry } from './batch-entry.ts';
import { type Disk, hostDisk } from './disk.ts';
import { type EntryHeader, rowsOf, rowWords } from './entry.ts';
import { type GroupWriter, groupWriter } from './group-writer.ts';
import { type Fingerprints, fingerprints } from './id-fingerprint.ts';
import { type IdIndex, openIdIndex } from './id-index.ts';
import { type JournalError, journalError } from './journal-error.ts';
import { parsePosition, positionText } from './position.ts';
import { readSegment } from './read-segment.ts';
import { markRecords, markWords } from './record-marks.ts';
import { type Recovered, recoverLast, walkSegment } from './recover.ts';
import { openSegmentFiles, type SegmentFiles, syncFolder } from './segment-files.ts';
import { type SegmentIds, segmentIds } from './segment-ids.ts';
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
  /** Told when work on the id files failed: it is tried again, and space is given back later. */
  readonly onTrouble?: (error: Error) => void;
  /** The host's own unless a test wants one that fails. */
  readonly disk?: Disk;
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
  let index: IdIndex | undefined;
  let ids: SegmentIds | undefined;
  try {
    const fingerprint = fingerprints(await idKey(folder));
    index = openIdIndex(folder, files.bases[0]!);
    ids = segmentIds(index, options.onTrouble ?? (() => undefined));
    const recovered = await recover(files, index, ids);
    await refuseShortened(folder, recovered.end);
    fs.fdatasyncSync(files.fd);
    const cache = tailCache(options.cacheBytes ?? 40 * mebibyte);
    const writer = openWriter({ files, index, ids, cache, recovered, options });
    const waitingBytesMax = options.waitingBytesMax ?? 64 * mebibyte;
    const rest = { fingerprint, cache, writer, waitingBytesMax, closed: false };
    return journalOf({ folder, files, index, ids, ...rest });
  } catch (error) {
    await ids?.settled();
    index?.close();
    await files.close();
    throw error;
  }
}

function openWriter(parts: {
  readonly files: SegmentFiles;
  readonly index: IdIndex;
  readonly ids: SegmentIds;
  readonly cache: TailCache;
  readonly recovered: Recovered;
  readonly options: SegmentJournalOptions;
}): GroupWriter {
  const { files, index, ids, cache, recovered, options } = parts;
  return groupWriter({
    files,
    disk: options.disk ?? hostDisk,
    end: recovered.end,
    lastCrc: recovered.lastCrc,
    segmentBytes: options.segmentBytes ?? 64 * mebibyte,
    onDurable(at, waiting, entry) {
      ids.note(waiting.rows, entry.acceptedAt);
      cache.add(at, waiting.buffer.length, entry);
    },
    onGivenUp: (waiting) => forgetIds(index, waiting),
    onRolled: (base) => ids.endSegment(base),
    onFailure: options.onFailure ?? (() => undefined),
  });
}

function journalOf(state: State): SegmentJournal {
  const { files, index, writer } = state;
  return {
    shards: async () => [shardName],
    append: (batch) => append(state, batch),
    read: (_, from, bytesMax) => read(state, from, bytesMax),
    end: async () => positionText(writer.end),
    start: async () => positionText(files.bases[0]!),
    // A segment stays until its ids are in a file: a crash before that makes the file from it.
    trim: async (_, position) =>
      files.removeBefore(Math.min(parsePosition(position), index.sealed)),
    close: () => close(state),
  };
}

async function close(state: State): Promise<void> {
  if (state.closed) return;
  state.closed = true;
  await state.writer.idle();
  await state.ids.settled();
  state.index.close();
  await state.files.close();
  await writeFileDurably(join(state.folder, endName), positionText(state.writer.end));
}

const mebibyte = 1024 * 1024;
const shardName = 'journal';

interface State {
  readonly folder: string;
  readonly files: SegmentFiles;
  readonly fingerprint: Fingerprints;
  readonly index: IdIndex;
  readonly ids: SegmentIds;
  readonly cache: TailCache;
  readonly writer: GroupWriter;
  readonly waitingBytesMax: number;
  closed: boolean;
}

/** Everything up to the submission happens in one turn: no other append comes between. */
async function append(state: State, batch: JournalBatch): Promise<readonly AppendOutcome[]> {
  if (state.closed) throw journalError('JournalClosed', 'The journal is closed.');
  const { waitingBytes } = state.writer;
  if (waitingBytes > 0 && waitingBytes + batch.bytes.length > state.waitingBytesMax) {
    throw journalError('JournalBusy', 'Too many records are waiting to be written.');
  }
  for (const { start, end } of batch.records) {
    if (end - start > recordBytesMax) throw new RangeError('A record is larger than 256 KB.');
  }
  const marks = markRecords(batch.bytes, batch.records, state.fingerprint);
  const older = state.index.findOlder(marks, batch.records.length);
  const outcomes: AppendOutcome[] = [];
  const kept: number[] = [];
  for (let i = 0; i < batch.records.length; i++) {
    const outcome = claimId(state.index, marks, older[i]!, kept.length, i);
    if (outcome === 'accepted') kept.push(i);
    outcomes.push(outcome);
  }
  // A duplicate may be one of a record that still waits: only when that is durable, is it one.
  await state.writer.submit(layOutBatch(batch, kept, marks, allocate));
  return outcomes;
}

const allocate = slabs();

/** Claims the id of mark `from`; when it is new, moves the mark to `to`, among the kept ones. */
function claimId(
  known: IdIndex,
  marks: Uint32Array,
  older: number,
  to: number,
  from: number,
): AppendOutcome {
  const high = marks[from * markWords]!;
  const low = marks[from * markWords + 1]!;
  const digest = marks[from * markWords + 2]!;
  const found = older === -1 ? known.find(high, low) : older;
  if (found !== -1) return found === digest ? 'duplicate' : 'conflict';
  known.insert(high, low, digest);
  marks.copyWithin(to * markWords, from * markWords, (from + 1) * markWords);
  return 'accepted';
}

function forgetIds(known: IdIndex, { rows }: WaitingEntry): void {
  for (let row = 0; row < rows.length; row += rowWords) {
    known.delete(rows[row + 2]!, rows[row + 1]!);
  }
}

/** Finds the end of the log, and the ids of those segments whose ids are in no file yet. */
async function recover(files: SegmentFiles, index: IdIndex, ids: SegmentIds): Promise<Recovered> {
  const learn = (bytes: Buffer, at: number, header: EntryHeader) => {
    const rows = rowsOf(bytes, at, header.recordCount);
    ids.note(rows, header.acceptedAt);
    learnIds(index, rows);
  };
  for (let i = 0; i + 1 < files.bases.length; i++) {
    const limit = files.bases[i + 1]!;
    if (limit <= index.sealed) continue;
    ids.beginSegment(files.bases[i]!);
    const { end } = await walkSegment(files, files.bases[i]!, limit, learn);
    if (end !== limit) {
      throw journalError('JournalCorrupt', `The journal is damaged at position ${end}.`);
    }
    ids.endSegment(limit);
  }
  ids.beginSegment(files.bases[files.bases.length - 1]!);
  return recoverLast(files, learn);
}

function learnIds(known: IdIndex, rows: Uint32Array): void {
  for (let row = 0; row < rows.length; row += rowWords) {
    const high = rows[row + 2]!;
    const low = rows[row + 1]!;
    if (known.find(high, low) === -1) known.insert(high, low, rows[row + 3]!);
  }
}

async function read(state: State, position: Position, bytesMax: number): Promise<JournalSlice> {
  const from = parsePosition(position);
  const { files, writer, cache } = state;
  const end = writer.end;
  if (from < files.bases[0]! || from > end) throw unknown(from);
  if (from === end) return { entries: [], next: positionText(end) };
  const found = cache.from(from, bytesMax) ?? (await readStored(state, from, bytesMax));
  return { entries: found.entries, next: positionText(found.next) };
}

async function readStored(state: State, from: number, bytesMax: number) {
  const { files } = state;
  try {
    return await readSegment(files, segmentOf(state, from), from, bytesMax);
  } catch (error) {
    // It was trimmed while it was being read.
    if (from < files.bases[0]!) throw unknown(from);
    throw error;
  }
}

function unknown(position: number): JournalError {
  return journalError('PositionUnknown', `The journal holds no position ${position}.`);
}

function segmentOf({ files, writer }: State, position: number): { base: number; limit: number } {
  const index = files.bases.findLastIndex((base) => base <= position);
  return { base: files.bases[index]!, limit: files.bases[index + 1] ?? writer.end };
}

/** Where the log ended when it was last closed: it cannot end earlier now. */
const endName = 'end';

async function refuseShortened(folder: string, end: number): Promise<void> {
  const closedAt = await readIfThere(join(folder, endName));
  if (closedAt === undefined || end >= Number(closedAt.toString())) return;
  throw journalError(
    'JournalCorrupt',
    `The journal is damaged at position ${end}: when it was closed it ended at ${closedAt}.`,
  );
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await fs.promises.readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The key of the fingerprints: made once, from then on part of the journal. */
async function idKey(folder: string): Promise<Buffer> {
  const path = join(folder, 'id-key');
  const known = await readIfThere(path);
  if (known?.length === 8) return known;
  if (known !== undefined) {
    throw journalError('JournalCorrupt', `${path} must have 8 bytes and has ${known.length}.`);
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
