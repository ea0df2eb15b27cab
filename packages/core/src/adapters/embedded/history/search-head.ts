import { hashText, tagOf } from './dictionary.ts';
import type { Head } from './head.ts';
import { hasEventId, isAfter, type Matches, noMatches, type Search } from './matches.ts';

/**
 * The head's matches, one more than a page at most. They are looked for from the last to arrive to
 * the first, and no further than something newer than the page can be.
 */
export function searchHead(head: Head, search: Search): Matches {
  const numbers = matchingNumbers(head, search);
  if (numbers.length === 0) return noMatches(head.shard);
  let at = 0;
  const matches: Matches = {
    shard: head.shard,
    time: head.times[numbers[0]!]!,
    ordinal: head.ordinal + numbers[0]!,
    advance: () => {
      at += 1;
      const number = numbers[at];
      matches.time = number === undefined ? Number.NEGATIVE_INFINITY : head.times[number]!;
      matches.ordinal = head.ordinal + (number ?? 0);
    },
    record: () => recordAt(head, numbers[at]!),
  };
  return matches;
}

function recordAt(head: Head, number: number): string {
  return head.records.text(head.starts[number]!, head.starts[number + 1]! - 1);
}

function matchingNumbers(head: Head, search: Search): number[] {
  const scope = head.scopeNumbers.get(search.account)?.get(search.region)?.[search.category];
  if (scope === undefined || head.timeMax < search.startTime || head.timeMin > search.endTime) {
    return [];
  }
  const { times, timesMax } = head;
  const { startTime, endTime, after } = search;
  const wanted = search.limit + 1;
  const found: number[] = [];
  // Of equal times the later arrival is in the page: what comes now has to be newer than this.
  let olderThanPage = Number.NEGATIVE_INFINITY;
  for (const number of candidates(head, search)) {
    if (timesMax[number]! < startTime || timesMax[number]! <= olderThanPage) break;
    const time = times[number]!;
    if (time < startTime || time > endTime || time <= olderThanPage) continue;
    if (head.scopes[number] !== scope) continue;
    if (!isAfter(after, time, head.ordinal + number, head.shard)) continue;
    found.push(number);
    if (found.length < wanted * 2) continue;
    keepNewest(times, found, wanted);
    olderThanPage = times[found[wanted - 1]!]!;
  }
  keepNewest(times, found, wanted);
  return found;
}

function keepNewest(times: Float64Array, numbers: number[], wanted: number): void {
  numbers.sort((a, b) => times[b]! - times[a]! || b - a);
  if (numbers.length > wanted) numbers.length = wanted;
}

/** The records that have the attribute, the last to arrive first. */
function candidates(head: Head, search: Search): Iterable<number> {
  const { attribute } = search;
  if (attribute === undefined) return everyNumber(head);
  const { key, value } = attribute;
  if (key === 'EventId') return numbersOfEventId(head, value);
  const term = head.dictionary.numbers[tagOf(key)]!.get(value);
  return term === undefined ? [] : numbersOfTerm(head, term);
}

function* everyNumber(head: Head): Iterable<number> {
  for (let number = head.count - 1; number >= 0; number--) yield number;
}

function* numbersOfTerm(head: Head, term: number): Iterable<number> {
  for (let at = head.dictionary.lastAt[term]!; at > 0; at = head.termBefore[at - 1]!) {
    yield head.termRecords[at - 1]!;
  }
}

function* numbersOfEventId(head: Head, eventId: string): Iterable<number> {
  const hash = hashText(head.seed, eventId);
  let end = head.count - 1;
  while (end >= 0) {
    const number = head.eventIds.lastIndexOf(hash, end);
    if (number === -1) return;
    if (hasEventId(recordAt(head, number), eventId)) yield number;
    end = number - 1;
  }
}
