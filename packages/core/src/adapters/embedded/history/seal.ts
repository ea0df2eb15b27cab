import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { crc32 } from '../../../bytes/crc32.ts';
import { buildSections, type Scratch } from './build-sections.ts';
import type { Head } from './head.ts';
import { syncDirectory } from './positional-io.ts';
import {
  footerAndTrailer,
  recordPageBytes,
  type Segment,
  type SegmentFooter,
  sectionPageBytes,
  segmentOf,
} from './segment-format.ts';

/**
 * Makes a segment of a head that takes no more records. The file has its name, and the head's
 * records are durable, when it resolves; when it rejects (a full disk), it can be tried again.
 */
export async function sealHead(head: Head, path: string, scratch: Scratch): Promise<Segment> {
  await head.records.finish();
  const start = head.records.length();
  const { bytes, places, terms } = await buildSections(head, start, scratch);
  const recordPages = start / recordPageBytes;
  const sectionPages = Math.ceil(bytes.length / sectionPageBytes);
  const checksums = new Uint32Array(recordPages + sectionPages);
  checksums.set(head.records.checksums);
  await checksumPages(bytes, checksums.subarray(recordPages));
  const checksumBytes = Buffer.from(checksums.buffer);
  const footer: SegmentFooter = {
    version: 1,
    shard: head.shard,
    from: head.from,
    next: head.next,
    ordinal: head.ordinal,
    count: head.count,
    timeMin: head.timeMin,
    timeMax: head.timeMax,
    seed: head.seed,
    terms,
    sections: places,
    checksum: crc32(checksumBytes),
  };
  await head.records.write(bytes, start);
  await head.records.write(checksumBytes, places.end);
  await head.records.write(footerAndTrailer(footer), places.end + checksumBytes.length);
  await head.records.sync();
  await rename(head.records.path, path);
  await syncDirectory(dirname(path));
  return segmentOf(path, footer);
}

/** About a millisecond of checksums at a time. */
const pagesInAStep = 1024;

async function checksumPages(bytes: Buffer, checksums: Uint32Array): Promise<void> {
  for (let page = 0; page < checksums.length; page++) {
    checksums[page] = crc32(bytes.subarray(page * sectionPageBytes, (page + 1) * sectionPageBytes));
    if (page % pagesInAStep === pagesInAStep - 1) await setImmediate();
  }
}
