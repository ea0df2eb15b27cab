import { createHash } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import { crc32 } from '../bytes/crc32.ts';
import { type GzipPiece, gzipMember, gzipPiece, storedPiece } from '../bytes/gzip-member.ts';
import { recordBytesMax } from '../domain/events/record.ts';
import { blockBytesMax, type LogFileCut, type RecordBlock } from './cut-log-files.ts';

export interface LogFileBytes {
  /** One gzip member. */
  readonly body: Buffer;
  /** SHA-256 of the uncompressed file, lower-case hex. */
  readonly hash: string;
}

/** Level 1 costs half of level 6 for a fifth more bytes; `npm run bench` shows what it comes to. */
const gzipLevel = 1;

const opening = Buffer.from('{"Records":[');
const comma = Buffer.from(',');
const closing = Buffer.from(']}');
const stored = {
  opening: storedPiece(opening),
  comma: storedPiece(comma),
  closing: storedPiece(closing),
};

/**
 * Makes log files of their blocks: `{"Records":[...]}` and nothing else. A block that stands in the
 * files of several trails is compressed once.
 */
export function logFileCompressor(): (cut: LogFileCut) => Promise<LogFileBytes> {
  const pieces = new WeakMap<RecordBlock, Promise<GzipPiece>>();

  function pieceOf(block: RecordBlock): Promise<GzipPiece> {
    const known = pieces.get(block);
    if (known) return known;
    const piece = compressed(block);
    pieces.set(block, piece);
    return piece;
  }

  return async ({ blocks }) => {
    const compressing = Promise.all(blocks.map(pieceOf));
    const hash = hashOf(blocks);
    const between = (await compressing).flatMap((piece) => [stored.comma, piece]).slice(1);
    return { body: gzipMember([stored.opening, ...between, stored.closing]), hash };
  };
}

async function compressed(block: RecordBlock): Promise<GzipPiece> {
  if (block.bytes <= smallBytesMax) {
    return smallPiece(joined(block, Buffer.allocUnsafe(block.bytes)));
  }
  const scratch = await takeScratch();
  try {
    const [only] = block.pieces;
    const content = only && block.pieces.length === 1 ? only : joined(block, scratch);
    return await gzipPiece(content, gzipLevel);
  } finally {
    giveBack(scratch);
  }
}

/** Up to here the way to another thread and back costs more than it frees; most files are small. */
const smallBytesMax = 64 * 1024;

function smallPiece(content: Buffer): GzipPiece {
  const chunkSize = Math.max(1024, content.length);
  const options = { level: gzipLevel, chunkSize, finishFlush: constants.Z_FULL_FLUSH };
  const deflated = deflateRawSync(content, options);
  return { deflated, crc: crc32(content), bytes: content.length };
}

/**
 * Blocks are joined in buffers that are used again: touching fresh memory costs more than the copy.
 * A block ends with the record that makes it reach its size, so there is room for one more. There
 * are as many as zlib has threads (four, unless told otherwise); more blocks wait their turn.
 */
const scratchBytes = blockBytesMax + recordBytesMax + 1024;
const scratchesMax = 4;
const free: Buffer[] = [];
const waiting: ((scratch: Buffer) => void)[] = [];
let scratches = 0;

async function takeScratch(): Promise<Buffer> {
  const known = free.pop();
  if (known) return known;
  if (scratches === scratchesMax) return new Promise((resolve) => waiting.push(resolve));
  scratches += 1;
  return Buffer.allocUnsafeSlow(scratchBytes);
}

function giveBack(scratch: Buffer): void {
  const next = waiting.shift();
  if (next) next(scratch);
  else free.push(scratch);
}

function joined({ pieces }: RecordBlock, scratch: Buffer): Buffer {
  let at = 0;
  for (const piece of pieces) {
    if (at > 0) at += comma.copy(scratch, at);
    at += piece.copy(scratch, at);
  }
  return scratch.subarray(0, at);
}

function hashOf(blocks: readonly RecordBlock[]): string {
  const hash = createHash('sha256').update(opening);
  let first = true;
  for (const { pieces } of blocks) {
    for (const piece of pieces) {
      if (!first) hash.update(comma);
      hash.update(piece);
      first = false;
    }
  }
  return hash.update(closing).digest('hex');
}
