/**
 * One record's JSON text, checked: well-formed JSON, valid UTF-8, no lone surrogates, no member
 * twice where we read it, nesting within bounds. The slow and plain way; every record that the
 * fast scanner does not take comes here.
 */
export interface RecordText {
  /** Compact: no white space outside strings. */
  readonly text: string;
  /** Whether `text` is byte for byte what was given. */
  readonly asGiven: boolean;
  readonly value: Readonly<Record<string, unknown>>;
  readonly members: ReadonlyMap<string, MemberSpan>;
}

/** Offsets into the text, in UTF-16 units. */
export interface MemberSpan {
  readonly keyStart: number;
  readonly start: number;
  readonly end: number;
}

/** Why a record is not taken: a code for programs and a sentence for people. */
export interface Rejection {
  readonly code: RejectionCode;
  readonly message: string;
}

export type RejectionCode =
  | 'InvalidUtf8'
  | 'InvalidJson'
  | 'NotAnObject'
  | 'TooDeep'
  | 'DuplicateKey'
  | 'UnsafeKey'
  | 'LoneSurrogate'
  | 'NumberOutOfRange'
  | 'MissingField'
  | 'InvalidField'
  | 'InvalidEventTime'
  | 'EventTimeInFuture'
  | 'EventTooLarge'
  | 'AccessDenied';

/** Deeper than any record seen (12), shallow enough for recursive readers downstream. */
export const nestingMax = 64;

