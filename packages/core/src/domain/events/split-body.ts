import { type Refusal, refuse } from '../refusal.ts';
import type { ScannedRecord } from './scanner/record-scanner.ts';

/** Where one record's JSON text lies in the body: `[start, end)`, not yet checked. */
export interface ElementSpan {
  readonly start: number;
  readonly end: number;
  /** What the fast scanner found there, if it took the record. */
  readonly scanned: ScannedRecord | undefined;
}

export type BodyRefusal = Refusal<'InvalidRecordsException'>;

/** Elements in one body. A body of the smallest records that fits in 64 MiB has fewer. */
export const elementsMax = 500_000;

/**
 * Finds the records of a body: `{"Records":[...]}` (other members are ignored), a JSON array,
 * NDJSON (blank lines are fine) or one record. Records that `scan` does not take are only looked at
 * for brackets and strings here, so that one that is not JSON is refused on its own.
 */
export function splitBody(body: Buffer, scan: Scan): readonly ElementSpan[] | BodyRefusal {
  const begin = skipSpace(body, startsWithBom(body) ? 3 : 0);
  if (begin === body.length) return no('The body is empty: it must hold at least one record.');
  if (body[begin] === bracketOpen) return endOfBody(body, arrayElements(body, begin, scan));
  if (body[begin] !== braceOpen) {
    return no(`Expected { or [ at byte ${begin}: the body must be records in JSON or NDJSON.`);
  }
  return logFile(body, begin, scan) ?? objects(body, begin, scan);
}

type Scan = (at: number) => ScannedRecord | undefined;

