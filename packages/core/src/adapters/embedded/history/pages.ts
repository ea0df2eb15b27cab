import { closeSync, openSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { readAll } from './positional-io.ts';
import { pageCount, pageEnd, pageStart, type Segment } from './segment-format.ts';

/** Pages of segments, every one checked against its checksum when it comes from the disk. */
export interface Pages {
  page(segment: Segment, page: number): Page;
  /** The same, without keeping others waiting for the disk: for what is seldom in the page cache. */
  pageLater(segment: Segment, page: number): Page | Promise<Page>;
  /** Must be told before a segment's file goes. */
  forget(segment: Segment): void;
  close(): void;
}

export interface Page {
  /** In the file. */
  readonly start: number;
  readonly bytes: Buffer;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
}

interface OpenFile {
  readonly fd: number;
  readonly checksums: Uint32Array;
  /** Reads under way: the descriptor must not become another file's meanwhile. */
  reads: number;
  closed: boolean;
}

/** 256 files at once; their checksums take 8 MB. */
const openFilesMax = 256;
/** 16 MB of pages of sections, and 8 MB of records. */
const sectionPagesMax = 4096;
const recordPagesMax = 512;
/** More pages than a file has: 2^24 of them are 256 GB. */
const pagesPerKey = 2 ** 24;

const readAsync = promisify(read);

export function verifiedPages(): Pages {
  const files = openFiles();
  const sectionPages = generations<Page>(sectionPagesMax);
  const recordPages = generations<Page>(recordPagesMax);
  const loading = new Map<number, Promise<Page>>();

  function cacheOf(segment: Segment, number: number) {
    return pageStart(segment, number) < segment.sections.times ? recordPages : sectionPages;
  }

  function page(segment: Segment, number: number): Page {
    const cache = cacheOf(segment, number);
    const key = segment.key * pagesPerKey + number;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const file = files.of(segment);
    const bytes = emptyPage(segment, number);
    readAll(file.fd, bytes, pageStart(segment, number));
    const fresh = checked(segment, file, number, bytes);
    cache.set(key, fresh);
    return fresh;
  }

  function pageLater(segment: Segment, number: number): Page | Promise<Page> {
    const key = segment.key * pagesPerKey + number;
    const known = cacheOf(segment, number).get(key) ?? loading.get(key);
    if (known !== undefined) return known;
    const load = loadPage(segment, number, key).finally(() => loading.delete(key));
    loading.set(key, load);
    return load;
  }

  async function loadPage(segment: Segment, number: number, key: number): Promise<Page> {
    const file = files.of(segment);
    const bytes = emptyPage(segment, number);
    file.reads += 1;
    try {
      const { bytesRead } = await readAsync(
        file.fd,
        bytes,
        0,
        bytes.length,
        pageStart(segment, number),
      );
      if (bytesRead < bytes.length) throw new Error(`${segment.path} is shorter than it was`);
    } finally {
      file.reads -= 1;
      if (file.closed && file.reads === 0) closeSync(file.fd);
    }
    const fresh = checked(segment, file, number, bytes);
    cacheOf(segment, number).set(key, fresh);
    return fresh;
  }

  return { page, pageLater, forget: files.forget, close: files.close };
}

function openFiles() {
  /** In the order of opening. */
  const files = new Map<number, OpenFile>();

  function of(segment: Segment): OpenFile {
    const known = files.get(segment.key);
    if (known !== undefined) return known;
    for (const oldest of files.keys()) {
      if (files.size < openFilesMax) break;
      drop(oldest);
    }
    const file = openFile(segment);
    files.set(segment.key, file);
    return file;
  }

  function drop(key: number): void {
    const file = files.get(key);
    if (file === undefined) return;
    files.delete(key);
    file.closed = true;
    if (file.reads === 0) closeSync(file.fd);
  }

  return {
    of,
    forget: (segment: Segment) => drop(segment.key),
    close: () => {
      for (const key of [...files.keys()]) drop(key);
    },
  };
}

function openFile(segment: Segment): OpenFile {
  const fd = openSync(segment.path, 'r');
  try {
    const bytes = Buffer.from(new ArrayBuffer(pageCount(segment) * 4));
    readAll(fd, bytes, segment.sections.end);
    if (crc32(bytes) !== segment.checksum) throw damaged(segment, 'its checksums');
    return { fd, checksums: new Uint32Array(bytes.buffer), reads: 0, closed: false };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function emptyPage(segment: Segment, number: number): Buffer<ArrayBuffer> {
  return Buffer.from(new ArrayBuffer(pageEnd(segment, number) - pageStart(segment, number)));
}

function checked(
  segment: Segment,
  file: OpenFile,
  number: number,
  bytes: Buffer<ArrayBuffer>,
): Page {
  if (crc32(bytes) !== file.checksums[number]) throw damaged(segment, `page ${number}`);
  // Sections are padded to 8 bytes, and so is every page.
  const { buffer } = bytes;
  const start = pageStart(segment, number);
  return { start, bytes, u32: new Uint32Array(buffer), f64: new Float64Array(buffer) };
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
