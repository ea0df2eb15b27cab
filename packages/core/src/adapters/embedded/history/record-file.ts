import { closeSync, constants, fdatasync, openSync, unlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { crc32 } from '../../../bytes/crc32.ts';
import { type Chunk, type ChunkPool, chunkBytes } from './chunk-pool.ts';
import { readAll, writeAll } from './positional-io.ts';
import { scratchFor } from './scratch.ts';
import { recordPageBytes } from './segment-format.ts';

/**
 * The bytes of a head's records: copied into chunks, which are written to the file of the segment
 * to come while the next chunk fills. They can be read at once, from wherever they are.
 */
export interface RecordFile {
  readonly path: string;
  /** Copies; the caller's buffer is free afterwards. */
  append(bytes: Buffer, start: number, end: number): void;
  length(): number;
  /** Full chunks that are not written yet. */
  waiting(): number;
  /** Resolves when a chunk at most waits to be written; rejects when the disk takes no more. */
  drain(): Promise<void>;
  text(start: number, end: number): string;
  /** Fills the last page with zeros and writes all. Safe to call again after it failed. */
  finish(): Promise<void>;
  /** Of every page up to now, in order. */
  readonly checksums: number[];
  write(bytes: Buffer, position: number): Promise<void>;
  sync(): Promise<void>;
  /** Waits for what is on its way to the disk. */
  close(): Promise<void>;
  discard(): Promise<void>;
}

interface Part extends Chunk {
  readonly position: number;
  used: number;
}

const syncData = promisify(fdatasync);

export function createRecordFile(path: string, pool: ChunkPool): RecordFile {
  const file = openFile(path);
  const queue = writeQueue(file, pool);
  const checksums: number[] = [];
  let filling: Part = { ...pool.take(), position: 0, used: 0 };

  function append(bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      const copied = bytes.copy(filling.bytes, filling.used, at, end);
      filling.used += copied;
      at += copied;
      if (filling.used === chunkBytes) turnOver();
    }
  }

  function turnOver(): void {
    for (let at = 0; at < filling.used; at += recordPageBytes) {
      checksums.push(crc32(filling.bytes.subarray(at, at + recordPageBytes)));
    }
    queue.push(filling);
    filling = { ...pool.take(), position: filling.position + filling.used, used: 0 };
  }

  async function finish(): Promise<void> {
    const padding = -filling.used & (recordPageBytes - 1);
    filling.bytes.fill(0, filling.used, filling.used + padding);
    filling.used += padding;
    if (filling.used > 0) turnOver();
    await queue.drainTo(0);
  }

  async function close(): Promise<void> {
    await queue.stop();
    file.close();
    giveBack(pool, filling);
  }

  return {
    path,
    checksums,
    append,
    finish,
    close,
    text: (start, end) => textFrom(file.fd, [...queue.parts, filling], start, end),
    length: () => filling.position + filling.used,
    waiting: () => queue.parts.length,
    drain: () => queue.drainTo(1),
    write: (bytes, position) => writeAll(file.fd, bytes, position),
    sync: () => syncData(file.fd),
    discard: async () => {
      await close();
      unlinkSync(path);
    },
  };
}

/** Of the file, where it is written, and of the parts that are to be written. */
function textFrom(fd: number, parts: readonly Part[], start: number, end: number): string {
  const into = scratchFor(end - start);
  const written = parts[0]!.position;
  if (start < written) readAll(fd, into.subarray(0, Math.min(end, written) - start), start);
  for (const part of parts) {
    const from = Math.max(start, part.position);
    const to = Math.min(end, part.position + part.used);
    if (from < to) part.bytes.copy(into, from - start, from - part.position, to - part.position);
  }
  return into.toString('utf8', 0, end - start);
}

/** Writes full parts in their order, one at a time. One that the disk refused stays the first. */
function writeQueue(file: { write(part: Part): Promise<void> }, pool: ChunkPool) {
  const parts: Part[] = [];
  let writing: Promise<void> | undefined;
  let failure: unknown;

  function start(): void {
    if (writing !== undefined) return;
    failure = undefined;
    writing = writeParts()
      .catch((error: unknown) => {
        failure = error;
      })
      .finally(() => {
        writing = undefined;
      });
  }

  async function writeParts(): Promise<void> {
    for (let part = parts[0]; part !== undefined; part = parts[0]) {
      await file.write(part);
      parts.shift();
      giveBack(pool, part);
    }
  }

  async function drainTo(partsMax: number): Promise<void> {
    while (parts.length > partsMax) {
      start();
      await writing;
      if (failure !== undefined) throw failure;
    }
  }

  return {
    parts,
    drainTo,
    push: (part: Part) => {
      parts.push(part);
      start();
    },
    stop: async () => {
      await writing;
      for (const part of parts.splice(0)) giveBack(pool, part);
    },
  };
}

function giveBack(pool: ChunkPool, { bytes, aligned }: Part): void {
  pool.give({ bytes, aligned });
}

/**
 * Records go past the page cache where that is possible. They are read seldom and late, and the
 * cache's copy costs more than all the rest of adding a record: 0.8 to 3 ms of CPU for a MiB on a
 * virtual machine (the more when the guest's memory is not the host's yet), 0.1 ms with O_DIRECT.
 */
function openFile(path: string) {
  const fd = openSync(path, 'w+', 0o600);
  let direct = openDirect(path);

  async function write(part: Part): Promise<void> {
    const bytes = part.bytes.subarray(0, part.used);
    if (direct !== undefined && part.aligned) {
      try {
        return await writeAll(direct, bytes, part.position);
      } catch (error) {
        if (!isRefused(error)) throw error;
        closeSync(direct);
        direct = undefined;
      }
    }
    await writeAll(fd, bytes, part.position);
  }

  function close(): void {
    closeSync(fd);
    if (direct !== undefined) closeSync(direct);
    direct = undefined;
  }

  return { fd, write, close };
}

/** Undefined where the system or the file system (tmpfs) has no such thing. */
function openDirect(path: string): number | undefined {
  if (constants.O_DIRECT === undefined) return undefined;
  try {
    return openSync(path, constants.O_WRONLY | constants.O_DIRECT);
  } catch (error) {
    if (isRefused(error)) return undefined;
    throw error;
  }
}

function isRefused(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EINVAL';
}
