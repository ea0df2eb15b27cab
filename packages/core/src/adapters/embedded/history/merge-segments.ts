import { setImmediate } from 'node:timers/promises';
import { segmentPath } from './catalogue.ts';
import type { ChunkPool } from './chunk-pool.ts';
import { numberOf, scopeParts, scopeTag } from './dictionary.ts';
import {
  finishRecord,
  type Head,
  makeRoom,
  newHead,
  placeRecord,
  scopeNumber,
  takeNumber,
} from './head.ts';
import type { Pages } from './pages.ts';
import { createRecordFile } from './record-file.ts';
import { sealHead } from './seal.ts';
import type { Section, Segment } from './segment-format.ts';

/**
 * So many small neighbours are made one: a record is copied at most twice on its way to a full one.
 */
const neighboursMin = 8;

/**
 * Neighbours in a shard that should be one segment, in their order; undefined when there are none.
 * Small segments come where little of the journal is history: a rare value would be looked for in
 * thousands of them.
 */
export function smallNeighbours(
  segments: readonly Segment[],
  headRecordsMax: number,
): readonly Segment[] | undefined {
  const inOrder = [...segments].sort((a, b) => compareShards(a, b) || a.ordinal - b.ordinal);
  let run: Segment[] = [];
  for (const segment of inOrder) {
    const last = run.at(-1);
    const follows = last?.shard === segment.shard && last.ordinal + last.count === segment.ordinal;
    if (segment.count > headRecordsMax / neighboursMin) run = [];
    else if (follows && last.seed === segment.seed) run.push(segment);
    else run = [segment];
    if (run.length === neighboursMin) return run;
  }
  return undefined;
}

function compareShards(a: Segment, b: Segment): number {
  if (a.shard === b.shard) return 0;
  return a.shard < b.shard ? -1 : 1;
}

/** One segment with the records of neighbours, whose files are as they were when it resolves. */
export async function mergeSegments(
  dir: string,
  pages: Pages,
  pool: ChunkPool,
  neighbours: readonly Segment[],
): Promise<Segment> {
  const { shard, from, ordinal, seed } = neighbours[0]!;
  const path = `${segmentPath(dir, { shard, from, ordinal, count: 0 })}.merged.tmp`;
  const records = createRecordFile(path, pool);
  try {
    const head = newHead({ shard, from, ordinal, seed, records });
    for (const segment of neighbours) await absorb(head, segment, pages);
    const merged = await sealHead(head, segmentPath(dir, head), { bytes: Buffer.from('') });
    await records.close();
    return merged;
  } catch (error) {
    await records.discard();
    throw error;
  }
}

async function absorb(head: Head, segment: Segment, pages: Pages): Promise<void> {
  const index = indexOf(segment, pages);
  const starts = index.u32('starts', segment.count + 1);
  const offset = head.records.length();
  await copyRecords(head, segment, pages, starts[segment.count]!);
  const times = index.f64('times', segment.count);
  const numbers = index.u32('numbers', segment.count);
  const ranks = new Uint32Array(segment.count);
  for (let rank = 0; rank < segment.count; rank++) ranks[numbers[rank]!] = rank;
  const eventIds = eventIdsByRank(segment, index);
  const { scopes, terms, termStarts } = termsByRank(head, segment, index);
  await setImmediate();
  for (let number = 0; number < segment.count; number++) {
    const rank = ranks[number]!;
    const from = termStarts[rank]!;
    const to = termStarts[rank + 1]!;
    makeRoom(head, to - from);
    placeRecord(head, offset + starts[number]!, times[rank]!, scopes[rank]!, eventIds[rank]!);
    let end = head.termStarts[head.count]!;
    for (let at = from; at < to; at++) end = takeNumber(head, end, terms[at]!);
    finishRecord(head, end);
  }
  head.starts[head.count] = offset + starts[segment.count]!;
  head.next = segment.next;
  await setImmediate();
}

interface Index {
  u32(section: Section, length: number): Uint32Array;
  f64(section: Section, length: number): Float64Array;
  text(start: number, end: number): string;
}

/** All sections of a small segment at once. */
function indexOf(segment: Segment, pages: Pages): Index {
  const start = segment.sections.times;
  const bytes = Buffer.from(new ArrayBuffer(segment.sections.end - start));
  let filled = 0;
  pages.visit(segment, start, segment.sections.end, (part, from, to) => {
    filled += part.copy(bytes, filled, from, to);
  });
  const { buffer } = bytes;
  const { sections } = segment;
  return {
    u32: (section, length) => new Uint32Array(buffer, sections[section] - start, length),
    f64: (section, length) => new Float64Array(buffer, sections[section] - start, length),
    text: (from, to) => {
      const texts = sections.texts - start;
      return bytes.toString('utf8', texts + from, texts + to);
    },
  };
}

/** Between steps the process can answer others. */
const stepBytes = 512 * 1024;

async function copyRecords(
  head: Head,
  segment: Segment,
  pages: Pages,
  length: number,
): Promise<void> {
  for (let at = 0; at < length; at += stepBytes) {
    pages.visit(segment, at, Math.min(at + stepBytes, length), head.records.append);
    await setImmediate();
    if (head.records.waiting() > 1) await head.records.drain();
  }
}

function eventIdsByRank(segment: Segment, index: Index): Uint32Array {
  const rows = index.u32('eventIds', segment.count * 2);
  const byRank = new Uint32Array(segment.count);
  for (let at = 0; at < rows.length; at += 2) byRank[rows[at + 1]!] = rows[at]!;
  return byRank;
}

/** The postings turned around: what each record has, in the head's numbers. */
function termsByRank(head: Head, segment: Segment, index: Index) {
  const rows = index.u32('terms', (segment.terms + 1) * 4);
  const postingsLength = (segment.sections.terms - segment.sections.postings) >>> 2;
  const postings = index.u32('postings', postingsLength);
  const scopes = new Uint32Array(segment.count);
  const termStarts = new Uint32Array(segment.count + 1);
  const postingTerms = new Uint32Array(postingsLength);
  for (let row = 0; row < segment.terms * 4; row += 4) {
    const from = rows[row + 1]!;
    const to = rows[row + 2]!;
    const whole = index.text(rows[row + 3]!, rows[row + 7]!);
    const tag = whole.charCodeAt(0) - 1;
    const text = whole.slice(1);
    if (tag === scopeTag) {
      scopes.fill(scopeNumber(head, ...scopeParts(text)), from, to);
      continue;
    }
    postingTerms.fill(numberOf(head.dictionary, tag, text), from, to);
    for (let at = from; at < to; at++) termStarts[postings[at]! + 1]! += 1;
  }
  for (let rank = 0; rank < segment.count; rank++) termStarts[rank + 1]! += termStarts[rank]!;
  const ends = termStarts.slice();
  const terms = new Uint32Array(termStarts[segment.count]!);
  for (let at = 0; at < terms.length; at++) {
    const rank = postings[at]!;
    terms[ends[rank]!] = postingTerms[at]!;
    ends[rank]! += 1;
  }
  return { scopes, terms, termStarts };
}
