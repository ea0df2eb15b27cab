import { hashText, tagOf } from './dictionary.ts';
import type { Head } from './head.ts';
import { hasEventId, isAfter, type Matches, noMatches, type Search } from './matches.ts';

/**
 * The head's matches, one more than a page at most. A head has no postings: its columns are read
 * from end to end, which takes less than a millisecond because a head is small.
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
  return head.records.read(head.starts[number]!, head.starts[number + 1]! - 1).toString();
}

function matchingNumbers(head: Head, search: Search): number[] {
  const scope = head.scopeNumbers.get(search.account)?.get(search.region)?.[search.category];
  if (scope === undefined || head.timeMax < search.startTime || head.timeMin > search.endTime) {
    return [];
  }
  const wanted = search.limit + 1;
  const found: number[] = [];
  const matches = attributeTest(head, search);
  if (matches === undefined) return [];
  for (let number = head.count - 1; number >= 0; number--) {
    if (head.scopes[number] !== scope) continue;
    const time = head.times[number]!;
    if (time < search.startTime || time > search.endTime) continue;
    if (!isAfter(search.after, time, head.ordinal + number, head.shard)) continue;
    if (!matches(number)) continue;
    found.push(number);
    if (head.inOrder && found.length === wanted) return found;
    if (found.length === wanted * 8) keepNewest(head, found, wanted);
  }
  keepNewest(head, found, wanted);
  return found;
}

function keepNewest(head: Head, numbers: number[], wanted: number): void {
  const { times } = head;
  numbers.sort((a, b) => times[b]! - times[a]! || b - a);
  if (numbers.length > wanted) numbers.length = wanted;
}

/** Undefined when no record of the head can have the value. */
function attributeTest(head: Head, search: Search): ((number: number) => boolean) | undefined {
  const { attribute } = search;
  if (attribute === undefined) return () => true;
  const { key, value } = attribute;
  if (key === 'EventId') {
    const hash = hashText(head.seed, value);
    return (number) => head.eventIds[number] === hash && hasEventId(recordAt(head, number), value);
  }
  const term = head.dictionary.numbers[tagOf(key)]!.get(value);
  if (term === undefined) return undefined;
  return (number) => {
    const end = head.termStarts[number + 1]!;
    for (let at = head.termStarts[number]!; at < end; at++) {
      if (head.terms[at] === term) return true;
    }
    return false;
  };
}
