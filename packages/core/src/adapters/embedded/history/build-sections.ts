import { setImmediate } from 'node:timers/promises';
import { hashText, scopeTag, termText } from './dictionary.ts';
import { addToFilter, filterLength } from './filter.ts';
import type { Head } from './head.ts';
import { orderBy } from './order-by.ts';
import { type Section, type SegmentFooter, sections } from './segment-format.ts';

/**
 * Memory that one seal after the other uses: fresh pages cost more than what is written to them.
 */
export interface Scratch {
  bytes: Buffer<ArrayBuffer>;
}

export interface BuiltSections {
  /** The file's bytes from its first section to the last, in the scratch. */
  readonly bytes: Buffer;
  readonly places: SegmentFooter['sections'];
  readonly terms: number;
}

/**
 * The index of a head that takes no more records. Works in steps of a few milliseconds, between
 * which the process can answer others. `start` is where the sections begin in the file.
 */
export async function buildSections(
  head: Head,
  start: number,
  scratch: Scratch,
): Promise<BuiltSections> {
  const ranks = await rankRecords(head);
  const terms = await orderTerms(head);
  const texts = await encodeTexts(head, terms.order);
  const { count } = head;
  const termCount = terms.order.length;
  const lengths: Record<Section, number> = {
    times: count * 8,
    numbers: count * 4,
    starts: (count + 1) * 4,
    eventIds: count * 8,
    postings: terms.postings * 4,
    terms: (termCount + 1) * 16,
    texts: texts.bytes.length,
    filter: filterLength(count + termCount) * 4,
  };
  const places = placeSections(lengths, start);
  const bytes = zeros(scratch, places.end - start);
  const u32 = (section: Section) =>
    new Uint32Array(bytes.buffer, places[section] - start, lengths[section] / 4);
  const times = new Float64Array(bytes.buffer, places.times - start, count);
  for (let rank = 0; rank < count; rank++) times[rank] = head.times[ranks.numbers[rank]!]!;
  u32('numbers').set(ranks.numbers);
  u32('starts').set(head.starts.subarray(0, count + 1));
  bytes.set(texts.bytes, places.texts - start);
  await fillEventIds(head, ranks.numbers, u32('eventIds'));
  await fillPostings(
    head,
    ranks,
    fillTerms(head, ranks, terms, texts.starts, u32('terms')),
    u32('postings'),
  );
  await fillFilter(head, terms.hashes, u32('filter'));
  return { bytes, places, terms: termCount };
}

/** So many records or terms are worked on before others have their turn: about a millisecond. */
const stepLength = 16_384;

async function inSteps(count: number, work: (from: number, to: number) => void): Promise<void> {
  for (let from = 0; from < count; from += stepLength) {
    work(from, Math.min(count, from + stepLength));
    await setImmediate();
  }
}

function zeros(scratch: Scratch, length: number): Buffer<ArrayBuffer> {
  if (scratch.bytes.length < length) scratch.bytes = Buffer.from(new ArrayBuffer(length * 1.25));
  return scratch.bytes.subarray(0, length).fill(0);
}

function placeSections(lengths: Record<Section, number>, start: number): SegmentFooter['sections'] {
  const places = {} as Record<Section | 'end', number>;
  let at = start;
  for (const section of sections) {
    places[section] = at;
    at += lengths[section] + (-lengths[section] & 7);
  }
  places.end = at;
  return places;
}

interface Ranks {
  /** By rank: the record's number. */
  readonly numbers: Uint32Array;
  /** By scope, and one more: its first rank. */
  readonly scopeStarts: Uint32Array;
}

async function rankRecords(head: Head): Promise<Ranks> {
  const inTime = numbersByTime(head);
  await setImmediate();
  const scopeStarts = new Uint32Array(head.scopeTexts.length + 1);
  for (let number = 0; number < head.count; number++) scopeStarts[head.scopes[number]! + 1]! += 1;
  for (let scope = 1; scope < scopeStarts.length; scope++) {
    scopeStarts[scope]! += scopeStarts[scope - 1]!;
  }
  const numbers = new Uint32Array(head.count);
  const ends = scopeStarts.slice();
  for (let at = 0; at < head.count; at++) {
    const number = inTime === undefined ? at : inTime[at]!;
    const scope = head.scopes[number]!;
    numbers[ends[scope]!] = number;
    ends[scope]! += 1;
  }
  await setImmediate();
  return { numbers, scopeStarts };
}

