import { type FoundFile, findFiles } from './find-files.ts';
import { eventTimeOf, prepareRecord, type RecordChanges } from './prepare-record.ts';
import { readRecordFile } from './read-record-file.ts';
import { type BatchSender, batchSender, type SendFailure } from './send-batches.ts';
import { serverTime } from './server-time.ts';

export interface ReplayOptions {
  /** Files, folders and patterns. */
  readonly files: readonly string[];
  /** Such as `http://127.0.0.1:4710`. */
  readonly endpoint: string;
  /**
   * Moves all eventTimes by one span, so that the newest becomes the server's present or the given
   * time (milliseconds since the epoch). The files are read twice.
   */
  readonly shiftTo?: 'now' | number;
  readonly newIds?: boolean;
  readonly account?: string;
  /** Records in a request, 500 at most. */
  readonly batchRecords?: number;
  readonly inFlightMax?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly onProgress?: (progress: ReplayProgress) => void;
  readonly fetch?: typeof fetch;
  readonly wait?: (milliseconds: number) => Promise<void>;
}

export interface ReplayProgress {
  /** `scan`: looking for the newest eventTime. */
  readonly phase: 'scan' | 'send';
  /** Read in `scan`, answered for in `send`. */
  readonly records: number;
  readonly bytesRead: number;
  readonly bytesTotal: number;
}

export interface ReplayResult {
  /** Records that the server answered for: accepted, duplicates and those that it rejected. */
  readonly sent: number;
  readonly accepted: number;
  readonly duplicates: number;
  /** By the server, and those that were not worth sending because they are no JSON. */
  readonly rejected: number;
  readonly files: number;
  /** The first twenty of the rejected. */
  readonly rejections: readonly RecordRejection[];
  readonly unreadable: readonly { readonly file: string; readonly message: string }[];
  /** How far eventTimes were moved, in milliseconds. */
  readonly shiftMilliseconds: number;
  /** Why the rest was not sent. */
  readonly stopped?: SendFailure;
}

