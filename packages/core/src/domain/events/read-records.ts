import type { Refusal } from '../refusal.ts';
import {
  checkSize,
  completeRecord,
  type Edits,
  futureMax,
  lateAddendum,
  lateAfter,
  type ReadContext,
} from './complete-record.ts';
import { type RecordBatch, type RecordFacts, type RecordSpan, recordBytesMax } from './record.ts';
import { factsOf } from './record-facts.ts';
import {
  type RecordText,
  type Rejection,
  type RejectionCode,
  readRecordText,
} from './record-text.ts';
import { type RecordScanner, threadScanner } from './scanner/record-scanner.ts';
import { type BodyRefusal, type ElementSpan, splitBody } from './split-body.ts';

export type { ReadContext } from './complete-record.ts';

export interface ReadRecords {
  /** The records to keep, in the order of the body. May share memory with the body. */
  readonly batch: RecordBatch;
  readonly rejected: readonly RejectedRecord[];
  /** Records in the body: those of the batch and those rejected. */
  readonly total: number;
}

export interface RejectedRecord {
  /** Counted from 0 in the body. */
  readonly index: number;
  readonly code: RejectionCode;
  readonly message: string;
}

/**
 * Reads the records of a request body (not gzipped): `{"Records":[...]}`, a JSON array, NDJSON or
 * one record. Every record is checked and completed on its own; those that cannot be taken are
 * listed and the others go on. A body that is none of these is refused as a whole. Records that
 * need no change keep their bytes.
 */
export function readRecords(body: Buffer, context: ReadContext): ReadRecords | Refusal {
  const scanner = threadScanner();
  scanner.begin(body);
  return readWith(scanner.scan, body, context);
}

/** The same without the fast scanner: what it must agree with. */
export function readRecordsPlainly(body: Buffer, context: ReadContext): ReadRecords | Refusal {
  return readWith(() => undefined, body, context);
}

function readWith(
  scan: RecordScanner['scan'],
  body: Buffer,
  context: ReadContext,
): ReadRecords | Refusal {
  const elements: readonly ElementSpan[] | BodyRefusal = splitBody(body, scan);
  if ('refused' in elements) return elements;
  const mayWriteFor = rememberLast(context.mayWriteFor);
  const pieces: Piece[] = [];
  const rejected: RejectedRecord[] = [];
  for (let index = 0; index < elements.length; index++) {
    const element = elements[index]!;
    const piece =
      takeScanned(element, context.now, mayWriteFor) ??
      readRecord(body, element.start, element.end, context);
    if ('code' in piece) rejected.push({ index, code: piece.code, message: piece.message });
    else pieces.push(piece);
  }
  return { batch: joinPieces(body, pieces), rejected, total: elements.length };
}

/** Records of one request are mostly of one account. */
function rememberLast(ask: (account: string) => boolean): (account: string) => boolean {
  let account: string | undefined;
  let answer = false;
  return (asked) => {
    if (asked !== account) {
      account = asked;
      answer = ask(asked);
    }
    return answer;
  };
}

/** The record as it was scanned, unless the plain way has something to say about it. */
function takeScanned(
  { start, end, scanned }: ElementSpan,
  now: number,
  mayWriteFor: (account: string) => boolean,
): Piece | undefined {
  if (scanned === undefined) return undefined;
  const { facts, hasAddendum } = scanned;
  if (facts.eventTime - now > futureMax || !mayWriteFor(facts.recipientAccountId)) return undefined;
  const late = !hasAddendum && now - facts.eventTime > lateAfter;
  const length = late ? end - start - 1 + lateEnding.length : end - start;
  if (length > recordBytesMax) return undefined;
  return { start, end, replaced: undefined, late, facts };
}

/** What stands in the place of a record's closing brace when the record is late. */
const lateEnding = Buffer.from(`,"addendum":${lateAddendum}}`);

/** A record to keep: a span of the body, or the text that replaces it. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly replaced: Buffer | undefined;
  /** Whether the addendum of a late record is still to be added. */
  readonly late: boolean;
  readonly facts: RecordFacts;
}

function readRecord(
  body: Buffer,
  start: number,
  end: number,
  context: ReadContext,
): Piece | Rejection {
  const record = readRecordText(body, start, end);
  if ('code' in record) return record;
  const completion = completeRecord(record, context);
  if ('code' in completion) return completion;
  const unchanged = record.asGiven && completion.edits.size === 0;
  const replaced = unchanged ? undefined : Buffer.from(applyEdits(record, completion.edits));
  const tooLarge = checkSize(replaced?.length ?? end - start);
  if (tooLarge !== undefined) return tooLarge;
  const facts = factsOf(completion.value, completion.eventTime);
  return { start, end, replaced, late: false, facts };
}

/** The record's text with members replaced, taken out, or added before the closing brace. */
function applyEdits(record: RecordText, edits: Edits): string {
  if (edits.size === 0) return record.text;
  const parts: string[] = [];
  const rest = new Map(edits);
  for (const [name, span] of record.members) {
    const key = record.text.slice(span.keyStart, span.start);
    const kept = record.text.slice(span.start, span.end);
    const value = rest.has(name) ? rest.get(name) : kept;
    if (value !== undefined) parts.push(key + value);
    rest.delete(name);
  }
  for (const [name, value] of rest) {
    if (value !== undefined) parts.push(`${JSON.stringify(name)}:${value}`);
  }
  return `{${parts.join(',')}}`;
}

function joinPieces(body: Buffer, pieces: readonly Piece[]): RecordBatch {
  const first = pieces[0];
  const last = pieces[pieces.length - 1];
  if (first === undefined || last === undefined) return { bytes: Buffer.alloc(0), records: [] };
  if (isRun(body, pieces)) {
    const records = pieces.map((p) => spanOf(p.start - first.start, p.end - first.start, p));
    return { bytes: body.subarray(first.start, last.end), records };
  }
  let length = pieces.length - 1;
  for (const p of pieces) length += pieceLength(p);
  const bytes = Buffer.allocUnsafeSlow(length);
  const records: RecordSpan[] = [];
  let at = 0;
  for (const p of pieces) {
    if (at > 0) bytes[at++] = comma;
    const start = at;
    if (p.replaced !== undefined) at += p.replaced.copy(bytes, at);
    else if (!p.late) at += body.copy(bytes, at, p.start, p.end);
    else {
      at += body.copy(bytes, at, p.start, p.end - 1);
      at += lateEnding.copy(bytes, at);
    }
    records.push(spanOf(start, at, p));
  }
  return { bytes, records };
}

function pieceLength({ start, end, replaced, late }: Piece): number {
  if (replaced !== undefined) return replaced.length;
  return late ? end - start - 1 + lateEnding.length : end - start;
}

/** Whether the pieces stand in the body just as a batch has them, one comma between neighbours. */
function isRun(body: Buffer, pieces: readonly Piece[]): boolean {
  let end = -1;
  for (const p of pieces) {
    if (p.replaced !== undefined || p.late) return false;
    if (end !== -1 && (p.start !== end + 1 || body[end] !== comma)) return false;
    end = p.end;
  }
  return true;
}

function spanOf(start: number, end: number, piece: Piece): RecordSpan {
  return { start, end, facts: piece.facts };
}

const comma = 0x2c;
