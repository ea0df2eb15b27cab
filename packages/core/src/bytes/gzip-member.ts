import { promisify } from 'node:util';
import { constants, deflateRaw } from 'node:zlib';
import { crc32, crc32Combine } from './crc32.ts';

/** A piece of a gzip member's content, compressed on its own and ending on a whole byte. */
export interface GzipPiece {
  readonly deflated: Buffer;
  /** Of the content, uncompressed. */
  readonly crc: number;
  readonly bytes: number;
}

const deflateRawAsync = promisify(deflateRaw);

/** Compresses a piece that may stand in several members, without the end that a member has. */
export async function gzipPiece(content: Buffer, level: number): Promise<GzipPiece> {
  // Records shrink to about an eighth; a chunk that holds it all is not put together from many.
  const chunkSize = Math.min(Math.max(1024, content.length >> 2), 1024 * 1024);
  const options = { level, chunkSize, finishFlush: constants.Z_FULL_FLUSH };
  const compressing = deflateRawAsync(content, options);
  const crc = crc32(content);
  return { deflated: await compressing, crc, bytes: content.length };
}

/** A piece that is not worth compressing: at most 65,535 bytes, as they are. */
export function storedPiece(content: Buffer): GzipPiece {
  return { deflated: storedBlock(content, 0), crc: crc32(content), bytes: content.length };
}

/**
 * One gzip member of the pieces' contents side by side: readers that stop after the first member,
 * as aws-cli does, read all of it. RFC 1951, RFC 1952.
 */
export function gzipMember(pieces: readonly GzipPiece[]): Buffer {
  let crc = 0;
  let bytes = 0;
  for (const piece of pieces) {
    crc = crc32Combine(crc, piece.crc, piece.bytes);
    bytes += piece.bytes;
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(bytes % 2 ** 32, 4);
  return Buffer.concat([header, ...pieces.map((piece) => piece.deflated), lastBlock, trailer]);
}

/** Deflate, no flags, no time, unknown system: equal contents give equal bytes. */
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
const lastBlock = storedBlock(Buffer.alloc(0), 1);

function storedBlock(content: Buffer, last: 0 | 1): Buffer {
  const block = Buffer.alloc(5 + content.length);
  block.writeUInt8(last, 0);
  block.writeUInt16LE(content.length, 1);
  block.writeUInt16LE(content.length ^ 0xffff, 3);
  content.copy(block, 5);
  return block;
}
