import { type EntryHeader, entryLength, entryMagic, isWhole, readHeader } from './entry.ts';
import { journalError } from './journal-error.ts';
import type { SegmentFiles } from './segment-files.ts';

export interface Recovered {
  /** The position after the last whole entry. */
  readonly end: number;
  /** CRC of the last entry; 0 when there is none in the last segment. */
  readonly lastCrc: number;
}

/**
 * Walks over the entries of the last segment to find where the log ends: at the first entry that
 * is not whole, not at its position, or does not follow the one before. What comes after it was
 * never acknowledged; should an entry further on say otherwise, then the log is damaged and
 * opening it fails, because going on would drop acknowledged records in silence.
 */
export async function recoverLast(
  files: SegmentFiles,
  visit: (bytes: Buffer, at: number, header: EntryHeader) => void,
): Promise<Recovered> {
  const base = files.bases[files.bases.length - 1]!;
  const walked = await walkSegment(files, base, Number.POSITIVE_INFINITY, visit);
  await refuseLostEntries(files, base, walked.end);
  return walked;
}

/** Walks over the entries of a segment up to `limit` or to the first that is not in order. */
export async function walkSegment(
  files: SegmentFiles,
  base: number,
  limit: number,
  visit: (bytes: Buffer, at: number, header: EntryHeader) => void,
): Promise<Recovered> {
  let end = base;
  let lastCrc = 0;
  let wanted = chunkBytes;
  while (end < limit) {
    const chunk = await files.read(base, end - base, Math.min(wanted, limit - end));
    let at = 0;
    let header = readHeader(chunk, at);
    while (header !== undefined && inOrder(header, base, end, lastCrc)) {
      const length = entryLength(header.recordCount, header.recordBytes);
      if (at + length > chunk.length) break;
      if (!isWhole(chunk, at, header)) return { end, lastCrc };
      visit(chunk, at, header);
      lastCrc = header.crc;
      at += length;
      end += length;
      header = readHeader(chunk, at);
    }
    const next = at > 0 ? chunkBytes : lengthOf(header);
    if (at === 0 && (next <= wanted || next > entryBytesMax)) break;
    wanted = next;
  }
  return { end, lastCrc };
}

function inOrder(header: EntryHeader, base: number, end: number, lastCrc: number): boolean {
  return header.position === end && (end === base || header.previousCrc === lastCrc);
}

function lengthOf(header: EntryHeader | undefined): number {
  return header === undefined ? 0 : entryLength(header.recordCount, header.recordBytes);
}

async function refuseLostEntries(files: SegmentFiles, base: number, end: number): Promise<void> {
  for (let from = end; ; from += chunkBytes) {
    const chunk = await files.read(base, from - base, chunkBytes + overlapBytes);
    for (let at = chunk.indexOf(magicBytes); at !== -1; at = chunk.indexOf(magicBytes, at + 1)) {
      const header = readHeader(chunk, at);
      if (header === undefined || header.position !== from + at || header.durable <= end) continue;
      const length = entryLength(header.recordCount, header.recordBytes);
      const entry = await files.read(base, header.position - base, Math.min(length, entryBytesMax));
      if (!isWhole(entry, 0, header)) continue;
      throw journalError(
        'JournalCorrupt',
        `The journal is damaged at position ${end}: the entry at ${header.position} was written ` +
          `when the log was durable up to ${header.durable}. Restore the file from a copy.`,
      );
    }
    if (chunk.length < chunkBytes + overlapBytes) return;
  }
}

const chunkBytes = 8 * 1024 * 1024;
/** Enough that no header falls between two chunks. */
const overlapBytes = 64;
/** More than any entry has; a length beyond it is damage and not worth the memory. */
export const entryBytesMax = 16 * 1024 * 1024;
const magicBytes = Buffer.alloc(4);
magicBytes.writeUInt32LE(entryMagic);
