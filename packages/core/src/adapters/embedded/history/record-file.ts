import { closeSync, fdatasync, openSync, unlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { readAll, writeAll } from './positional-io.ts';
import { pageBytes } from './segment-format.ts';

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
  read(start: number, end: number): Buffer;
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

interface Chunk {
  readonly buffer: Buffer;
  readonly position: number;
  used: number;
}

const chunkBytes = 64 * pageBytes;
const syncData = promisify(fdatasync);

/** Chunks that no file uses; two heads write at a time at most, with three chunks each. */
export type ChunkPool = Buffer[];
const poolLengthMax = 6;

export function createRecordFile(path: string, pool: ChunkPool): RecordFile {
  const fd = openSync(path, 'w+', 0o600);
  const checksums: number[] = [];
  /** Full chunks, oldest first: the first of them may be on its way to the disk. */
  const full: Chunk[] = [];
  let filling = newChunk(pool, 0);
  let writing: Promise<void> | undefined;
  let failure: unknown;

  function append(bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      const copied = bytes.copy(filling.buffer, filling.used, at, end);
      filling.used += copied;
      at += copied;
      if (filling.used === chunkBytes) turnOver();
    }
  }

  function turnOver(): void {
    for (let at = 0; at < filling.used; at += pageBytes) {
      checksums.push(crc32(filling.buffer.subarray(at, at + pageBytes)));
    }
    full.push(filling);
    filling = newChunk(pool, filling.position + filling.used);
    startWriting();
  }

  function startWriting(): void {
    if (writing !== undefined) return;
    writing = writeFull()
      .catch((error: unknown) => {
        failure = error;
      })
      .finally(() => {
        writing = undefined;
      });
  }

  async function writeFull(): Promise<void> {
    for (let chunk = full[0]; chunk !== undefined; chunk = full[0]) {
      await writeAll(fd, chunk.buffer.subarray(0, chunk.used), chunk.position);
      full.shift();
      if (pool.length < poolLengthMax) pool.push(chunk.buffer);
    }
  }

  async function drainTo(chunksMax: number): Promise<void> {
    while (full.length > chunksMax) {
      startWriting();
      await writing;
      if (failure !== undefined) {
        const error = failure;
        failure = undefined;
        throw error;
      }
    }
  }

  function read(start: number, end: number): Buffer {
    const into = Buffer.allocUnsafe(end - start);
    const written = full[0]?.position ?? filling.position;
    if (start < written) readAll(fd, into.subarray(0, Math.min(end, written) - start), start);
    for (const chunk of [...full, filling]) {
      const from = Math.max(start, chunk.position);
      const to = Math.min(end, chunk.position + chunk.used);
      if (from < to) {
        chunk.buffer.copy(into, from - start, from - chunk.position, to - chunk.position);
      }
    }
    return into;
  }

  async function finish(): Promise<void> {
    const padding = -filling.used & (pageBytes - 1);
    filling.buffer.fill(0, filling.used, filling.used + padding);
    filling.used += padding;
    if (filling.used > 0) turnOver();
    await drainTo(0);
  }

  async function close(): Promise<void> {
    await writing;
    closeSync(fd);
    if (pool.length < poolLengthMax) pool.push(filling.buffer);
  }

  return {
    path,
    checksums,
    append,
    read,
    finish,
    close,
    length: () => filling.position + filling.used,
    waiting: () => full.length,
    drain: () => drainTo(1),
    write: (bytes, position) => writeAll(fd, bytes, position),
    sync: () => syncData(fd),
    discard: async () => {
      await close();
      unlinkSync(path);
    },
  };
}

function newChunk(pool: ChunkPool, position: number): Chunk {
  return { buffer: pool.pop() ?? Buffer.allocUnsafeSlow(chunkBytes), position, used: 0 };
}
