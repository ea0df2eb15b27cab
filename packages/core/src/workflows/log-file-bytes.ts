import { createHash } from 'node:crypto';
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
  const [only] = block.pieces;
  if (only && block.pieces.length === 1) return gzipPiece(only, gzipLevel);
  const scratch = free.pop() ?? Buffer.allocUnsafeSlow(scratchBytes);
  try {
    return await gzipPiece(joined(block, scratch), gzipLevel);
  } finally {
    if (free.length < freeMax) free.push(scratch);
  }
}

/**
 * Blocks are joined in buffers that are used again: touching fresh memory costs more than the copy.
 * A block ends with the record that makes it reach its size, so there is room for one more.
 */
const scratchBytes = blockBytesMax + recordBytesMax + 1024;
const freeMax = 4;
const free: Buffer[] = [];

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
