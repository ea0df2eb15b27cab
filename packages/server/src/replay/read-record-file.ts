import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { containerNames, lineSplitter, recordSplitter, type Splitter } from './split-records.ts';

/** A record of a file, as text and parsed, or why it is none. `index` counts from 0 in the file. */
export type RecordItem = ReadableRecord | UnreadableRecord;

export interface ReadableRecord {
  readonly index: number;
  readonly text: string;
  readonly value: JsonObject;
}

export interface UnreadableRecord {
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The records of a file of any size, in memory that does not grow with it: NDJSON, JSON arrays,
 * CloudTrail's log files (`{"Records":[...]}`), what `lookup-events` prints; gzipped or not, told
 * by the content. Throws when the file cannot be read, and at the place from which it is no JSON;
 * in NDJSON a broken line is one record that cannot be read.
 */
export async function* readRecordFile(
  path: string,
  onBytesRead: (bytes: number) => void = () => undefined,
): AsyncGenerator<readonly RecordItem[]> {
  let items: RecordItem[] = [];
  let index = 0;
  const splitter = contentSplitter(path, (item) => items.push({ index: index++, ...item }));
  for await (const chunk of plainBytes(path, onBytesRead)) {
    const problem = splitter.push(chunk);
    if (items.length > 0) yield items;
    items = [];
    if (problem !== undefined) throw new Error(problem);
  }
  const problem = splitter.end();
  if (items.length > 0) yield items;
  if (problem !== undefined) throw new Error(problem);
}

type Content = Omit<ReadableRecord, 'index'> | Omit<UnreadableRecord, 'index'>;

/** Longer than any record that the server takes (256 KB), so that it is the server that says so. */
const recordBytesMax = 1024 * 1024;
/** A line may hold a whole log file. */
const lineBytesMax = 16 * 1024 * 1024;
const headBytesMax = 1024 * 1024;
const chunkBytes = 256 * 1024;

/** Waits for the first line, then reads lines or documents, by what that line is. */
function contentSplitter(path: string, take: (content: Content) => void): Splitter {
  let chosen: Splitter | undefined;
  let head = Buffer.alloc(0);
  function choose(): string | undefined {
    chosen = holdsLines(path, head)
      ? lineSplitter(lineBytesMax, (line) => takeLine(line, take))
      : recordSplitter(recordBytesMax, (record) => take(contentOf(record)));
    return chosen.push(head);
  }
  return {
    push(chunk) {
      if (chosen !== undefined) return chosen.push(chunk);
      head = Buffer.from(head.length === 0 ? withoutBom(chunk) : Buffer.concat([head, chunk]));
      return firstLine(head) === undefined && head.length < headBytesMax ? undefined : choose();
    },
    end() {
      return (chosen === undefined ? choose() : undefined) ?? chosen?.end();
    },
  };
}

function holdsLines(path: string, head: Buffer): boolean {
  const content = contentOf(firstLine(head) ?? head);
  if ('value' in content) return !isContainer(content.value);
  return /\.(ndjson|jsonl)(\.gz)?$/.test(path);
}

/** Up to the first line feed after something that is not white space. */
function firstLine(head: Buffer): Buffer | undefined {
  const begin = head.findIndex((c) => c > 0x20);
  const end = begin === -1 ? -1 : head.indexOf(lineFeed, begin);
  return end === -1 ? undefined : head.subarray(begin, end);
}

function takeLine(line: Buffer | undefined, take: (content: Content) => void): void {
  const content = contentOf(line);
  const holdsMore = 'value' in content ? isContainer(content.value) : isArray(line);
  if (line === undefined || !holdsMore) {
    take(content);
    return;
  }
  let found = 0;
  const splitter = recordSplitter(recordBytesMax, (record) => {
    found++;
    take(contentOf(record));
  });
  const problem = splitter.push(line) ?? splitter.end();
  if (problem !== undefined) take({ code: 'InvalidJson', message: `The line: ${problem}.` });
  else if (found === 0 && 'code' in content) take(content);
}

function isArray(line: Buffer | undefined): boolean {
  return line?.find((c) => c > 0x20) === bracketOpen;
}

function isContainer(value: JsonObject): boolean {
  return containerNames.some((name) => Array.isArray(value[name]));
}

function contentOf(bytes: Buffer | undefined): Content {
  if (bytes === undefined) {
    const message = `The record has more than ${recordBytesMax} bytes.`;
    return { code: 'EventTooLarge', message };
  }
  if (!isUtf8(bytes)) return { code: 'InvalidUtf8', message: 'The record is not valid UTF-8.' };
  const text = bytes.toString('utf8').trim();
  return parsed(text);
}

/** The record that a JSON text is. */
export function parsed(text: string): Content {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { code: 'InvalidJson', message: 'The record is not valid JSON.' };
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return { text, value: value as JsonObject };
  }
  return { code: 'NotAnObject', message: 'The record is not a JSON object.' };
}

/** The file's bytes, inflated when they begin as gzip does. */
async function* plainBytes(
  path: string,
  onBytesRead: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let bytesRead = 0;
  const source = createReadStream(path, { highWaterMark: chunkBytes });
  source.on('data', (chunk) => {
    bytesRead += chunk.length;
    onBytesRead(chunk.length);
  });
  source.pause();
  const chunks = source[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>;
  const first = await chunks.next();
  if (first.done) return;
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) {
    yield first.value;
    yield* chunks;
    return;
  }
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  // The error comes out of the iteration below: a failed pipeline destroys its streams with it.
  pipeline(Readable.from(startingWith(first.value, chunks)), gunzip, () => undefined);
  let inflated = 0;
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    inflated += chunk.length;
    if (inflated > Math.max(inflatedBytesFree, bytesRead * inflationMax)) {
      throw new Error(`it inflates to more than ${inflationMax} times its size`);
    }
    yield chunk;
  }
}

/** Log files shrink to a tenth or a twentieth; what shrinks to a 500th is there to fill a disk. */
const inflationMax = 500;
const inflatedBytesFree = 64 * 1024 * 1024;

async function* startingWith(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

function withoutBom(chunk: Buffer): Buffer {
  return chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.subarray(3) : chunk;
}

const lineFeed = 0x0a;
const bracketOpen = 0x5b;