export function readRecordText(bytes: Buffer, start: number, end: number): RecordText | Rejection {
  const given = decodeUtf8(bytes, start, end);
  if (given === undefined) return reject('InvalidUtf8', 'The record is not valid UTF-8.');
  let value: unknown;
  try {
    value = JSON.parse(given);
  } catch (error) {
    return reject('InvalidJson', `The record is not valid JSON${whereOf(error as Error)}.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return reject('NotAnObject', 'The record is not a JSON object.');
  }
  const text = withoutSpace(given);
  const members = readMembers(text);
  if ('code' in members) return members;
  const record = value as Readonly<Record<string, unknown>>;
  return { text, asGiven: text.length === given.length, value: record, members };
}

export function reject(code: RejectionCode, message: string): Rejection {
  return { code, message };
}

function decodeUtf8(bytes: Buffer, start: number, end: number): string | undefined {
  try {
    return utf8.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Only the place: the parser's own sentence quotes the record, and goes to logs and terminals. */
function whereOf(error: Error): string {
  const at = /position (\d+)/.exec(error.message);
  return at === null ? '' : ` (character ${at[1]})`;
}

/** The text without white space outside strings. Numbers and escapes stay as they were written. */
function withoutSpace(json: string): string {
  if (!/[ \t\r\n]/.test(json)) return json;
  let out = '';
  let from = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const c = json.charCodeAt(i);
    if (c === backslash) i++;
    else if (c === quote) inString = !inString;
    else if (!inString && c <= 0x20) {
      out += json.slice(from, i);
      from = i + 1;
    }
  }
  return from === 0 ? json : out + json.slice(from);
}

interface Walk {
  readonly json: string;
  readonly members: Map<string, MemberSpan>;
  at: number;
  rejection: Rejection | undefined;
}

/** Walks over JSON that is known to be well-formed, compact, and an object. */
function readMembers(json: string): ReadonlyMap<string, MemberSpan> | Rejection {
  const walk: Walk = { json, members: new Map(), at: 0, rejection: undefined };
  walkObject(walk, 1, 'record');
  return walk.rejection ?? walk.members;
}

/** Places whose names we look at: a member twice there would make two readers see two records. */
type Place = 'record' | 'userIdentity' | 'resources' | 'resource' | 'elsewhere';

function walkObject(walk: Walk, depth: number, place: Place): void {
  const seen = place === 'elsewhere' ? undefined : new Set<string>();
  walk.at++;
  if (walk.json.charCodeAt(walk.at) === braceClose) {
    walk.at++;
    return;
  }
  do {
    const keyStart = walk.at;
    const key = walkKey(walk);
    if (key === '__proto__') fail(walk, 'UnsafeKey', 'A member is named __proto__.');
    if (seen?.has(key)) fail(walk, 'DuplicateKey', `The member ${quoted(key)} is there twice.`);
    seen?.add(key);
    const start = walk.at;
    walkValue(walk, depth, placeOf(key, place));
    if (place === 'record') walk.members.set(key, { keyStart, start, end: walk.at });
  } while (walk.rejection === undefined && walk.json.charCodeAt(walk.at++) === comma);
}

function placeOf(key: string, parent: Place): Place {
  if (parent !== 'record') return 'elsewhere';
  return key === 'userIdentity' || key === 'resources' ? key : 'elsewhere';
}

function walkArray(walk: Walk, depth: number, place: Place): void {
  walk.at++;
  if (walk.json.charCodeAt(walk.at) === bracketClose) {
    walk.at++;
    return;
  }
  const inner = place === 'resources' ? 'resource' : 'elsewhere';
  do {
    walkValue(walk, depth, inner);
  } while (walk.rejection === undefined && walk.json.charCodeAt(walk.at++) === comma);
}

function walkValue(walk: Walk, depth: number, place: Place): void {
  const c = walk.json.charCodeAt(walk.at);
  if (c === quote) walkString(walk);
  else if (c === braceOpen || c === bracketOpen) {
    if (depth === nestingMax) {
      fail(walk, 'TooDeep', `The record is nested more than ${nestingMax} levels deep.`);
    } else if (c === braceOpen) walkObject(walk, depth + 1, place);
    else walkArray(walk, depth + 1, place);
  } else walkScalar(walk);
}

/** The key at the walk's place; leaves the walk at the value. */
function walkKey(walk: Walk): string {
  const from = walk.at;
  walkString(walk);
  const key = walk.json.slice(from, walk.at);
  walk.at++;
  return key.includes('\\') ? (JSON.parse(key) as string) : key.slice(1, -1);
}

function walkString(walk: Walk): void {
  const { json } = walk;
  let i = walk.at + 1;
  for (let c = json.charCodeAt(i); c !== quote; c = json.charCodeAt(i)) {
    if (c !== backslash) i++;
    else if (json.charCodeAt(i + 1) !== letterU) i += 2;
    else i = walkEscape(walk, i);
  }
  walk.at = i + 1;
}

/** Past a `\uXXXX`, or past two when they are a surrogate pair. */
function walkEscape(walk: Walk, at: number): number {
  const unit = Number.parseInt(walk.json.slice(at + 2, at + 6), 16);
  if (unit < 0xd800 || unit > 0xdfff) return at + 6;
  const low = /^\\u[dD][c-fC-F]/.test(walk.json.slice(at + 6, at + 10));
  if (unit < 0xdc00 && low) return at + 12;
  fail(walk, 'LoneSurrogate', 'A string holds half of a surrogate pair.');
  return at + 6;
}

function walkScalar(walk: Walk): void {
  const from = walk.at;
  for (let c = walk.json.charCodeAt(walk.at); ; c = walk.json.charCodeAt(++walk.at)) {
    if (c === comma || c === braceClose || c === bracketClose || Number.isNaN(c)) break;
  }
  const text = walk.json.slice(from, walk.at);
  if (/^[-\d]/.test(text) && !Number.isFinite(Number(text))) {
    fail(walk, 'NumberOutOfRange', `The number ${text.slice(0, 40)} is too large.`);
  }
}

function fail(walk: Walk, code: RejectionCode, message: string): void {
  walk.rejection ??= reject(code, message);
}

/** A member's name in a sentence: short, and harmless on a terminal. */
function quoted(key: string): string {
  return JSON.stringify(key.slice(0, 64));
}

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const bracketOpen = 0x5b;
const bracketClose = 0x5d;
const braceOpen = 0x7b;
const braceClose = 0x7d;
const letterU = 0x75;
