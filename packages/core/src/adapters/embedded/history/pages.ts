import { closeSync, openSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { readAll } from './positional-io.ts';
import { checksumsStart, pageBytes, pageCount, type Segment } from './segment-format.ts';

/** Pages of segments, every one checked against its checksum when it comes from the disk. */
export interface Pages {
  page(segment: Segment, page: number): Page;
  /** Must be told before a segment's file goes. */
  forget(segment: Segment): void;
  close(): void;
}

export interface Page {
  readonly bytes: Buffer;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
}

interface OpenFile {
  readonly fd: number;
  readonly checksums: Uint32Array;
}

/** 256 files at once; their checksums take 6 MB. */
const openFilesMax = 256;
/** 16 MB of pages of the index, and 8 MB of records. */
const indexPagesMax = 1024;
const recordPagesMax = 512;
/** More pages than a file has: 2^24 of them are 256 GB. */
const pagesPerKey = 2 ** 24;

export function verifiedPages(): Pages {
  /** In the order of use. */
  const files = new Map<number, OpenFile>();
  const indexPages = generations<Page>(indexPagesMax);
  const recordPages = generations<Page>(recordPagesMax);

  function fileOf(segment: Segment): OpenFile {
    const known = files.get(segment.key);
    if (known !== undefined) return known;
    if (files.size >= openFilesMax) closeOldest();
    const file = openFile(segment);
    files.set(segment.key, file);
    return file;
  }

  function closeOldest(): void {
    for (const [key, file] of files) {
      closeSync(file.fd);
      files.delete(key);
      return;
    }
  }

  function page(segment: Segment, number: number): Page {
    const cache = number * pageBytes < segment.sections.times ? recordPages : indexPages;
    const key = segment.key * pagesPerKey + number;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const fresh = readPage(segment, fileOf(segment), number);
    cache.set(key, fresh);
    return fresh;
  }

  return {
    page,
    forget: (segment) => {
      const file = files.get(segment.key);
      if (file !== undefined) closeSync(file.fd);
      files.delete(segment.key);
    },
    close: () => {
      for (const file of files.values()) closeSync(file.fd);
      files.clear();
    },
  };
}

function openFile(segment: Segment): OpenFile {
  const fd = openSync(segment.path, 'r');
  try {
    const bytes = Buffer.from(new ArrayBuffer(pageCount(segment) * 4));
    readAll(fd, bytes, checksumsStart(segment));
    if (crc32(bytes) !== segment.checksum) throw damaged(segment, 'its checksums');
    return { fd, checksums: new Uint32Array(bytes.buffer) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function readPage(segment: Segment, file: OpenFile, number: number): Page {
  const start = number * pageBytes;
  const bytes = Buffer.from(new ArrayBuffer(Math.min(pageBytes, segment.sections.end - start)));
  readAll(file.fd, bytes, start);
  if (crc32(bytes) !== file.checksums[number]) throw damaged(segment, `page ${number}`);
  const { buffer } = bytes;
  // Sections are padded to 8 bytes, and so is every page.
  return { bytes, u32: new Uint32Array(buffer), f64: new Float64Array(buffer) };
}

function damaged(segment: Segment, what: string): Error {
  return new Error(`the history segment ${segment.path} is damaged: ${what} fails its checksum`);
}

/**
 * A bounded cache that forgets about the half that was not asked for lately: as good as an exact
 * order of use, at the price of a plain Map.
 */
function generations<Value>(max: number) {
  let young = new Map<number, Value>();
  let old = new Map<number, Value>();
  function set(key: number, value: Value): void {
    if (young.size >= max / 2) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  }
  function get(key: number): Value | undefined {
    const fresh = young.get(key);
    if (fresh !== undefined) return fresh;
    const aged = old.get(key);
    if (aged !== undefined) set(key, aged);
    return aged;
  }
  return { get, set };
}
