import { hashText, scopeTag, scopeText, tagOf, termText } from './dictionary.ts';
import type { Filters } from './filter.ts';
import {
  hasEventId,
  isAfter,
  type Matches,
  noMatches,
  type RecordPlace,
  type Search,
} from './matches.ts';
import type { Pages } from './pages.ts';
import type { Section, Segment } from './segment-format.ts';

/**
 * The segment's matches. What is read grows with the logarithm of its size, and with what is taken;
 * of nearly every segment that has not the value, nothing is read.
 */
export function searchSegment(
  pages: Pages,
  filters: Filters,
  segment: Segment,
  search: Search,
): Matches {
  const none = noMatches(segment.shard);
  const { attribute } = search;
  const text = attribute && textOfAttribute(attribute);
  const scope = termText(scopeTag, scopeText(search.account, search.region, search.category));
  const mayHave = (value: string) => filters.mayHave(segment, hashText(segment.seed, value));
  if ((text !== undefined && !mayHave(text)) || !mayHave(scope)) return none;
  const read = reader(pages, segment);
  const list = attribute && text !== undefined && listOf(read, segment, attribute, text);
  if (attribute !== undefined && !list) return none;
  const ranks = ranksOf(read, segment, search, scope);
  const found = list ? cut(list, ranks) : { ...ranks, rankAt: (place: number) => place };
  return found.from < found.to ? walk(read, segment, search, found) : none;
}

function textOfAttribute({ key, value }: NonNullable<Search['attribute']>): string {
  return key === 'EventId' ? value : termText(tagOf(key), value);
}

interface Reader {
  u32(section: Section, at: number): number;
  f64(section: Section, at: number): number;
  text(start: number, end: number): string;
  /** Whether the bytes are those at `start` in the file. */
  has(bytes: Buffer, start: number): boolean;
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
    u32: (section, at) => pages.u32(segment, segment.sections[section] + at * 4),
    f64: (section, at) => pages.f64(segment, segment.sections[section] + at * 8),
    text: (start, end) => pages.text(segment, start, end),
    has: (bytes, start) => {
      let same = 0;
      pages.visit(segment, start, start + bytes.length, (part, from, to) => {
        const length = to - from;
        if (part.compare(bytes, same, same + length, from, to) === 0) same += length;
      });
      return same === bytes.length;
    },
  };
}

/** The scope's events in the span of time, after the cursor: one run of ranks. */
function ranksOf(read: Reader, segment: Segment, search: Search, scopeTerm: string): Span {
  const scope = findTerm(read, segment, scopeTerm) ?? { from: 0, to: 0 };
  const { startTime, endTime, after } = search;
  const from =
    segment.timeMin >= startTime
      ? scope.from
      : firstWhere(scope, (rank) => read.f64('times', rank) >= startTime);
  if (segment.timeMax <= endTime && segment.timeMax < (after?.time ?? Number.POSITIVE_INFINITY)) {
    return { from, to: scope.to };
  }
  const to = firstWhere({ from, to: scope.to }, (rank) => {
    const time = read.f64('times', rank);
    if (time > endTime) return true;
    if (after === undefined || time < after.time) return false;
    return !isAfter(after, time, segment.ordinal + read.u32('numbers', rank), segment.shard);
  });
  return { from, to };
}

/** All that have the attribute, in any scope and at any time. */
function listOf(
  read: Reader,
  segment: Segment,
  { key }: NonNullable<Search['attribute']>,
  text: string,
): List | undefined {
  if (key === 'EventId') {
    const hash = hashText(segment.seed, text);
    const span = findHash((at) => read.u32('eventIds', at * 2), segment.count, hash);
    return { ...span, rankAt: (place) => read.u32('eventIds', place * 2 + 1) };
  }
  const span = findTerm(read, segment, text);
  return span && { ...span, rankAt: (place) => read.u32('postings', place) };
}

/** The part of the list that lies in the run of ranks. */
function cut(list: List, ranks: Span): List {
  const { rankAt } = list;
  const from = firstWhere(list, (place) => rankAt(place) >= ranks.from);
  const to = firstWhere({ from, to: list.to }, (place) => rankAt(place) >= ranks.to);
  return { from, to, rankAt };
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

  function record(): RecordPlace {
    return { segment, ...placeOf(read, number) };
  }
}

function placeOf(read: Reader, number: number): { start: number; end: number } {
  return { start: read.u32('starts', number), end: read.u32('starts', number + 1) - 1 };
}

function isEvent(read: Reader, number: number, eventId: string): boolean {
  const { start, end } = placeOf(read, number);
  return hasEventId(read.text(start, end), eventId);
}

/** The list of a value in the segment's dictionary. */
function findTerm(read: Reader, segment: Segment, text: string): Span | undefined {
  const hash = hashText(segment.seed, text);
  const bytes = Buffer.from(text);
  const { from, to } = findHash((at) => read.u32('terms', at * 4), segment.terms, hash);
  for (let row = from * 4; row < to * 4; row += 4) {
    const start = segment.sections.texts + read.u32('terms', row + 3);
    const end = segment.sections.texts + read.u32('terms', row + 7);
    if (end - start !== bytes.length || !read.has(bytes, start)) continue;
    return { from: read.u32('terms', row + 1), to: read.u32('terms', row + 2) };
  }
  return undefined;
}

/**
 * Where rows that ascend by hash have this one. Hashes are spread evenly, so it is near where its
 * size says: steps that double from there read a page or two, where halving all reads six.
 */
function findHash(hashAt: (row: number) => number, count: number, hash: number): Span {
  const guess = Math.min(count - 1, Math.floor((hash / 2 ** 32) * count));
  let low = guess;
  let high = guess;
  for (let step = 64; low > 0 && hashAt(low) >= hash; step *= 2) low = Math.max(0, low - step);
  for (let step = 64; high < count && hashAt(high) < hash; step *= 2) {
    high = Math.min(count, high + step);
  }
  const from = firstWhere({ from: low, to: high }, (row) => hashAt(row) >= hash);
  let to = from;
  while (to < count && hashAt(to) === hash) to += 1;
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
