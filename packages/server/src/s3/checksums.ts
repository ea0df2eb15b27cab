import { createHash } from 'node:crypto';
import * as zlib from 'node:zlib';

/** A checksum that grows with the bytes. */
export interface Checksum {
  update(chunk: Buffer): void;
  /** Base64, as S3's headers have it. */
  value(): string;
}

/** S3's names, as in `x-amz-checksum-algorithm`. */
export const checksumAlgorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;

export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

export function newChecksum(algorithm: ChecksumAlgorithm): Checksum {
  switch (algorithm) {
    case 'CRC32':
      return crc32();
    case 'CRC32C':
      return crc32c();
    case 'CRC64NVME':
      return crc64Nvme();
    case 'SHA1':
      return sha('sha1');
    case 'SHA256':
      return sha('sha256');
  }
}

export function toChecksumAlgorithm(text: string): ChecksumAlgorithm | undefined {
  return checksumAlgorithms.find((name) => name === text.toUpperCase());
}

/** How long a value of the algorithm is, decoded. */
export function checksumBytes(algorithm: ChecksumAlgorithm): number {
  return { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 }[algorithm];
}

function sha(name: string): Checksum {
  const hash = createHash(name);
  return { update: (chunk) => void hash.update(chunk), value: () => hash.digest('base64') };
}

function crc32(): Checksum {
  // Node has it from 20.15 on.
  if (typeof zlib.crc32 !== 'function') return tableCrc32(0xedb88320);
  let crc = 0;
  return {
    update: (chunk) => {
      crc = zlib.crc32(chunk, crc);
    },
    value: () => base64Of(0, crc).subarray(4).toString('base64'),
  };
}

function crc32c(): Checksum {
  return tableCrc32(0x82f63b78);
}

function tableCrc32(polynomial: number): Checksum {
  const table = crcTables(0, polynomial);
  let crc = 0xffffffff;
  return {
    update: (chunk) => {
      for (const byte of chunk) crc = table.low[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
    },
    value: () => base64Of(0, ~crc).subarray(4).toString('base64'),
  };
}

/** The CRC of the NVM Express specification, by eight tables, in two halves of 32 bits. */
function crc64Nvme(): Checksum {
  const { low, high } = crcTables(0x9a6c9329, 0xac4bc9b5);
  let lo = 0xffffffff;
  let hi = 0xffffffff;
  const byByte = (byte: number) => {
    const at = (lo ^ byte) & 0xff;
    lo = ((lo >>> 8) | (hi << 24)) ^ low[at]!;
    hi = (hi >>> 8) ^ high[at]!;
  };
  const byEight = (chunk: Buffer, from: number) => {
    const a = lo ^ chunk.readUInt32LE(from);
    const b = hi ^ chunk.readUInt32LE(from + 4);
    let nextLo = 0;
    let nextHi = 0;
    for (let n = 0; n < 8; n += 1) {
      const half = n < 4 ? a : b;
      const at = (7 - n) * 256 + ((half >>> (8 * (n & 3))) & 0xff);
      nextLo ^= low[at]!;
      nextHi ^= high[at]!;
    }
    lo = nextLo;
    hi = nextHi;
  };
  return {
    update: (chunk) => {
      const whole = chunk.length - (chunk.length % 8);
      for (let at = 0; at < whole; at += 8) byEight(chunk, at);
      for (let at = whole; at < chunk.length; at += 1) byByte(chunk[at]!);
    },
    value: () => base64Of(~hi, ~lo).toString('base64'),
  };
}

function base64Of(hi: number, lo: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(hi >>> 0, 0);
  bytes.writeUInt32BE(lo >>> 0, 4);
  return bytes;
}

interface CrcTables {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

const tables = new Map<string, CrcTables>();

/** Table n (of 8, 256 entries each) is what a byte does to the CRC n bytes later. */
function crcTables(polyHigh: number, polyLow: number): CrcTables {
  const name = `${polyHigh}/${polyLow}`;
  const made = tables.get(name);
  if (made !== undefined) return made;
  const low = new Uint32Array(8 * 256);
  const high = new Uint32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let lo = byte;
    let hi = 0;
    for (let bit = 0; bit < 8; bit += 1) {
      const odd = lo & 1;
      lo = (lo >>> 1) | ((hi & 1) << 31);
      hi >>>= 1;
      if (odd) {
        lo ^= polyLow;
        hi ^= polyHigh;
      }
    }
    low[byte] = lo;
    high[byte] = hi;
  }
  for (let at = 256; at < 8 * 256; at += 1) {
    const lo = low[at - 256]!;
    const hi = high[at - 256]!;
    low[at] = ((lo >>> 8) | (hi << 24)) ^ low[lo & 0xff]!;
    high[at] = (hi >>> 8) ^ high[lo & 0xff]!;
  }
  tables.set(name, { low, high });
  return { low, high };
}
