import type { RecordFacts } from '../../../domain/events/record.ts';
import type { JournalEntry, Position } from '../../../ports/journal.ts';
import {
  type Dictionary,
  hashText,
  longer,
  newDictionary,
  numberOf,
  ownText,
  readOnlyFalse,
  readOnlyTrue,
  scopeText,
  tagOf,
  valueLengthMax,
} from './dictionary.ts';
import type { RecordFile } from './record-file.ts';

/**
 * The newest records of a shard, in columns by number (the order of arrival), until they become a
 * segment. All terms of a record are in `terms`, from its `termStarts` on; places that have the
 * same term are a chain, from the dictionary's `lastAt` through `termBefore`.
 */
export interface Head extends Columns, Beginning {
  /** The journal's entries before it are in here, or in a segment. */
  next: Position;
  count: number;
  timeMin: number;
  timeMax: number;
  /** No record came with an older eventTime than the record before. */
  inOrder: boolean;
  readonly dictionary: Dictionary;
  readonly scopeNumbers: Map<string, Map<string, ScopeNumbers>>;
  readonly scopeTexts: string[];
}

export interface Beginning {
  readonly shard: string;
  readonly from: Position;
  /** The first record's ordinal. */
  readonly ordinal: number;
  readonly seed: number;
  readonly records: RecordFile;
}

/** They grow, and then serve one head after the other. */
export interface Columns {
  times: Float64Array;
  /** The latest of the times up to and with the record's. */
  timesMax: Float64Array;
  scopes: Uint32Array;
  eventIds: Uint32Array;
  starts: Uint32Array;
  termStarts: Uint32Array;
  terms: Uint32Array;
  termBefore: Uint32Array;
  /** By place in `terms`: the record. */
  termRecords: Uint32Array;
}

interface ScopeNumbers {
  Management: number | undefined;
  Insight: number | undefined;
}

export function newHead(beginning: Beginning, spare: Columns = newColumns()): Head {
  return {
    ...beginning,
    ...spare,
    next: beginning.from,
    count: 0,
    timeMin: Number.POSITIVE_INFINITY,
    timeMax: Number.NEGATIVE_INFINITY,
    inOrder: true,
    dictionary: newDictionary(),
    scopeNumbers: new Map(),
    scopeTexts: [],
  };
}

function newColumns(): Columns {
  return {
    times: new Float64Array(4096),
    timesMax: new Float64Array(4096),
    scopes: new Uint32Array(4096),
    eventIds: new Uint32Array(4096),
    starts: new Uint32Array(4096),
    termStarts: new Uint32Array(4096),
    terms: new Uint32Array(32768),
    termBefore: new Uint32Array(32768),
    termRecords: new Uint32Array(32768),
  };
}

/** Of a head that is no longer needed. */
export function columnsOf(head: Head): Columns {
  const { times, timesMax, scopes, eventIds, starts } = head;
  const { termStarts, terms, termBefore, termRecords } = head;
  return { times, timesMax, scopes, eventIds, starts, termStarts, terms, termBefore, termRecords };
}

/** LookupEvents knows events of these categories only. */
export function isInHistory(facts: RecordFacts): boolean {
  return facts.eventCategory === 'Management' || facts.eventCategory === 'Insight';
}

/** Takes the entry's records, those of the history's categories; nothing can fail halfway. */
export function takeEntry(head: Head, entry: JournalEntry): void {
  let runStart = 0;
  let runEnd = -1;
  let runOffset = 0;
  for (const record of entry.records) {
    if (!isInHistory(record.facts)) continue;
    // Neighbours are copied together, with the comma between them.
    if (record.start !== runEnd + 1 || runEnd < 0) {
      if (runEnd >= 0) copyRun(head, entry.bytes, runStart, runEnd);
      runStart = record.start;
      runOffset = head.records.length();
    }
    runEnd = record.end;
    takeFacts(head, record.facts, runOffset + record.start - runStart);
    head.starts[head.count] = runOffset + runEnd - runStart + 1;
  }
  if (runEnd >= 0) copyRun(head, entry.bytes, runStart, runEnd);
}

const separator = Buffer.from('\n');

function copyRun(head: Head, bytes: Buffer, start: number, end: number): void {
  head.records.append(bytes, start, end);
  head.records.append(separator, 0, 1);
}

function takeFacts(head: Head, facts: RecordFacts, start: number): void {
  makeRoom(head, 5 + facts.resources.length * 2);
  const { recipientAccountId, awsRegion, eventCategory } = facts;
  const scope = scopeNumber(head, recipientAccountId, awsRegion, eventCategory);
  placeRecord(head, start, facts.eventTime, scope, hashText(head.seed, facts.eventID));
  finishRecord(head, takeTerms(head, facts, head.termStarts[head.count]!));
}

