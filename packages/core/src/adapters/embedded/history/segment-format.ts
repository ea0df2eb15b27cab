import { closeSync, fstatSync, openSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Position } from '../../../ports/journal.ts';
import { readAll } from './positional-io.ts';

/**
 * A segment's file, which never changes once it has its name:
 *
 *     records     as they came, a byte between neighbours; zeros to the end of the page
 *     sections    the index, below; little endian, each begins at a multiple of 8 bytes
 *     checksums   CRC-32 of every page of the above, 4 bytes each
 *     footer      JSON, the fields of SegmentFooter
 *     trailer     the footer's length and CRC-32, 4 bytes each, then 8 bytes of magic
 *
 * A record's number is its place in the order of arrival; its rank is its place in the order of
 * (scope, eventTime, number), where the scope is its account, Region and category. So the events of
 * a scope and a span of time are one run of ranks, and every list of ranks that ascends is in the
 * order of time.
 */
export interface SegmentFooter {
  readonly version: 1;
  readonly shard: string;
  /**
   * The journal's entries of these positions are in the segment: at and after `from`, before
   * `next`.
   */
  readonly from: Position;
  readonly next: Position;
  /** The first record's ordinal; they are consecutive in a shard. */
  readonly ordinal: number;
  readonly count: number;
  /** Of eventTime, milliseconds since the epoch. */
  readonly timeMin: number;
  readonly timeMax: number;
  /** Of all hashes in the segment. */
  readonly seed: number;
  /** How many values the dictionary has, scopes among them. */
  readonly terms: number;
  /** Where each section begins, and where the last one ends. */
  readonly sections: Readonly<Record<Section | 'end', number>>;
  /** CRC-32 of the checksums. */
  readonly checksum: number;
}

/** In the order of the file. */
export const sections = [
  /** f64 by rank: eventTime. */
  'times',
  /** u32 by rank: the record's number. */
  'numbers',
  /** u32 by number, and one more: the record is [starts[i], starts[i + 1] - 1). */
  'starts',
  /** 2 u32 by record: the hash of an eventID, ascending, and the record's rank. */
  'eventIds',
  /** u32: ascending ranks, list after list. */
  'postings',
  /**
   * 4 u32 by term: the hash of its text, ascending; where its list in `postings` begins and ends
   * (of a scope: its run of ranks); where its text begins in `texts`. One more row, for the end of
   * the last text.
   */
  'terms',
  /** UTF-8: the tag plus one, then the value. */
  'texts',
  /** u32 words of a Bloom filter over the hashes of eventIDs and terms. */
  'filter',
] as const;

export type Section = (typeof sections)[number];

export interface Segment extends SegmentFooter {
  readonly path: string;
  /** Tells segments apart for as long as the process lives. */
  readonly key: number;
}

/**
 * What is read and checked at a time, of records and of sections. Powers of two: no number
 * straddles two pages. Records lie side by side that are asked for together; of the sections a
 * search reads single numbers.
 */
export const recordPageBytes = 16 * 1024;
export const sectionPageBytes = 4 * 1024;

const magic = 'TKHIST01';
const trailerBytes = 16;
/** Footers are some 700 bytes: one read fetches footer and trailer. */
const tailBytes = 4096;

export function footerAndTrailer(footer: SegmentFooter): Buffer {
  const text = Buffer.from(JSON.stringify(footer));
  const trailer = Buffer.alloc(trailerBytes);
  trailer.writeUInt32LE(text.length, 0);
  trailer.writeUInt32LE(crc32(text), 4);
  trailer.write(magic, 8, 'latin1');
  return Buffer.concat([text, trailer]);
}

let lastKey = 0;

export function segmentOf(path: string, footer: SegmentFooter): Segment {
  lastKey += 1;
  return { ...footer, path, key: lastKey };
}

/** The segment, or undefined when the file is torn or its footer damaged. */
export function readSegment(path: string): Segment | undefined {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const tail = Buffer.alloc(Math.min(size, tailBytes));
    readAll(fd, tail, size - tail.length);
    const footer = footerIn(tail, (bytes) => {
      const more = Buffer.alloc(Math.min(size, bytes));
      readAll(fd, more, size - more.length);
      return more;
    });
    if (footer === undefined) return undefined;
    const expected = checksumsEnd(footer) + footerAndTrailer(footer).length;
    return size === expected ? segmentOf(path, footer) : undefined;
  } finally {
    closeSync(fd);
  }
}

function footerIn(tail: Buffer, readTail: (bytes: number) => Buffer): SegmentFooter | undefined {
  if (tail.length < trailerBytes) return undefined;
  const trailer = tail.subarray(tail.length - trailerBytes);
  if (trailer.toString('latin1', 8) !== magic) return undefined;
  const length = trailer.readUInt32LE(0);
  if (length > 1024 * 1024) return undefined;
  const whole = length + trailerBytes > tail.length ? readTail(length + trailerBytes) : tail;
  if (whole.length < length + trailerBytes) return undefined;
  const end = whole.length - trailerBytes;
  const text = whole.subarray(end - length, end);
  if (crc32(text) !== trailer.readUInt32LE(4)) return undefined;
  const footer = JSON.parse(text.toString()) as SegmentFooter;
  if (footer.version !== 1) {
    throw new Error(
      `a history segment has version ${footer.version}; this release reads version 1`,
    );
  }
  return footer;
}

type Places = Pick<SegmentFooter, 'sections'>;

export function pageCount({ sections: places }: Places): number {
  return recordPages(places) + Math.ceil((places.end - places.times) / sectionPageBytes);
}

/** The page that has the byte of the file. */
export function pageOf({ sections: places }: Places, byte: number): number {
  if (byte < places.times) return Math.floor(byte / recordPageBytes);
  return recordPages(places) + Math.floor((byte - places.times) / sectionPageBytes);
}

export function pageStart({ sections: places }: Places, page: number): number {
  const records = recordPages(places);
  if (page < records) return page * recordPageBytes;
  return places.times + (page - records) * sectionPageBytes;
}

/** Where the next page begins, or the checksums. */
export function pageEnd(segment: Places, page: number): number {
  return Math.min(pageStart(segment, page + 1), segment.sections.end);
}

function recordPages(places: SegmentFooter['sections']): number {
  return places.times / recordPageBytes;
}

function checksumsEnd(footer: SegmentFooter): number {
  return footer.sections.end + pageCount(footer) * 4;
}
