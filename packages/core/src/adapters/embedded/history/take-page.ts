import type { HistoryPage } from '../../../ports/history.ts';
import type { Cursor, Matches, RecordPlace, Search } from './matches.ts';
import type { Pages } from './pages.ts';
import type { Segment } from './segment-format.ts';

/**
 * A page from all matches. `segments` is in the order of timeMax, the newest first: one is opened
 * only when it can have the next event, so most pages read a segment or two.
 */
export async function takePage(
  pages: Pages,
  fromHeads: readonly Matches[],
  segments: readonly Segment[],
  open: (segment: Segment) => Matches,
  search: Search,
): Promise<HistoryPage> {
  const { found, next } = findPage(fromHeads, segments, open, search);
  const records = await pages.texts(found);
  return next === undefined ? { records } : { records, next: cursorText(next) };
}

/** Without waiting: heads and segments are as they are in one moment. */
function findPage(
  fromHeads: readonly Matches[],
  segments: readonly Segment[],
  open: (segment: Segment) => Matches,
  search: Search,
): { found: readonly (string | RecordPlace)[]; next?: Cursor } {
  const { startTime, after } = search;
  const endTime = Math.min(search.endTime, after?.time ?? search.endTime);
  const opened = [...fromHeads];
  const found: (string | RecordPlace)[] = [];
  let unopened = 0;
  let last: Cursor | undefined;
  for (;;) {
    let newest = newestOf(opened);
    for (; unopened < segments.length; unopened++) {
      const segment = segments[unopened]!;
      if (segment.timeMax < startTime || segment.timeMax < newest.time) break;
      if (segment.timeMin > endTime) continue;
      const matches = open(segment);
      opened.push(matches);
      if (isNewer(matches, newest)) newest = matches;
    }
    if (newest.time === Number.NEGATIVE_INFINITY) return { found };
    if (found.length === search.limit) return { found, next: last! };
    found.push(newest.record());
    last = { time: newest.time, ordinal: newest.ordinal, shard: newest.shard };
    newest.advance();
  }
}

const none: Pick<Matches, 'time' | 'ordinal' | 'shard'> = {
  time: Number.NEGATIVE_INFINITY,
  ordinal: 0,
  shard: '',
};

function newestOf(all: readonly Matches[]): Matches {
  let newest = none as Matches;
  for (const matches of all) if (isNewer(matches, newest)) newest = matches;
  return newest;
}

function isNewer(a: Matches, b: Matches): boolean {
  if (a.time !== b.time) return a.time > b.time;
  if (a.ordinal !== b.ordinal) return a.ordinal > b.ordinal;
  return a.shard > b.shard;
}

function cursorText(cursor: Cursor): string {
  return `${cursor.time}.${cursor.ordinal}.${cursor.shard}`;
}

/** Throws when the text is not one that a page ended with. */
export function cursorFrom(text: string): Cursor {
  const parts = /^(-?\d{1,16})\.(\d{1,16})\.(.*)$/s.exec(text);
  if (parts === null) throw new RangeError('`after` is not the `next` of a page of the history');
  return { time: Number(parts[1]), ordinal: Number(parts[2]), shard: parts[3]! };
}
