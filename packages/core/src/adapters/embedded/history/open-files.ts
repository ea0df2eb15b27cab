import { closeSync, openSync } from 'node:fs';
import { crc32 } from '../../../bytes/crc32.ts';
import type { SlotTable } from './page-slots.ts';
import { readAll } from './positional-io.ts';
import { pageCount, type Segment } from './segment-format.ts';

/** The files of segments that were read lately. */
export interface OpenFiles {
  /** Until the next call. */
  of(segment: Segment): OpenFile;
  /** The files stay open until the work ends; they are opened before this returns. */
  use<Result>(
    segments: ReadonlySet<Segment>,
    work: (fileOf: ReadonlyMap<Segment, OpenFile>) => Promise<Result>,
  ): Promise<Result>;
  /** Must be told before a segment's file goes. */
  forget(segment: Segment): void;
  close(): void;
}

export interface OpenFile {
  readonly fd: number;
  /** By page. */
  readonly checksums: Uint32Array;
  readonly slots: SlotTable;
  uses: number;
  isClosed: boolean;
}

/** Their checksums and tables take 12 MB. */
const openFilesMax = 256;

/** `closed` is told which pages nobody can ask for any more. */
export function openFiles(closed: (slots: SlotTable) => void): OpenFiles {
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
    file.isClosed = true;
    closed(file.slots);
    if (file.uses === 0) closeSync(file.fd);
  }

  function release(file: OpenFile): void {
    file.uses -= 1;
    if (file.isClosed && file.uses === 0) closeSync(file.fd);
  }

  async function use<Result>(
    segments: ReadonlySet<Segment>,
    work: (fileOf: ReadonlyMap<Segment, OpenFile>) => Promise<Result>,
  ): Promise<Result> {
    const held = new Map<Segment, OpenFile>();
    try {
      for (const segment of segments) {
        const file = of(segment);
        file.uses += 1;
        held.set(segment, file);
      }
      return await work(held);
    } finally {
      for (const file of held.values()) release(file);
    }
  }

  return {
    of,
    use,
    forget: (segment) => drop(segment.key),
    close: () => {
      for (const key of [...files.keys()]) drop(key);
    },
  };
}

function openFile(segment: Segment): OpenFile {
  const fd = openSync(segment.path, 'r');
  try {
    const count = pageCount(segment);
    const bytes = Buffer.from(new ArrayBuffer(count * 4));
    readAll(fd, bytes, segment.sections.end);
    if (crc32(bytes) !== segment.checksum) throw damaged(segment, 'its checksums');
    const checksums = new Uint32Array(bytes.buffer);
    return { fd, checksums, slots: new Uint16Array(count), uses: 0, isClosed: false };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

export function checkPage(segment: Segment, file: OpenFile, page: number, bytes: Buffer): void {
  if (crc32(bytes) !== file.checksums[page]) throw damaged(segment, `page ${page}`);
}

function damaged(segment: Segment, what: string): Error {
  return new Error(`the history segment ${segment.path} is damaged: ${what} fails its checksum`);
}
