import { closeSync, openSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { crc32 } from '../../../bytes/crc32.ts';
import { readAll } from './positional-io.ts';
import { pageCount, pageEnd, pageStart, type Segment } from './segment-format.ts';

/** Pages of segments, every one checked against its checksum when it comes from the disk. */
export interface Pages {
  page(segment: Segment, page: number): Page;
  /**
   * Pages by their numbers, which ascend. Others do not wait for the disk meanwhile: for records,
   * which are seldom in the page cache. The segment may go before it resolves.
   */
  load(segment: Segment, pages: readonly number[]): Promise<ReadonlyMap<number, Page>>;
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
  uses: number;
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

  function cacheOf(segment: Segment, number: number) {
    return pageStart(segment, number) < segment.sections.times ? recordPages : sectionPages;
  }

  function page(segment: Segment, number: number): Page {
    const cache = cacheOf(segment, number);
    const key = segment.key * pagesPerKey + number;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const file = files.of(segment);
    const bytes = emptyPages(segment, number, number);
    readAll(file.fd, bytes, pageStart(segment, number));
    const fresh = checked(segment, file, number, bytes);
    cache.set(key, fresh);
    return fresh;
  }

  async function load(
    segment: Segment,
    numbers: readonly number[],
  ): Promise<ReadonlyMap<number, Page>> {
    const loaded = new Map<number, Page>();
    const missing: number[] = [];
    for (const number of numbers) {
      const known = cacheOf(segment, number).get(segment.key * pagesPerKey + number);
      if (known === undefined) missing.push(number);
      else loaded.set(number, known);
    }
    if (missing.length === 0) return loaded;
    const runs = await files.use(segment, (file) =>
      Promise.all(runsOf(missing).map((run) => loadRun(segment, file, run))),
    );
    for (const [number, fresh] of runs.flat()) {
      cacheOf(segment, number).set(segment.key * pagesPerKey + number, fresh);
      loaded.set(number, fresh);
    }
    return loaded;
  }

  return { page, load, forget: files.forget, close: files.close };
}

/** Pages side by side are one request to the disk, of 256 KiB at most. */
const pagesInARun = 16;

function runsOf(numbers: readonly number[]): [first: number, last: number][] {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run?.[1] === number - 1 && number - run[0] < pagesInARun) run[1] = number;
    else runs.push([number, number]);
  }
  return runs;
}

async function loadRun(
  segment: Segment,
  file: OpenFile,
  [first, last]: [number, number],
): Promise<[number, Page][]> {
  const start = pageStart(segment, first);
  const bytes = emptyPages(segment, first, last);
  const { bytesRead } = await readAsync(file.fd, bytes, 0, bytes.length, start);
  if (bytesRead < bytes.length) throw new Error(`${segment.path} is shorter than it was`);
  return Array.from({ length: last - first + 1 }, (_, at) => {
    const number = first + at;
    const from = pageStart(segment, number) - start;
    const own = bytes.subarray(from, pageEnd(segment, number) - start);
    return [number, checked(segment, file, number, own)];
  });
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
    if (file.uses === 0) closeSync(file.fd);
  }

  /** The descriptor stays the segment's until the use ends. */
  async function use<Result>(
    segment: Segment,
    work: (file: OpenFile) => Promise<Result>,
  ): Promise<Result> {
    const file = of(segment);
    file.uses += 1;
    try {
      return await work(file);
    } finally {
      file.uses -= 1;
      if (file.closed && file.uses === 0) closeSync(file.fd);
    }
  }

  return {
    of,
    use,
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
    return { fd, checksums: new Uint32Array(bytes.buffer), uses: 0, closed: false };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function emptyPages(segment: Segment, first: number, last: number): Buffer<ArrayBuffer> {
  return Buffer.from(new ArrayBuffer(pageEnd(segment, last) - pageStart(segment, first)));
}

function checked(
  segment: Segment,
  file: OpenFile,
  number: number,
  bytes: Buffer<ArrayBuffer>,
): Page {
  if (crc32(bytes) !== file.checksums[number]) throw damaged(segment, `page ${number}`);
  // Sections are padded to 8 bytes, and so is every page.
  const { buffer, byteOffset, length } = bytes;
  const u32 = new Uint32Array(buffer, byteOffset, length / 4);
  const f64 = new Float64Array(buffer, byteOffset, length / 8);
  return { start: pageStart(segment, number), bytes, u32, f64 };
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
