import { readStoredRecords } from '../../../domain/events/read-stored.ts';
import type { JournalEntry } from '../../../ports/journal.ts';
import {
  type EntryHeader,
  entryLength,
  headerBytes,
  isWhole,
  readHeader,
  rowsOf,
  rowWords,
} from './entry.ts';
import { journalError } from './journal-error.ts';
import { positionText } from './position.ts';
import { entryBytesMax } from './recover.ts';
import type { SegmentFiles } from './segment-files.ts';

/** Entries at and after `from` out of one segment file, checked; the facts are found again. */
export async function readSegment(
  files: SegmentFiles,
  segment: { readonly base: number; readonly limit: number },
  from: number,
  bytesMax: number,
): Promise<{ readonly entries: readonly JournalEntry[]; readonly next: number }> {
  const { base, limit } = segment;
  let chunk = await files.read(
    base,
    from - base,
    Math.min(bytesMax + readAheadBytes, limit - from),
  );
  const first = headerAt(chunk, 0, from);
  const firstLength = entryLength(first.recordCount, first.recordBytes);
  if (firstLength > chunk.length && firstLength <= Math.min(entryBytesMax, limit - from)) {
    chunk = await files.read(base, from - base, firstLength);
  }
  const entries: JournalEntry[] = [];
  let at = 0;
  let run = 0;
  while (from + at < limit && at + headerBytes <= chunk.length) {
    const header = headerAt(chunk, at, from + at);
    const length = entryLength(header.recordCount, header.recordBytes);
    if (run > 0 && (run + header.recordBytes > bytesMax || at + length > chunk.length)) break;
    if (!isWhole(chunk, at, header)) throw damaged(header.position);
    entries.push(entryAt(chunk, at, header));
    run += header.recordBytes;
    at += length;
  }
  return { entries, next: from + at };
}

/** What headers and rows add to the records that were asked for. */
const readAheadBytes = 64 * 1024;

function headerAt(chunk: Buffer, at: number, position: number): EntryHeader {
  const header = readHeader(chunk, at);
  if (header === undefined || header.position !== position) throw damaged(position);
  return header;
}

function entryAt(chunk: Buffer, at: number, header: EntryHeader): JournalEntry {
  const rows = rowsOf(chunk, at, header.recordCount);
  const start = at + headerBytes + rows.byteLength;
  const bytes = chunk.subarray(start, start + header.recordBytes);
  const ends = Array.from({ length: header.recordCount }, (_, i) => rows[i * rowWords]!);
  return {
    position: positionText(header.position),
    statePosition: header.statePosition,
    acceptedAt: header.acceptedAt,
    bytes,
    records: readStoredRecords(bytes, ends),
  };
}

function damaged(position: number): Error {
  return journalError(
    'JournalCorrupt',
    `There is no whole entry at position ${position}: the file is damaged, or the position is ` +
      'not one that the journal gave.',
  );
}
