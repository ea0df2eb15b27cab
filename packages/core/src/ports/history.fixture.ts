import fc from 'fast-check';
import { expect } from 'vitest';
import type { RecordFacts } from '../domain/events/record.ts';
import type { History, HistoryAttribute, HistoryQuery } from './history.ts';
import type { JournalEntry } from './journal.ts';

export const account = '123456789012';
export const region = 'us-east-1';
export const shard = 'shard-0';

/** Facts of a record of `account` and `region`, with what the test says about it. */
export function factsOf(some: Partial<RecordFacts>): RecordFacts {
  return {
    eventID: '00000000-0000-4000-8000-000000000000',
    eventTime: 1_700_000_000_000,
    eventName: 'DescribeTrails',
    eventSource: 'cloudtrail.amazonaws.com',
    awsRegion: region,
    recipientAccountId: account,
    eventCategory: 'Management',
    eventType: 'AwsApiCall',
    readOnly: true,
    errorCode: undefined,
    vpcEndpointId: undefined,
    sessionCredentialFromConsole: undefined,
    userIdentityArn: undefined,
    accessKeyId: undefined,
    username: undefined,
    resources: [],
    ...some,
  };
}

/** A record with the facts; `text` tells it apart. */
export function recordText(facts: RecordFacts, text = ''): string {
  return JSON.stringify({ eventID: facts.eventID, eventName: facts.eventName, text });
}

export function positionOf(entry: number): string {
  return String(entry).padStart(12, '0');
}

/** An entry in a buffer that has other bytes around the records, as a recycled one has. */
export function entryOf(
  entry: number,
  records: readonly { facts: RecordFacts; text: string }[],
): JournalEntry {
  const spans: { start: number; end: number; facts: RecordFacts }[] = [];
  const parts: Buffer[] = [Buffer.from('[[[')];
  let at = 3;
  for (const { facts, text } of records) {
    const bytes = Buffer.from(text);
    spans.push({ start: at, end: at + bytes.length, facts });
    parts.push(bytes, Buffer.from(','));
    at += bytes.length + 1;
  }
  return {
    position: positionOf(entry),
    bytes: Buffer.concat(parts),
    records: spans,
    statePosition: 0,
    acceptedAt: 0,
  };
}

export function queryOf(some: Partial<HistoryQuery> = {}): HistoryQuery {
  return {
    account,
    region,
    category: 'Management',
    startTime: 0,
    endTime: 2_000_000_000_000,
    limit: 50,
    ...some,
  };
}

export interface ModelRecord {
  readonly facts: RecordFacts;
  readonly text: string;
}

interface ModelMatch {
  readonly text: string;
  readonly time: number;
  readonly ordinal: number;
}

/**
 * What a history must answer, from a list in the order of arrival; only what comes after `last`.
 */
function modelMatches(
  arrived: readonly ModelRecord[],
  query: HistoryQuery,
  last?: ModelMatch,
): ModelMatch[] {
  return arrived
    .map(({ facts, text }, ordinal) => ({ facts, text, time: facts.eventTime, ordinal }))
    .filter(({ facts }) => isAsked(facts, query))
    .filter((match) => last === undefined || newestFirst(last, match) < 0)
    .sort(newestFirst);
}

function newestFirst(a: ModelMatch, b: ModelMatch): number {
  return b.time - a.time || b.ordinal - a.ordinal;
}

function isAsked(facts: RecordFacts, query: HistoryQuery): boolean {
  const { attribute } = query;
  return (
    facts.recipientAccountId === query.account &&
    facts.awsRegion === query.region &&
    facts.eventCategory === query.category &&
    facts.eventTime >= query.startTime &&
    facts.eventTime <= query.endTime &&
    (attribute === undefined || valuesOf(facts, attribute.key).includes(attribute.value))
  );
}

function valuesOf(facts: RecordFacts, key: HistoryAttribute): readonly (string | undefined)[] {
  switch (key) {
    case 'EventId':
      return [facts.eventID];
    case 'EventName':
      return [facts.eventName];
    case 'ReadOnly':
      return [facts.readOnly === undefined ? undefined : String(facts.readOnly)];
    case 'Username':
      return [facts.username];
    case 'ResourceType':
      return facts.resources.map(({ type }) => type);
    case 'ResourceName':
      return facts.resources.map(({ arn }) => arn);
    case 'EventSource':
      return [facts.eventSource];
    case 'AccessKeyId':
      return [facts.accessKeyId];
  }
}