/** Undefined: they came in the order of their time. */
function numbersByTime(head: Head): Uint32Array | undefined {
  if (head.inOrder) return undefined;
  const { count, times, timeMin, timeMax } = head;
  const keys = new Float64Array(count);
  for (let number = 0; number < count; number++) keys[number] = times[number]! - timeMin;
  return orderBy(keys, timeMax - timeMin);
}

async function fillEventIds(head: Head, numbers: Uint32Array, rows: Uint32Array): Promise<void> {
  const keys = new Uint32Array(head.count);
  for (let rank = 0; rank < head.count; rank++) keys[rank] = head.eventIds[numbers[rank]!]!;
  await setImmediate();
  const ranks = orderBy(keys, hashMax);
  for (let at = 0; at < head.count; at++) {
    rows[at * 2] = keys[ranks[at]!]!;
    rows[at * 2 + 1] = ranks[at]!;
  }
  await setImmediate();
}

const hashMax = 2 ** 32 - 1;

interface Terms {
  /** By place in the segment's dictionary: the head's number of the term; scopes follow terms. */
  readonly order: Uint32Array;
  readonly hashes: Uint32Array;
  readonly postings: number;
}

async function orderTerms(head: Head): Promise<Terms> {
  const { texts, counts } = head.dictionary;
  const keys = new Uint32Array(texts.length + head.scopeTexts.length);
  let postings = 0;
  await inSteps(keys.length, (from, to) => {
    for (let term = from; term < to; term++) {
      keys[term] = hashText(head.seed, textOf(head, term));
      if (term < texts.length) postings += counts[term]!;
    }
  });
  const order = orderBy(keys, hashMax);
  await setImmediate();
  return { order, hashes: order.map((term) => keys[term]!), postings };
}

function textOf(head: Head, term: number): string {
  const { texts, tags } = head.dictionary;
  return term < texts.length
    ? termText(tags[term]!, texts[term]!)
    : termText(scopeTag, head.scopeTexts[term - texts.length]!);
}

async function encodeTexts(
  head: Head,
  order: Uint32Array,
): Promise<{ bytes: Buffer; starts: Uint32Array }> {
  const starts = new Uint32Array(order.length + 1);
  const parts: Buffer[] = [];
  let end = 0;
  await inSteps(order.length, (from, to) => {
    let text = '';
    for (let at = from; at < to; at++) {
      const own = textOf(head, order[at]!);
      starts[at] = end;
      end += Buffer.byteLength(own);
      text += own;
    }
    parts.push(Buffer.from(text));
  });
  starts[order.length] = end;
  return { bytes: Buffer.concat(parts), starts };
}

/** Answers where each list begins, by the head's number of the term. */
function fillTerms(
  head: Head,
  ranks: Ranks,
  terms: Terms,
  textStarts: Uint32Array,
  rows: Uint32Array,
): Uint32Array {
  const { counts, texts } = head.dictionary;
  const listStarts = new Uint32Array(texts.length);
  let end = 0;
  for (let at = 0; at < terms.order.length; at++) {
    const term = terms.order[at]!;
    const row = at * 4;
    rows[row] = terms.hashes[at]!;
    if (term < texts.length) {
      listStarts[term] = end;
      rows[row + 1] = end;
      end += counts[term]!;
      rows[row + 2] = end;
    } else {
      rows[row + 1] = ranks.scopeStarts[term - texts.length]!;
      rows[row + 2] = ranks.scopeStarts[term - texts.length + 1]!;
    }
    rows[row + 3] = textStarts[at]!;
  }
  rows[terms.order.length * 4 + 3] = textStarts[terms.order.length]!;
  return listStarts;
}

async function fillPostings(
  head: Head,
  ranks: Ranks,
  ends: Uint32Array,
  postings: Uint32Array,
): Promise<void> {
  await setImmediate();
  await inSteps(head.count, (from, to) => {
    for (let rank = from; rank < to; rank++) {
      const number = ranks.numbers[rank]!;
      const last = head.termStarts[number + 1]!;
      for (let at = head.termStarts[number]!; at < last; at++) {
        const term = head.terms[at]!;
        postings[ends[term]!] = rank;
        ends[term]! += 1;
      }
    }
  });
}

async function fillFilter(head: Head, termHashes: Uint32Array, words: Uint32Array): Promise<void> {
  for (const hash of termHashes) addToFilter(words, hash);
  await inSteps(head.count, (from, to) => {
    for (let number = from; number < to; number++) addToFilter(words, head.eventIds[number]!);
  });
}
