import { hashText, scopeTag, scopeText, tagOf, termText } from './dictionary.ts';
import {
  hasEventId,
  isAfter,
  type Matches,
  noMatches,
  type RecordText,
  type Search,
} from './matches.ts';
import type { Page, Pages } from './pages.ts';
import { pageBytes, type Section, type Segment } from './segment-format.ts';

/** The segment's matches. What is read grows with the logarithm of its size, and with what is taken. */
export function searchSegment(pages: Pages, segment: Segment, search: Search): Matches {
  const read = reader(pages, segment);
  const ranks = ranksOf(read, segment, search);
  if (ranks.from >= ranks.to) return noMatches(segment.shard);
  const list = listOf(read, segment, search, ranks);
  if (list === undefined) return noMatches(segment.shard);
  return walk(read, segment, search, list);
}

interface Reader {
  u32(section: Section, at: number): number;
  f64(section: Section, at: number): number;
  bytes(start: number, end: number): Buffer;
  text(start: number, end: number): RecordText;
}

/** [from, to) of ranks, or of places in a section that holds ranks. */
interface Span {
  readonly from: number;
  readonly to: number;
}

interface List extends Span {
  rankAt(place: number): number;
}

function reader(pages: Pages, segment: Segment): Reader {
  return {
    u32: (section, at) => {
      const byte = segment.sections[section] + at * 4;
      const inPage = byte % pageBytes;
      return pages.page(segment, (byte - inPage) / pageBytes).u32[inPage >>> 2]!;
    },
    f64: (section, at) => {
      const byte = segment.sections[section] + at * 8;
      const inPage = byte % pageBytes;
      return pages.page(segment, (byte - inPage) / pageBytes).f64[inPage >>> 3]!;
    },
    bytes: (start, end) =>
      joinPages(
        pagesOf(start, end, (page) => pages.page(segment, page)),
        start,
        end,
      ),
    text: (start, end) => textOf(pages, segment, start, end),
  };
}

function pagesOf<Each>(start: number, end: number, page: (number: number) => Each): Each[] {
  const all: Each[] = [];
  for (let at = start - (start % pageBytes); at < end; at += pageBytes) {
    all.push(page(at / pageBytes));
  }
  return all;
}

function joinPages(all: readonly Page[], start: number, end: number): Buffer {
  const first = start - (start % pageBytes);
  const bytes = all.length === 1 ? all[0]!.bytes : Buffer.concat(all.map((page) => page.bytes));
  return bytes.subarray(start - first, end - first);
}

function textOf(pages: Pages, segment: Segment, start: number, end: number): RecordText {
  const all = pagesOf(start, end, (page) => pages.pageLater(segment, page));
  const text = (ready: readonly Page[]) => joinPages(ready, start, end).toString();
  return all.some((page) => page instanceof Promise)
    ? Promise.all(all).then(text)
    : text(all as Page[]);
}

/** The scope's events in the span of time, after the cursor: one run of ranks. */
function ranksOf(read: Reader, segment: Segment, search: Search): Span {
  const text = termText(scopeTag, scopeText(search.account, search.region, search.category));
  const scope = findTerm(read, segment, text);
  if (scope === undefined) return { from: 0, to: 0 };
  const { startTime, endTime, after } = search;
  const from = firstWhere(scope, (rank) => read.f64('times', rank) >= startTime);
  const to = firstWhere({ from, to: scope.to }, (rank) => {
    const time = read.f64('times', rank);
    if (time > endTime) return true;
    if (after === undefined || time < after.time) return false;
    return !isAfter(after, time, segment.ordinal + read.u32('numbers', rank), segment.shard);
  });
  return { from, to };
}

function listOf(read: Reader, segment: Segment, search: Search, ranks: Span): List | undefined {
  const { attribute } = search;
  if (attribute === undefined) return { ...ranks, rankAt: (place) => place };
  if (attribute.key === 'EventId') {
    const span = findHash(
      read,
      'eventIdHashes',
      segment.count,
      hashText(segment.seed, attribute.value),
    );
    return cut(span, ranks, (place) => read.u32('eventIdRanks', place));
  }
  const text = termText(tagOf(attribute.key), attribute.value);
  const span = findTerm(read, segment, text);
  return span && cut(span, ranks, (place) => read.u32('postings', place));
}

/** The part of an ascending list that lies in the run of ranks. */
function cut(span: Span, ranks: Span, rankAt: (place: number) => number): List | undefined {
  const from = firstWhere(span, (place) => rankAt(place) >= ranks.from);
  const to = firstWhere({ from, to: span.to }, (place) => rankAt(place) >= ranks.to);
  return from < to ? { from, to, rankAt } : undefined;
}

function walk(read: Reader, segment: Segment, search: Search, list: List): Matches {
  const { attribute } = search;
  let place = list.to;
  let number = 0;
  const matches: Matches = { shard: segment.shard, time: 0, ordinal: 0, advance, record };
  advance();
  return matches;

  function advance(): void {
    for (place -= 1; place >= list.from; place--) {
      const rank = list.rankAt(place);
      number = read.u32('numbers', rank);
      if (attribute?.key === 'EventId' && !isEvent(read, number, attribute.value)) continue;
      matches.time = read.f64('times', rank);
      matches.ordinal = segment.ordinal + number;
      return;
    }
    matches.time = Number.NEGATIVE_INFINITY;
  }

  function record(): () => RecordText {
    const { start, end } = placeOf(read, number);
    return () => read.text(start, end);
  }
}

function placeOf(read: Reader, number: number): { start: number; end: number } {
  return { start: read.u32('starts', number), end: read.u32('starts', number + 1) - 1 };
}

function isEvent(read: Reader, number: number, eventId: string): boolean {
  const { start, end } = placeOf(read, number);
  return hasEventId(read.bytes(start, end).toString(), eventId);
}

/** The list of a value in the segment's dictionary. */
function findTerm(read: Reader, segment: Segment, text: string): Span | undefined {
  const hash = hashText(segment.seed, text);
  const bytes = Buffer.from(text);
  const { from, to } = findHash(read, 'termHashes', segment.terms, hash);
  for (let term = from; term < to; term++) {
    const start = segment.sections.termTexts + read.u32('termTextStarts', term);
    const end = segment.sections.termTexts + read.u32('termTextStarts', term + 1);
    if (!read.bytes(start, end).equals(bytes)) continue;
    return { from: read.u32('termLists', term * 2), to: read.u32('termLists', term * 2 + 1) };
  }
  return undefined;
}

/**
 * Where an ascending section of hashes has this one. Hashes are spread evenly, so it is about where
 * its size says: a few steps out from there and back read one page, where halving reads four.
 */
function findHash(read: Reader, section: Section, count: number, hash: number): Span {
  const guess = Math.min(count - 1, Math.floor((hash / 2 ** 32) * count));
  const reach = 4 * Math.ceil(Math.sqrt(count));
  const low = Math.max(0, guess - reach);
  const high = Math.min(count, guess + reach);
  const lowFits = low === 0 || read.u32(section, low - 1) < hash;
  const highFits = high === count || read.u32(section, high) >= hash;
  const within = { from: lowFits ? low : 0, to: highFits ? high : count };
  const from = firstWhere(within, (at) => read.u32(section, at) >= hash);
  let to = from;
  while (to < count && read.u32(section, to) === hash) to += 1;
  return { from, to };
}

/** The first place in the span where the test holds, or its end; the test holds from there on. */
function firstWhere(span: Span, test: (place: number) => boolean): number {
  let { from, to } = span;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (test(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}