/** For one more record, with so many terms. */
export function makeRoom(head: Head, terms: number): void {
  if (head.count + 2 > head.times.length) growColumns(head);
  if (head.termStarts[head.count]! + terms > head.terms.length) growTerms(head, terms);
}

/** All of the next record but its terms. `finishRecord` follows them. */
export function placeRecord(
  head: Head,
  start: number,
  time: number,
  scope: number,
  eventId: number,
): void {
  const number = head.count;
  if (time < head.timeMax) head.inOrder = false;
  else head.timeMax = time;
  if (time < head.timeMin) head.timeMin = time;
  head.times[number] = time;
  head.timesMax[number] = head.timeMax;
  head.starts[number] = start;
  head.scopes[number] = scope;
  head.eventIds[number] = eventId;
}

export function finishRecord(head: Head, termsEnd: number): void {
  head.termStarts[head.count + 1] = termsEnd;
  head.count += 1;
}

const eventNameTag = tagOf('EventName');
const eventSourceTag = tagOf('EventSource');
const usernameTag = tagOf('Username');
const accessKeyIdTag = tagOf('AccessKeyId');
const resourceTypeTag = tagOf('ResourceType');
const resourceNameTag = tagOf('ResourceName');

/** Answers where the next record's terms begin. */
function takeTerms(head: Head, facts: RecordFacts, start: number): number {
  let end = takeTerm(head, start, eventNameTag, facts.eventName);
  end = takeTerm(head, end, eventSourceTag, facts.eventSource);
  if (facts.username !== undefined) end = takeTerm(head, end, usernameTag, facts.username);
  if (facts.accessKeyId !== undefined) end = takeTerm(head, end, accessKeyIdTag, facts.accessKeyId);
  if (facts.readOnly !== undefined) {
    end = takeNumber(head, end, facts.readOnly ? readOnlyTrue : readOnlyFalse);
  }
  for (const { type, arn } of facts.resources) {
    if (type !== undefined) end = takeTerm(head, end, resourceTypeTag, type);
    if (arn !== undefined) end = takeTerm(head, end, resourceNameTag, arn);
  }
  return end;
}

function takeTerm(head: Head, end: number, tag: number, text: string): number {
  if (text.length > valueLengthMax) return end;
  return takeNumber(head, end, numberOf(head.dictionary, tag, text));
}

/** Gives the record at hand a term; answers where its next one goes. */
export function takeNumber(head: Head, end: number, term: number): number {
  const { dictionary } = head;
  const before = dictionary.lastAt[term]!;
  // Once a record, also when two of its resources are of one type.
  if (before > head.termStarts[head.count]!) return end;
  dictionary.lastAt[term] = end + 1;
  dictionary.counts[term] = dictionary.counts[term]! + 1;
  head.terms[end] = term;
  head.termBefore[end] = before;
  head.termRecords[end] = head.count;
  return end + 1;
}

export function scopeNumber(
  head: Head,
  account: string,
  region: string,
  eventCategory: string,
): number {
  const category = eventCategory as 'Management' | 'Insight';
  const known = head.scopeNumbers.get(account)?.get(region)?.[category];
  return known ?? addScope(head, account, region, category);
}

function addScope(
  head: Head,
  account: string,
  region: string,
  category: 'Management' | 'Insight',
): number {
  const regions = head.scopeNumbers.get(account) ?? new Map<string, ScopeNumbers>();
  head.scopeNumbers.set(ownText(account), regions);
  const numbers = regions.get(region) ?? { Management: undefined, Insight: undefined };
  regions.set(ownText(region), numbers);
  const number = head.scopeTexts.length;
  numbers[category] = number;
  head.scopeTexts.push(ownText(scopeText(account, region, category)));
  return number;
}

function growColumns(head: Head): void {
  const length = head.times.length * 2;
  const { times, timesMax } = head;
  head.times = new Float64Array(length);
  head.times.set(times);
  head.timesMax = new Float64Array(length);
  head.timesMax.set(timesMax);
  head.scopes = longer(head.scopes, length);
  head.eventIds = longer(head.eventIds, length);
  head.starts = longer(head.starts, length);
  head.termStarts = longer(head.termStarts, length);
}

function growTerms(head: Head, terms: number): void {
  const length = head.terms.length * 2 + terms;
  head.terms = longer(head.terms, length);
  head.termBefore = longer(head.termBefore, length);
  head.termRecords = longer(head.termRecords, length);
}
