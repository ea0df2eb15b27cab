import type { RecordPlace } from './matches.ts';
import { scratchBytes } from './scratch.ts';
import { pageEnd, pageOf, pageStart, recordPageBytes, type Segment } from './segment-format.ts';

/** Pages side by side, which are one request to the disk, and the records in them. */
export interface RecordRun {
  readonly segment: Segment;
  readonly first: number;
  last: number;
  readonly records: WantedRecord[];
}

/** A record, and which it is of those that were asked for. */
export interface WantedRecord extends RecordPlace {
  readonly at: number;
}

const pagesInARun = scratchBytes / recordPageBytes;

/** A run is longer than a scratch only when a record is. */
export function recordRuns(records: readonly WantedRecord[]): RecordRun[] {
  const runs: RecordRun[] = [];
  const inOrder = [...records].sort((a, b) => a.segment.key - b.segment.key || a.start - b.start);
  for (const record of inOrder) {
    const { first, last } = pagesOf(record);
    const run = runs.at(-1);
    const follows = run?.segment === record.segment && first <= run.last + 1;
    if (follows && last - run.first < pagesInARun) {
      run.last = Math.max(run.last, last);
      run.records.push(record);
    } else runs.push({ segment: record.segment, first, last, records: [record] });
  }
  return runs;
}

/** The pages that have the record. */
export function pagesOf({ segment, start, end }: RecordPlace): { first: number; last: number } {
  return { first: pageOf(segment, start), last: pageOf(segment, Math.max(start, end - 1)) };
}

export function runStart({ segment, first }: RecordRun): number {
  return pageStart(segment, first);
}

export function runEnd({ segment, last }: RecordRun): number {
  return pageEnd(segment, last);
}
