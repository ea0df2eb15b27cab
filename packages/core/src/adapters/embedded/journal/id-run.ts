import * as fs from 'node:fs';
import { basename, dirname } from 'node:path';
import { crc32 } from '../../../bytes/crc32.ts';
import { addToBloom, type IdBloom, newBloom } from './id-bloom.ts';
import { journalError } from './journal-error.ts';
import { syncFolder } from './segment-files.ts';

/**
 * A file of sorted fingerprints: those of the segments from one position to another.
 *
 *     block 0: magic, level, count, blocks, Bloom words (u32 each), newest acceptedAt (f64),
 *              CRC-32 of filter and first keys, CRC-32 of the bytes before (u32 each)
 *     blocks of 4,096 bytes: CRC-32 of the rest of the block, then up to 341 marks of 12 bytes
 *              (fingerprint high, low, digest)
 *     the Bloom filter's words, then the first key (high, low) of every block
 *
 * The filter and the first keys stay in memory, 1.5 bytes an id: an id that is not here costs one
 * cache line, one that is costs one read of one block.
 */
export interface IdRun {
  readonly path: string;
  /** Positions of the journal: the run has the ids of the entries from `from` up to `to`. */
  readonly from: number;
  readonly to: number;
  /** How many times its ids were merged. */
  readonly level: number;
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly newestAcceptedAt: number;
  readonly fd: number;
  readonly bloom: IdBloom;
  /** High and low of the first mark of every block. */
  readonly firstKeys: Uint32Array;
}

export interface IdRunHead {
  readonly path: string;
  readonly level: number;
  readonly newestAcceptedAt: number;
  /** At least as many as marks will be added. */
  readonly countMax: number;
}

export interface IdRunWriter {
  /** Adds marks (three words each), sorted and after those that were added before. */
  add(marks: Uint32Array): Promise<void>;
  /** Makes the file durable under its name, and opens it. */
  finish(): Promise<IdRun>;
  abandon(): Promise<void>;
}

export async function writeIdRun(head: IdRunHead): Promise<IdRunWriter> {
  const handle = await fs.promises.open(`${head.path}.new`, 'w');
  // Ids of level 0 are in memory, and never looked for in the file.
  const bloom = newBloom(head.level === 0 ? 0 : head.countMax);
  const firstKeys: number[] = [];
  let count = 0;
  let rest = new Uint32Array(0);

  async function writeBlocks(marks: Uint32Array): Promise<void> {
    const blocks = Math.ceil(marks.length / blockMarkWords);
    const bytes = Buffer.alloc(blocks * blockBytes);
    for (let i = 0; i < blocks; i++) {
      const block = marks.subarray(i * blockMarkWords, (i + 1) * blockMarkWords);
      const at = i * blockBytes;
      bytes.set(bytesOf(block), at + 4);
      bytes.writeUInt32LE(crc32(bytes.subarray(at + 4, at + blockBytes)), at);
      firstKeys.push(block[0]!, block[1]!);
    }
    const place = blockBytes * (1 + firstKeys.length / 2 - blocks);
    await writeFully(handle, bytes, place);
  }

  return {
    async add(marks) {
      if (head.level > 0) {
        for (let i = 0; i < marks.length; i += 3) addToBloom(bloom, marks[i]!, marks[i + 1]!);
      }
      count += marks.length / 3;
      const all = new Uint32Array(rest.length + marks.length);
      all.set(rest);
      all.set(marks, rest.length);
      const whole = all.length - (all.length % blockMarkWords);
      rest = all.slice(whole);
      if (whole > 0) await writeBlocks(all.subarray(0, whole));
    },
    async finish() {
      if (rest.length > 0) await writeBlocks(rest);
      const blocks = firstKeys.length / 2;
      const keys = Uint32Array.from(firstKeys);
      const tail = Buffer.concat([bytesOf(bloom.words), bytesOf(keys)]);
      await writeFully(handle, tail, blockBytes * (1 + blocks));
      const words = { count, blocks, bloomWords: bloom.words.length, tailCrc: crc32(tail) };
      await writeFully(handle, headBytes(head, words), 0);
      await handle.sync();
      await handle.close();
      await fs.promises.rename(`${head.path}.new`, head.path);
      await syncFolder(dirname(head.path));
      return openIdRun(head.path);
    },
    async abandon() {
      // Whatever failed may have failed after the file was closed, or renamed.
      await handle.close().catch(() => undefined);
      await fs.promises.rm(`${head.path}.new`, { force: true });
    },
  };
}

/** Opens a run and checks it; throws JournalCorrupt when it is not as it was written. */
export function openIdRun(path: string): IdRun {
  const fd = fs.openSync(path, 'r');
  const head = readFully(fd, blockBytes, 0);
  if (head.readUInt32LE(0) !== magic || head.readUInt32LE(32) !== crc32(head.subarray(0, 32))) {
    fs.closeSync(fd);
    throw damaged(path);
  }
  const blocks = head.readUInt32LE(12);
  const bloomBytes = head.readUInt32LE(16) * 4;
  const tail = readFully(fd, bloomBytes + blocks * 8, blockBytes * (1 + blocks));
  if (head.readUInt32LE(28) !== crc32(tail)) {
    fs.closeSync(fd);
    throw damaged(path);
  }
  return {
    path,
    ...rangeOf(path),
    level: head.readUInt32LE(4),
    count: head.readUInt32LE(8),
    newestAcceptedAt: head.readDoubleLE(20),
    fd,
    bloom: { words: wordsOf(tail.subarray(0, bloomBytes)) },
    firstKeys: wordsOf(tail.subarray(bloomBytes)),
  };
}

