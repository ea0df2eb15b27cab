import type { RecordPlace } from './matches.ts';
import type { Page, Pages } from './pages.ts';
import { pageOf, type Segment } from './segment-format.ts';

/** The records' texts, in the same order. All pages are asked for at once, each of them once. */
export async function readRecords(
  pages: Pages,
  records: readonly (string | RecordPlace)[],
): Promise<readonly string[]> {
  const wanted = new Map<Segment, Set<number>>();
  for (const record of records) {
    if (typeof record === 'string') continue;
    const numbers = wanted.get(record.segment) ?? new Set();
    wanted.set(record.segment, numbers);
    for (const page of pagesWith(record.segment, record.start, record.end)) numbers.add(page);
  }
  const loaded = new Map<Segment, ReadonlyMap<number, Page>>();
  await Promise.all(
    [...wanted].map(async ([segment, numbers]) => {
      const ascending = [...numbers].sort((a, b) => a - b);
      loaded.set(segment, await pages.load(segment, ascending));
    }),
  );
  return records.map((record) => {
    if (typeof record === 'string') return record;
    const { segment, start, end } = record;
    const all = loaded.get(segment)!;
    const own = pagesWith(segment, start, end).map((number) => all.get(number)!);
    return bytesIn(own, start, end).toString();
  });
}

/** The numbers of the pages that have the bytes [start, end) of the segment's file. */
export function pagesWith(segment: Segment, start: number, end: number): readonly number[] {
  const first = pageOf(segment, start);
  const last = pageOf(segment, Math.max(start, end - 1));
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

/** The bytes [start, end) of the file, from the pages that have them. */
export function bytesIn(pages: readonly Page[], start: number, end: number): Buffer {
  const [first] = pages;
  const bytes = pages.length === 1 ? first!.bytes : Buffer.concat(pages.map((page) => page.bytes));
  return bytes.subarray(start - first!.start, end - first!.start);
}
