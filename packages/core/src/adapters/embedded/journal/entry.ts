import { crc32 } from '../../../bytes/crc32.ts';

/**
 * A journal entry on disk: header, a row of 16 bytes for each record, the records' bytes as they
 * are in the batch, and up to 7 bytes of padding. Numbers are little-endian.
 *
 *     0 magic u32 | 4 CRC-32 of all that follows but the padding u32 | 8 bytes of records u32
 *     12 records u32 | 16 position f64 | 24 durable f64 | 32 state position f64
 *     40 accepted at f64 | 48 CRC of the entry before u32 | 52 zero u32
 *     a row: end of the record u32 | fingerprint of its id u64 | digest of its facts u32
 *
 * The position tells an entry from what a reused file held before; the CRC of the entry before
 * tells it from the rest of a write that was torn, once something else was written there.
 * `durable` is how far the log was known to be on disk when the entry was written: a damaged entry
 * before that is corruption, one after it may be a torn write that nobody was told about.
 */
export interface EntryHeader {
  readonly crc: number;
  readonly recordBytes: number;
  readonly recordCount: number;
  readonly position: number;
  readonly durable: number;
  readonly statePosition: number;
  readonly acceptedAt: number;
  readonly previousCrc: number;
}

export const headerBytes = 56;
export const rowBytes = 16;
export const rowWords = 4;
export const entryMagic = 0x314a4b54; // "TKJ1"

/** Length in the file, padding included. */
export function entryLength(recordCount: number, recordBytes: number): number {
  return (headerBytes + recordCount * rowBytes + recordBytes + 7) & ~7;
}

/** Fills in the header of an entry whose rows and records stand in `entry`; answers its CRC. */
export function sealEntry(entry: Buffer, header: Omit<EntryHeader, 'crc'>): number {
  entry.writeUInt32LE(entryMagic, 0);
  entry.writeUInt32LE(header.recordBytes, 8);
  entry.writeUInt32LE(header.recordCount, 12);
  entry.writeDoubleLE(header.position, 16);
  entry.writeDoubleLE(header.durable, 24);
  entry.writeDoubleLE(header.statePosition, 32);
  entry.writeDoubleLE(header.acceptedAt, 40);
  entry.writeUInt32LE(header.previousCrc, 48);
  entry.writeUInt32LE(0, 52);
  const crc = crc32(entry.subarray(8, contentEnd(header)));
  entry.writeUInt32LE(crc, 4);
  return crc;
}

/** The header at `at`, not checked but for its magic; undefined when there is none. */
export function readHeader(bytes: Buffer, at: number): EntryHeader | undefined {
  if (at + headerBytes > bytes.length || bytes.readUInt32LE(at) !== entryMagic) return undefined;
  return {
    crc: bytes.readUInt32LE(at + 4),
    recordBytes: bytes.readUInt32LE(at + 8),
    recordCount: bytes.readUInt32LE(at + 12),
    position: bytes.readDoubleLE(at + 16),
    durable: bytes.readDoubleLE(at + 24),
    statePosition: bytes.readDoubleLE(at + 32),
    acceptedAt: bytes.readDoubleLE(at + 40),
    previousCrc: bytes.readUInt32LE(at + 48),
  };
}

/** The rows of the entry at `at`, four words each: end, fingerprint low and high, digest. */
export function rowsOf(bytes: Buffer, at: number, recordCount: number): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset + at + headerBytes, recordCount * rowWords);
}

/** Whether the whole entry is there and is what was written. */
export function isWhole(bytes: Buffer, at: number, header: EntryHeader): boolean {
  const end = at + contentEnd(header);
  return end <= bytes.length && crc32(bytes.subarray(at + 8, end)) === header.crc;
}

export function contentEnd(header: Pick<EntryHeader, 'recordCount' | 'recordBytes'>): number {
  return headerBytes + header.recordCount * rowBytes + header.recordBytes;
}