export function closeIdRun(run: IdRun): void {
  fs.closeSync(run.fd);
}

/** The digest that was put with the fingerprint, or -1. Reads one block from disk. */
export function findInRun(run: IdRun, high: number, low: number): number {
  const block = blockFor(run.firstKeys, high, low);
  const read = fs.readSync(run.fd, oneBlock, 0, blockBytes, blockBytes * (1 + block));
  if (read !== blockBytes || oneBlock.readUInt32LE(0) !== crc32(oneBlock.subarray(4))) {
    throw damaged(run.path);
  }
  let first = 0;
  let end = Math.min(blockMarks, run.count - block * blockMarks);
  while (first < end) {
    const middle = (first + end) >>> 1;
    const at = 1 + middle * 3;
    const h = oneBlockWords[at]!;
    const l = oneBlockWords[at + 1]!;
    if (h === high && l === low) return oneBlockWords[at + 2]!;
    if (h < high || (h === high && l < low)) first = middle + 1;
    else end = middle;
  }
  return -1;
}

/** The marks of some blocks (those that are there), in order. */
export function readMarks(run: IdRun, block: number, blocks: number): Uint32Array {
  const last = run.firstKeys.length / 2;
  const some = Math.max(0, Math.min(blocks, last - block));
  const bytes = readFully(run.fd, some * blockBytes, blockBytes * (1 + block));
  const words = new Uint32Array(some * blockMarkWords);
  for (let i = 0; i < some; i++) {
    const content = bytes.subarray(i * blockBytes + 4, (i + 1) * blockBytes);
    if (bytes.readUInt32LE(i * blockBytes) !== crc32(content)) throw damaged(run.path);
    words.set(wordsOf(content), i * blockMarkWords);
  }
  const count = Math.min(some * blockMarks, run.count - block * blockMarks);
  return words.subarray(0, count * 3);
}

export const blockMarks = 341;
const blockMarkWords = blockMarks * 3;
const blockBytes = 4096;
const oneBlock = Buffer.allocUnsafeSlow(blockBytes);
const oneBlockWords = new Uint32Array(oneBlock.buffer, oneBlock.byteOffset, blockBytes / 4);
const magic = 0x31524b54; // "TKR1"

/** `ids-<from>-<to>.run`, 16 digits each. */
export function runName(from: number, to: number): string {
  return `ids-${String(from).padStart(16, '0')}-${String(to).padStart(16, '0')}.run`;
}

export function rangeOf(path: string): { from: number; to: number } {
  const [, from, to] = /^ids-(\d{16})-(\d{16})\.run$/.exec(basename(path)) ?? [];
  return { from: Number(from), to: Number(to) };
}

interface HeadWords {
  readonly count: number;
  readonly blocks: number;
  readonly bloomWords: number;
  readonly tailCrc: number;
}

function headBytes(head: IdRunHead, words: HeadWords): Buffer {
  const bytes = Buffer.alloc(blockBytes);
  bytes.writeUInt32LE(magic, 0);
  bytes.writeUInt32LE(head.level, 4);
  bytes.writeUInt32LE(words.count, 8);
  bytes.writeUInt32LE(words.blocks, 12);
  bytes.writeUInt32LE(words.bloomWords, 16);
  bytes.writeDoubleLE(head.newestAcceptedAt, 20);
  bytes.writeUInt32LE(words.tailCrc, 28);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 32)), 32);
  return bytes;
}

/** Where the last block begins that does not begin after the key. */
function blockFor(keys: Uint32Array, high: number, low: number): number {
  let first = 0;
  let end = keys.length / 2;
  while (end - first > 1) {
    const middle = (first + end) >>> 1;
    const h = keys[middle * 2]!;
    if (h > high || (h === high && keys[middle * 2 + 1]! > low)) end = middle;
    else first = middle;
  }
  return first;
}

function readFully(fd: number, length: number, at: number): Buffer {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const read = fs.readSync(fd, bytes, filled, length - filled, at + filled);
    // A file that ends too early fails its checks: what is missing reads as zeros.
    if (read === 0) break;
    filled += read;
  }
  return bytes;
}

async function writeFully(handle: fs.promises.FileHandle, bytes: Buffer, at: number) {
  let written = 0;
  while (written < bytes.length) {
    const rest = bytes.length - written;
    written += (await handle.write(bytes, written, rest, at + written)).bytesWritten;
  }
}

function bytesOf(words: Uint32Array): Buffer {
  return Buffer.from(words.buffer, words.byteOffset, words.byteLength);
}

function wordsOf(bytes: Buffer): Uint32Array {
  return new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function damaged(path: string): Error {
  return journalError('JournalCorrupt', `${path} is damaged. Restore it from a copy.`);
}
