/** Cuts bytes that come in chunks into records; what it holds between chunks is bounded. */
export interface Splitter {
  /** The problem that makes the rest unreadable, or undefined. */
  push(chunk: Buffer): string | undefined;
  end(): string | undefined;
}

/** One record's bytes, valid until the next chunk; undefined for one that is too long. */
export type Emit = (record: Buffer | undefined) => void;

/** NDJSON: one record a line; blank lines are fine. */
export function lineSplitter(lineBytesMax: number, emit: Emit): Splitter {
  let held: Buffer[] = [];
  let heldBytes = 0;
  function hold(part: Buffer): void {
    heldBytes += part.length;
    if (heldBytes <= lineBytesMax) held.push(part);
    else held = [];
  }
  function endLine(): void {
    const line = held.length === 1 ? held[0]! : Buffer.concat(held);
    if (heldBytes > lineBytesMax) emit(undefined);
    else if (!isBlank(line)) emit(line);
    held = [];
    heldBytes = 0;
  }
  return {
    push(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, from)) {
        hold(chunk.subarray(from, at));
        endLine();
        from = at + 1;
      }
      if (from < chunk.length) hold(chunk.subarray(from));
      return undefined;
    },
    end() {
      if (heldBytes > 0) endLine();
      return undefined;
    },
  };
}

/** Members whose arrays hold records: log files, `lookup-events`, `filter-log-events`, webhooks. */
export const containerNames: readonly string[] = ['Records', 'Events', 'events', 'logEvents'];

/**
 * JSON documents one after another: records, arrays of records, and objects that hold an array of
 * records in a member such as `Records`. Only brackets and strings are looked at; whether a record
 * is JSON is for its reader to say.
 */
export function recordSplitter(recordBytesMax: number, emit: Emit): Splitter {
  const state: State = {
    emit,
    recordBytesMax,
    held: Buffer.alloc(0),
    offset: 0,
    depth: 0,
    frames: [],
    mode: 'between',
    recordStart: 0,
    tooLong: false,
    inString: false,
    escaped: false,
    stringStart: 0,
    lastString: '',
    problem: undefined,
  };
  return {
    push: (chunk) => scan(state, chunk),
    end() {
      if (state.problem === undefined && state.depth > 0) {
        const inside = state.mode === 'record' ? 'a record' : 'an array of records';
        state.problem = `the file ends inside ${inside}`;
      }
      return state.problem;
    },
  };
}

interface State {
  readonly emit: Emit;
  readonly recordBytesMax: number;
  /** What is kept of earlier chunks: the record that is not complete yet. */
  held: Buffer;
  /** Of the first held byte, from the beginning of the file; so are the other places below. */
  offset: number;
  depth: number;
  readonly frames: Frame[];
  mode: 'between' | 'record' | 'rest';
  recordStart: number;
  tooLong: boolean;
  inString: boolean;
  escaped: boolean;
  stringStart: number;
  /** The last string at the record's own level: the key, when an array opens there. */
  lastString: string;
  problem: string | undefined;
}

/** `array`: its elements begin at `depth`. `rest`: what follows the records within their object. */
interface Frame {
  readonly kind: 'array' | 'rest';
  readonly depth: number;
}

const framesMax = 16;

function scan(state: State, chunk: Buffer): string | undefined {
  if (state.problem !== undefined) return state.problem;
  const heldBytes = state.held.length;
  const bytes = heldBytes === 0 ? chunk : Buffer.concat([state.held, chunk]);
  for (let i = heldBytes; i < bytes.length && state.problem === undefined; i++) {
    const c = bytes[i]!;
    if (state.inString) inString(state, c, bytes, i);
    else if (c === braceOpen || c === bracketOpen) open(state, c, state.offset + i);
    else if (c === braceClose || c === bracketClose) close(state, c, bytes, i);
    else if (state.mode === 'between') {
      if (!isSpace(c) && c !== comma) unexpected(state, state.offset + i);
    } else if (c === quote) {
      state.inString = true;
      state.stringStart = state.offset + i;
    }
  }
  keep(state, bytes);
  return state.problem;
}

function inString(state: State, c: number, bytes: Buffer, i: number): void {
  if (state.escaped) state.escaped = false;
  else if (c === backslash) state.escaped = true;
  else if (c === quote) {
    state.inString = false;
    if (state.mode !== 'record' || state.tooLong || state.depth !== base(state) + 1) return;
    const start = state.stringStart - state.offset + 1;
    state.lastString = i - start > 16 ? '' : bytes.toString('latin1', start, i);
  }
}

function open(state: State, c: number, at: number): void {
  const top = base(state);
  if (state.mode === 'between') {
    if (c === braceOpen) {
      state.mode = 'record';
      state.recordStart = at;
      state.tooLong = false;
      state.lastString = '';
    } else pushFrame(state, { kind: 'array', depth: state.depth + 1 }, at);
  } else if (
    state.mode === 'record' &&
    c === bracketOpen &&
    state.depth === top + 1 &&
    containerNames.includes(state.lastString)
  ) {
    pushFrame(state, { kind: 'rest', depth: state.depth }, at);
    pushFrame(state, { kind: 'array', depth: state.depth + 1 }, at);
    state.mode = 'between';
  }
  state.depth++;
}

function close(state: State, c: number, bytes: Buffer, i: number): void {
  const frame = state.frames.at(-1);
  if (state.mode === 'between') {
    if (frame?.kind !== 'array' || c !== bracketClose) unexpected(state, state.offset + i);
    state.frames.pop();
    state.mode = state.frames.at(-1)?.kind === 'rest' ? 'rest' : 'between';
    state.depth--;
    return;
  }
  state.depth--;
  if (state.mode === 'rest') {
    if (state.depth >= frame!.depth) return;
    state.frames.pop();
    state.mode = 'between';
  } else if (state.depth === base(state)) {
    const start = state.recordStart - state.offset;
    const fits = !state.tooLong && i + 1 - start <= state.recordBytesMax;
    state.emit(fits ? bytes.subarray(start, i + 1) : undefined);
    state.mode = 'between';
  }
}

/** The depth at which records begin. */
function base(state: State): number {
  const frame = state.frames.at(-1);
  return frame?.kind === 'array' ? frame.depth : 0;
}

function pushFrame(state: State, frame: Frame, at: number): void {
  if (state.frames.length === framesMax) unexpected(state, at);
  else state.frames.push(frame);
}

function unexpected(state: State, at: number): void {
  state.problem = `expected a record at byte ${at}`;
}

function keep(state: State, bytes: Buffer): void {
  const end = state.offset + bytes.length;
  if (state.mode === 'record' && end - state.recordStart > state.recordBytesMax) {
    state.tooLong = true;
  }
  const keepFrom = state.mode === 'record' && !state.tooLong ? state.recordStart : end;
  state.held = bytes.subarray(keepFrom - state.offset);
  state.offset = keepFrom;
}

function isBlank(line: Buffer): boolean {
  return line.every(isSpace);
}

function isSpace(c: number): boolean {
  return c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;
}

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const bracketOpen = 0x5b;
const bracketClose = 0x5d;
const braceOpen = 0x7b;
const braceClose = 0x7d;
const lineFeed = 0x0a;