/** A body that is `{"Records":[...]}` and nothing more, as log files are; undefined if not. */
function logFile(body: Buffer, begin: number, scan: Scan): readonly ElementSpan[] | undefined {
  const head = /^\{[ \t\r\n]*"Records"[ \t\r\n]*:[ \t\r\n]*\[/;
  const opening = head.exec(body.toString('latin1', begin, begin + 64))?.[0].length;
  if (opening === undefined) return undefined;
  const found = arrayElements(body, begin + opening - 1, scan);
  if ('refused' in found) return undefined;
  const close = skipSpace(body, found.end);
  if (body[close] !== braceClose || skipSpace(body, close + 1) < body.length) return undefined;
  return found.spans;
}

function objects(body: Buffer, begin: number, scan: Scan): readonly ElementSpan[] | BodyRefusal {
  const scanned = scan(begin);
  const end = scanned?.end ?? skipValue(body, begin);
  if (end === undefined || skipSpace(body, end) < body.length) return lines(body, begin, end, scan);
  if (scanned !== undefined) return [{ start: begin, end, scanned }];
  const records = recordsMember(body, begin, end);
  if (records === undefined) return [{ start: begin, end, scanned }];
  if (typeof records !== 'number') return records;
  if (body[records] !== bracketOpen) {
    return no(`The member Records is not an array (byte ${records}).`);
  }
  const found = arrayElements(body, records, scan);
  return 'refused' in found ? found : found.spans;
}

interface Elements {
  readonly spans: ElementSpan[];
  readonly end: number;
}

function endOfBody(body: Buffer, found: Elements | BodyRefusal): ElementSpan[] | BodyRefusal {
  if ('refused' in found) return found;
  const rest = skipSpace(body, found.end);
  if (rest < body.length) return no(`Unexpected data after the array at byte ${rest}.`);
  return found.spans;
}

function arrayElements(body: Buffer, open: number, scan: Scan): Elements | BodyRefusal {
  const spans: ElementSpan[] = [];
  let at = skipSpace(body, open + 1);
  if (body[at] === bracketClose) return { spans, end: at + 1 };
  while (at < body.length) {
    const scanned = scan(at);
    const end = scanned?.end ?? skipValue(body, at);
    if (end === undefined) return no(`The record at byte ${at} does not end.`);
    if (end === at) return no(`Expected a record at byte ${at}.`);
    if (spans.length === elementsMax) return tooMany();
    spans.push({ start: at, end, scanned });
    at = skipSpace(body, end);
    if (body[at] === bracketClose) return { spans, end: at + 1 };
    if (body[at] !== comma) break;
    at = skipSpace(body, at + 1);
  }
  return no(
    at < body.length
      ? `Expected , or ] at byte ${at}.`
      : `The body ends at byte ${at}, inside the array of records.`,
  );
}

/** One record a line. Only taken when the second line begins a record too: a broken JSON document
 * is refused as a whole and not line by line. */
function lines(
  body: Buffer,
  begin: number,
  firstEnd: number | undefined,
  scan: Scan,
): ElementSpan[] | BodyRefusal {
  const spans: ElementSpan[] = [];
  for (let at = begin; at < body.length; ) {
    const start = skipSpace(body, at);
    if (start === body.length) break;
    if (spans.length === 1 && body[start] !== braceOpen) return notLines(body, start, firstEnd);
    if (spans.length === elementsMax) return tooMany();
    const scanned = scan(start);
    const newline = body.indexOf(lineFeed, scanned?.end ?? start);
    const lineEnd = newline === -1 ? body.length : newline;
    const end = trimEnd(body, start, lineEnd);
    spans.push({ start, end, scanned: scanned?.end === end ? scanned : undefined });
    at = lineEnd + 1;
  }
  return spans.length > 1 ? spans : notLines(body, begin, firstEnd);
}

function notLines(body: Buffer, at: number, firstEnd: number | undefined): BodyRefusal {
  if (firstEnd === undefined) return no(`The JSON object at byte ${at} does not end.`);
  return no(`Unexpected data after the JSON object at byte ${skipSpace(body, firstEnd)}.`);
}

/** The offset of the value of `Records`; undefined when the object has no such member. */
function recordsMember(body: Buffer, open: number, end: number): number | undefined | BodyRefusal {
  let found: number | undefined;
  let at = skipSpace(body, open + 1);
  while (at < end - 1 && body[at] === quote) {
    const keyEnd = skipString(body, at);
    if (keyEnd === undefined) return undefined;
    const colonAt = skipSpace(body, keyEnd);
    if (body[colonAt] !== colon) return undefined;
    const value = skipSpace(body, colonAt + 1);
    if (body.toString('latin1', at, keyEnd) === '"Records"') {
      if (found !== undefined) return no(`The member Records is there twice (byte ${at}).`);
      found = value;
    }
    const valueEnd = skipValue(body, value);
    if (valueEnd === undefined || valueEnd === value) return undefined;
    at = skipSpace(body, valueEnd);
    if (body[at] === comma) at = skipSpace(body, at + 1);
  }
  return found;
}

/**
 * The end of the value at `at`, by brackets and strings alone; `at` itself when no value can begin
 * here; undefined when the value does not end.
 */
function skipValue(body: Buffer, at: number): number | undefined {
  const first = body[at];
  if (first === quote) return skipString(body, at);
  if (first !== braceOpen && first !== bracketOpen) return skipScalar(body, at);
  let depth = 0;
  for (let i = at; i < body.length; i++) {
    const c = body[i];
    if (c === quote) {
      const end = skipString(body, i);
      if (end === undefined) return undefined;
      i = end - 1;
    } else if (c === braceOpen || c === bracketOpen) depth++;
    else if (c === braceClose || c === bracketClose) {
      depth--;
      if (depth === 0) return i + 1;
    }
  }
  return undefined;
}

function skipString(body: Buffer, open: number): number | undefined {
  for (let i = open + 1; i < body.length; i++) {
    const c = body[i];
    if (c === backslash) i++;
    else if (c === quote) return i + 1;
  }
  return undefined;
}

function skipScalar(body: Buffer, at: number): number {
  let i = at;
  while (i < body.length) {
    const c = body[i]!;
    if (c === comma || c === bracketClose || c === braceClose || isSpace(c)) break;
    i++;
  }
  return i;
}

function skipSpace(body: Buffer, at: number, end: number = body.length): number {
  let i = at;
  while (i < end && isSpace(body[i]!)) i++;
  return i;
}

function trimEnd(body: Buffer, start: number, end: number): number {
  let i = end;
  while (i > start && isSpace(body[i - 1]!)) i--;
  return i;
}

function isSpace(c: number): boolean {
  return c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;
}

/** Editors on Windows put one there; RFC 8259 lets a reader pass over it. */
function startsWithBom(body: Buffer): boolean {
  return body.length >= 3 && body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
}

function tooMany(): BodyRefusal {
  return no(`The body holds more than ${elementsMax} records; send it in parts.`);
}

function no(message: string): BodyRefusal {
  return refuse('InvalidRecordsException', message);
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const bracketOpen = 0x5b;
const bracketClose = 0x5d;
const braceOpen = 0x7b;
const braceClose = 0x7d;
const lineFeed = 0x0a;
