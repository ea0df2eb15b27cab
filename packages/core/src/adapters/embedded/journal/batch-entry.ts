import type { RecordBatch, RecordSpan } from '../../../domain/events/record.ts';
import type { JournalBatch, JournalEntry } from '../../../ports/journal.ts';
import { entryLength, headerBytes, rowBytes, rowsOf, rowWords } from './entry.ts';
import { positionText } from './position.ts';

/** An entry that waits to be written: laid out as on disk, header and position still open. */
export interface WaitingEntry {
  readonly buffer: Buffer;
  readonly rows: Uint32Array;
  readonly recordBytes: number;
  readonly batch: JournalBatch;
}

/** Records in one entry and bytes of records: entries stay small enough to read one at a time. */
const entryRecordsMax = 65_536;
const entryRecordBytesMax = 4 * 1024 * 1024;

/**
 * Lays the kept records out in as few entries as may be. Runs of neighbours are copied at once;
 * this is the only copy that is made of them.
 */
export function layOutBatch(
  batch: JournalBatch,
  kept: readonly number[],
  marks: Uint32Array,
  allocate: (bytes: number) => Buffer,
): readonly WaitingEntry[] {
  const entries: WaitingEntry[] = [];
  for (let from = 0; from < kept.length; ) {
    let bytes = spanBytes(batch, kept[from]!);
    let to = from + 1;
    for (; to < kept.length && to - from < entryRecordsMax; to++) {
      const more = 1 + spanBytes(batch, kept[to]!);
      if (bytes + more > entryRecordBytesMax) break;
      bytes += more;
    }
    entries.push(layOut(batch, kept.slice(from, to), marks.subarray(from * 3), bytes, allocate));
    from = to;
  }
  return entries;
}

function layOut(
  batch: JournalBatch,
  kept: readonly number[],
  marks: Uint32Array,
  recordBytes: number,
  allocate: (bytes: number) => Buffer,
): WaitingEntry {
  const buffer = allocate(entryLength(kept.length, recordBytes));
  const rows = rowsOf(buffer, 0, kept.length);
  const bytes = buffer.subarray(
    headerBytes + kept.length * rowBytes,
    headerBytes + kept.length * rowBytes + recordBytes,
  );
  const records = copyRecords(batch, kept, bytes);
  records.forEach(({ end }, i) => {
    rows[i * rowWords] = end;
    rows[i * rowWords + 1] = marks[i * 3 + 1]!;
    rows[i * rowWords + 2] = marks[i * 3]!;
    rows[i * rowWords + 3] = marks[i * 3 + 2]!;
  });
  const { statePosition, acceptedAt } = batch;
  return { buffer, rows, recordBytes, batch: { statePosition, acceptedAt, bytes, records } };
}

/** Copies the records, one comma between neighbours; answers where they are now. */
function copyRecords(batch: RecordBatch, kept: readonly number[], into: Buffer) {
  const records: RecordSpan[] = [];
  let at = 0;
  for (let i = 0; i < kept.length; ) {
    let last = i;
    while (last + 1 < kept.length && kept[last + 1] === kept[last]! + 1) last++;
    const start = batch.records[kept[i]!]!.start;
    if (at > 0) into[at++] = comma;
    const shift = at - start;
    at += batch.bytes.copy(into, at, start, batch.records[kept[last]!]!.end);
    for (; i <= last; i++) records.push(shifted(batch.records[kept[i]!]!, shift));
  }
  return records;
}

function shifted(span: RecordSpan, shift: number): RecordSpan {
  if (shift === 0) return span;
  return { start: span.start + shift, end: span.end + shift, facts: span.facts };
}

function spanBytes(batch: RecordBatch, index: number): number {
  const span = batch.records[index]!;
  return span.end - span.start;
}

/** The entry as consumers see it. */
export function writtenEntry(waiting: WaitingEntry, position: number): JournalEntry {
  return { position: positionText(position), ...waiting.batch };
}

const comma = 0x2c;