/** All pages, `between` run after each. */
export async function allPages(
  history: History,
  query: HistoryQuery,
  between: () => Promise<void> = async () => {},
): Promise<string[]> {
  const records: string[] = [];
  let after: string | undefined;
  for (let page = 0; page < 1000; page++) {
    const answer = await history.lookup(after === undefined ? query : { ...query, after });
    records.push(...answer.records);
    if (answer.next === undefined) return records;
    expect(answer.records).toHaveLength(query.limit);
    after = answer.next;
    await between();
  }
  throw new Error('more than 1000 pages');
}

const few = (...values: string[]) => fc.constantFrom(...values);
const maybe = (...values: string[]) => fc.constantFrom(undefined, ...values);
const resource = fc.record({ type: maybe('T1', 'T2'), arn: maybe('arn:1', 'arn:2', 'é☃😀') });

const randomFacts: fc.Arbitrary<Partial<RecordFacts>> = fc.record({
  eventID: few('id-1', 'id-2', 'id-3', 'id-4'),
  eventTime: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 2 ** 41 })),
  eventName: few('Get', 'Put', 'Delete'),
  eventSource: few('s3.amazonaws.com', 'iam.amazonaws.com'),
  awsRegion: few(region, 'eu-west-1'),
  recipientAccountId: few(account, '999999999999'),
  eventCategory: fc.constantFrom('Management', 'Management', 'Management', 'Insight', 'Data'),
  readOnly: fc.constantFrom(true, false, undefined),
  username: maybe('root', 'alice', ''),
  accessKeyId: maybe('AKIA1', 'AKIA2'),
  resources: fc.array(resource, { maxLength: 3 }),
});

/** The records of an entry. */
export const arrival = fc.array(fc.tuple(randomFacts, fc.string({ unit: 'grapheme' })), {
  maxLength: 6,
});

const attribute = fc.oneof(
  few('id-1', 'id-2', 'no-id').map((value) => ({ key: 'EventId' as const, value })),
  few('Get', 'Put', 'None').map((value) => ({ key: 'EventName' as const, value })),
  few('true', 'false').map((value) => ({ key: 'ReadOnly' as const, value })),
  few('root', 'alice').map((value) => ({ key: 'Username' as const, value })),
  few('T1', 'T2').map((value) => ({ key: 'ResourceType' as const, value })),
  few('arn:1', 'é☃😀').map((value) => ({ key: 'ResourceName' as const, value })),
  few('s3.amazonaws.com').map((value) => ({ key: 'EventSource' as const, value })),
  few('AKIA1', 'AKIA2').map((value) => ({ key: 'AccessKeyId' as const, value })),
);

export const asked = fc.array(
  fc.record({
    attribute: fc.option(attribute, { nil: undefined }),
    startTime: fc.constantFrom(0, 2, 5),
    endTime: fc.constantFrom(4, 9, 2 ** 40, 2 ** 41),
    limit: fc.integer({ min: 1, max: 5 }),
    category: fc.constantFrom('Management' as const, 'Insight' as const),
  }),
  { minLength: 1, maxLength: 6 },
);

/** Adds the entries bit by bit, also between pages, and asks the queries. */
export async function compareWithModel(
  history: History,
  arrivals: readonly (readonly [Partial<RecordFacts>, string][])[],
  queries: readonly Partial<HistoryQuery>[],
): Promise<void> {
  const arrived: ModelRecord[] = [];
  const waiting = arrivals.map((records, index) => {
    const made = records.map(([some, text]) => {
      const facts = factsOf(some);
      return { facts, text: recordText(facts, text) };
    });
    return { entry: entryOf(index, made), made, next: positionOf(index + 1) };
  });
  const arrive = async () => {
    const first = waiting.shift();
    if (first === undefined) return;
    await history.add(shard, [first.entry], first.next);
    arrived.push(...first.made);
  };
  for (const some of queries) {
    await arrive();
    await arrive();
    const query = queryOf(some);
    let last: ModelMatch | undefined;
    let after: string | undefined;
    for (let page = 0; page < 200; page++) {
      const answer = await history.lookup(after === undefined ? query : { ...query, after });
      const expected = modelMatches(arrived, query, last);
      const texts = expected.map(({ text }) => text);
      expect(answer.records).toEqual(texts.slice(0, query.limit));
      expect(answer.next !== undefined).toBe(expected.length > query.limit);
      if (answer.next === undefined) break;
      after = answer.next;
      last = expected[query.limit - 1];
      // What arrives between the pages comes into those that follow only where it is older.
      await arrive();
    }
  }
}
