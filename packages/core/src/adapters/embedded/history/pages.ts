import type { RecordPlace } from './matches.ts';
import { checkPage, type OpenFile, openFiles } from './open-files.ts';
import { type PageSlots, pageSlots, type Slot } from './page-slots.ts';
import { readAll } from './positional-io.ts';
import { recordReader } from './read-records.ts';
import { pagesOf, type WantedRecord } from './record-runs.ts';
import { scratchFor } from './scratch.ts';
import {
  pageEnd,
  pageOf,
  pageStart,
  recordPageBytes,
  type Segment,
  sectionPageBytes,
} from './segment-format.ts';

/**
 * The bytes of segments, every page checked against its checksum when it comes from the disk. Pages
 * lie in memory that is used again for others, so that none of them ever leaves here.
 */
export interface Pages {
  /** The number at the byte of the file. */
  u32(segment: Segment, byte: number): number;
  f64(segment: Segment, byte: number): number;
  /** The bytes [start, end) of the file in parts: `part` neither keeps them nor asks for more. */
  visit(segment: Segment, start: number, end: number, part: Part): void;
  text(segment: Segment, start: number, end: number): string;
  /**
   * The texts of records, in the same order. Others do not wait for the disk meanwhile: records are
   * seldom in memory. The segments may go before it resolves.
   */
  texts(records: readonly (string | RecordPlace)[]): Promise<readonly string[]>;
  /** Must be told before a segment's file goes. */
  forget(segment: Segment): void;
  close(): void;
}

export type Part = (bytes: Buffer, from: number, to: number) => void;

const sectionBytesMax = 16 * 1024 * 1024;
const recordBytesMax = 8 * 1024 * 1024;

export function verifiedPages(): Pages {
  const ofSections = pageSlots(sectionPageBytes, sectionBytesMax);
  const ofRecords = pageSlots(recordPageBytes, recordBytesMax);
  const files = openFiles((table) => {
    ofSections.clear(table);
    ofRecords.clear(table);
  });
  const readRecords = recordReader(files, ofRecords);

  function slotWith(segment: Segment, byte: number): Slot {
    const slots = byte < segment.sections.times ? ofRecords : ofSections;
    const file = files.of(segment);
    const page = pageOf(segment, byte);
    return slots.get(file.slots, page) ?? readPage(slots, segment, file, page);
  }

  function visit(segment: Segment, start: number, end: number, part: Part): void {
    for (let at = start; at < end; ) {
      const slot = slotWith(segment, at);
      const to = Math.min(end - slot.start, slot.bytes.length);
      part(slot.bytes, at - slot.start, to);
      at = slot.start + to;
    }
  }

  function text(segment: Segment, start: number, end: number): string {
    const scratch = scratchFor(end - start);
    let length = 0;
    visit(segment, start, end, (bytes, from, to) => {
      length += bytes.copy(scratch, length, from, to);
    });
    return scratch.toString('utf8', 0, length);
  }

  async function texts(records: readonly (string | RecordPlace)[]): Promise<readonly string[]> {
    const wanted: WantedRecord[] = [];
    const found = records.map((record, at) => {
      if (typeof record === 'string') return record;
      if (isHere(files.of(record.segment), record)) {
        return text(record.segment, record.start, record.end);
      }
      wanted.push({ ...record, at });
      return '';
    });
    await readRecords(wanted, (record, read) => {
      found[record.at] = read;
    });
    return found;
  }

  return {
    u32: (segment, byte) => {
      const { u32, start } = slotWith(segment, byte);
      return u32[(byte - start) >>> 2]!;
    },
    f64: (segment, byte) => {
      const { f64, start } = slotWith(segment, byte);
      return f64[(byte - start) >>> 3]!;
    },
    visit,
    text,
    texts,
    forget: files.forget,
    close: files.close,
  };
}

function isHere({ slots }: OpenFile, record: RecordPlace): boolean {
  const { first, last } = pagesOf(record);
  for (let page = first; page <= last; page++) if (slots[page] === 0) return false;
  return true;
}

function readPage(slots: PageSlots, segment: Segment, file: OpenFile, page: number): Slot {
  const slot = slots.take();
  const start = pageStart(segment, page);
  const bytes = slot.bytes.subarray(0, pageEnd(segment, page) - start);
  readAll(file.fd, bytes, start);
  checkPage(segment, file, page, bytes);
  slots.enter(slot, file.slots, page, start);
  return slot;
}