export interface RecordRejection {
  readonly file: string;
  /** Counted from 0 in the file. */
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

/** Sends the records of files to a server. Memory stays bounded, whatever the files' size. */
export async function replayFiles(options: ReplayOptions): Promise<ReplayResult> {
  const found = await findFiles(options.files);
  const replay = newReplay(options, found.files);
  replay.unreadable.push(...found.problems);
  const shift = await shiftOf(replay);
  if (typeof shift !== 'number') return resultOf(replay, 0, shift);
  const { newIds = false, account } = options;
  const stopped = await sendAll(replay, { shiftMilliseconds: shift, newIds, account });
  return resultOf(replay, shift, stopped);
}

/** 0: everything is in the server. 1: some records were rejected. 2: not everything was sent. */
export function replayExitCode(result: ReplayResult): 0 | 1 | 2 {
  if (result.stopped !== undefined || result.unreadable.length > 0) return 2;
  return result.rejected > 0 ? 1 : 0;
}

interface Replay {
  readonly options: ReplayOptions;
  readonly found: readonly FoundFile[];
  readonly unreadable: { file: string; message: string }[];
  readonly rejections: RecordRejection[];
  readonly bytesTotal: number;
  bytesRead: number;
  scanned: number;
  accepted: number;
  duplicates: number;
  /** Rejected by the server, and by ourselves. */
  refused: number;
  unsendable: number;
}

const rejectionsShown = 20;
const batchRecordsMax = 500;
const batchBytesMax = 4 * 1024 * 1024;

function newReplay(options: ReplayOptions, found: readonly FoundFile[]): Replay {
  const bytesTotal = found.reduce((sum, file) => sum + file.bytes, 0);
  return {
    options,
    found,
    unreadable: [],
    rejections: [],
    bytesTotal,
    bytesRead: 0,
    scanned: 0,
    accepted: 0,
    duplicates: 0,
    refused: 0,
    unsendable: 0,
  };
}

function resultOf(replay: Replay, shift: number, stopped: SendFailure | undefined): ReplayResult {
  const { accepted, duplicates, refused, unsendable } = replay;
  return {
    sent: accepted + duplicates + refused,
    accepted,
    duplicates,
    rejected: refused + unsendable,
    files: replay.found.length,
    rejections: replay.rejections,
    unreadable: replay.unreadable,
    shiftMilliseconds: shift,
    ...(stopped && { stopped }),
  };
}

/** Whole seconds, as eventTimes have no more; 0 when nothing is to be moved. */
async function shiftOf(replay: Replay): Promise<number | SendFailure> {
  const { shiftTo } = replay.options;
  if (shiftTo === undefined) return 0;
  const present = shiftTo === 'now' ? await serverTime(replay.options) : shiftTo;
  if (typeof present !== 'number') return present;
  let newest = Number.NEGATIVE_INFINITY;
  for (const { path } of replay.found) {
    try {
      for await (const items of readRecordFile(path, (bytes) => readBytes(replay, bytes, 'scan'))) {
        for (const item of items) newest = Math.max(newest, eventTimeOf(item) ?? newest);
        replay.scanned += items.length;
      }
    } catch {
      // Read again to be sent, the file fails again, and is reported then.
    }
  }
  replay.bytesRead = 0;
  return Number.isFinite(newest) ? Math.floor((present - newest) / 1000) * 1000 : 0;
}

async function sendAll(replay: Replay, changes: RecordChanges): Promise<SendFailure | undefined> {
  const { options } = replay;
  const sender = batchSender(options);
  const batch = batchFor(replay, sender);
  let going = true;
  for (const { path } of replay.found) {
    try {
      for await (const items of readRecordFile(path, (bytes) => readBytes(replay, bytes, 'send'))) {
        for (const item of items) {
          const record = prepareRecord(item, changes);
          if ('text' in record) going = await batch.add(path, record.index, record.text);
          else reject(replay, { file: path, ...record });
          if (!going) break;
        }
        if (!going) break;
      }
    } catch (error) {
      replay.unreadable.push({ file: path, message: (error as Error).message });
    }
    if (!going) break;
  }
  if (going) await batch.flush();
  return sender.finish();
}

/** Gathers records into batches; a batch may hold records of several files. */
function batchFor(replay: Replay, sender: BatchSender) {
  const recordsMax = Math.min(replay.options.batchRecords ?? batchRecordsMax, batchRecordsMax);
  let texts: string[] = [];
  let places: { file: string; index: number }[] = [];
  let bytes = 0;

  async function flush(): Promise<boolean> {
    if (texts.length === 0) return true;
    const sending = { texts, places };
    texts = [];
    places = [];
    bytes = 0;
    return sender.send({
      texts: sending.texts,
      onAnswer({ accepted, duplicates, rejected }) {
        replay.accepted += accepted;
        replay.duplicates += duplicates;
        replay.refused += rejected.length;
        for (const { index, code, message } of rejected) {
          const place = sending.places[index] ?? { file: '?', index };
          show(replay, { ...place, code, message });
        }
        report(replay, 'send');
      },
    });
  }

  return {
    flush,
    async add(file: string, index: number, text: string): Promise<boolean> {
      const size = Buffer.byteLength(text) + 1;
      const full = texts.length >= recordsMax || bytes + size > batchBytesMax;
      if (full && !(await flush())) return false;
      texts.push(text);
      places.push({ file, index });
      bytes += size;
      return true;
    },
  };
}

function reject(replay: Replay, rejection: RecordRejection): void {
  replay.unsendable++;
  show(replay, rejection);
}

function show(replay: Replay, rejection: RecordRejection): void {
  if (replay.rejections.length < rejectionsShown) replay.rejections.push(rejection);
}

function readBytes(replay: Replay, bytes: number, phase: ReplayProgress['phase']): void {
  replay.bytesRead += bytes;
  report(replay, phase);
}

function report(replay: Replay, phase: ReplayProgress['phase']): void {
  const { scanned, accepted, duplicates, refused, unsendable, bytesRead, bytesTotal } = replay;
  const records = phase === 'scan' ? scanned : accepted + duplicates + refused + unsendable;
  replay.options.onProgress?.({ phase, records, bytesRead, bytesTotal });
}
