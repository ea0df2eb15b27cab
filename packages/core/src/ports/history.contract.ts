import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RecordFacts } from '../domain/events/record.ts';
import {
  allPages,
  arrival,
  asked,
  compareWithModel,
  entryOf,
  factsOf,
  positionOf,
  queryOf,
  recordText,
  shard,
} from './history.fixture.ts';
import type { History, HistoryAttribute, HistoryQuery } from './history.ts';

export interface HistoryUnderTest {
  readonly history: History;
  close(): Promise<void>;
}

/** What every history keeps, whatever it is made of. */
export function historyContract(name: string, open: () => Promise<HistoryUnderTest>): void {
  describe(`history: ${name}`, () => {
    let history: History;
    let close: () => Promise<void>;
    let entries = 0;
    beforeEach(async () => {
      const opened = await open();
      history = opened.history;
      close = () => opened.close();
      entries = 0;
    });
    afterEach(() => close());

    async function add(...all: Partial<RecordFacts>[]): Promise<string[]> {
      const records = all.map((some) => {
        const facts = factsOf(some);
        return { facts, text: recordText(facts) };
      });
      entries += 1;
      await history.add(shard, [entryOf(entries, records)], positionOf(entries + 1));
      return records.map(({ text }) => text);
    }

    async function found(some: Partial<HistoryQuery> = {}): Promise<readonly string[]> {
      return (await history.lookup(queryOf(some))).records;
    }

    test('an empty history has no events and no position', async () => {
      expect(await history.lookup(queryOf())).toEqual({ records: [] });
      expect(await history.through(shard)).toBeUndefined();
    });

    test('events come newest first, those of one time the last to arrive first', async () => {
      const [a, b, c, d] = await add(
        { eventTime: 2000, eventID: 'a' },
        { eventTime: 3000, eventID: 'b' },
        { eventTime: 2000, eventID: 'c' },
        { eventTime: 1000, eventID: 'd' },
      );
      expect(await found()).toEqual([b, c, a, d]);
    });

    test('start and end of the time are both inclusive', async () => {
      const [, b, c] = await add(
        { eventTime: 999, eventID: 'a' },
        { eventTime: 1000, eventID: 'b' },
        { eventTime: 2000, eventID: 'c' },
        { eventTime: 2001, eventID: 'd' },
      );
      expect(await found({ startTime: 1000, endTime: 2000 })).toEqual([c, b]);
    });

    test('each attribute finds the whole value and nothing else', async () => {
      const facts = {
        eventID: 'id-1',
        eventName: 'PutObject',
        eventSource: 's3.amazonaws.com',
        readOnly: false,
        username: 'álvaro',
        accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
        resources: [
          { type: 'AWS::S3::Bucket', arn: 'arn:aws:s3:::one' },
          { type: 'AWS::S3::Bucket', arn: 'arn:aws:s3:::two' },
          { type: undefined, arn: undefined },
        ],
      };
      const [one] = await add(facts, { eventID: 'id-2', username: 'AKIAIOSFODNN7EXAMPLE' });
      const values: [HistoryAttribute, string][] = [
        ['EventId', 'id-1'],
        ['EventName', 'PutObject'],
        ['EventSource', 's3.amazonaws.com'],
        ['ReadOnly', 'false'],
        ['Username', 'álvaro'],
        ['AccessKeyId', 'AKIAIOSFODNN7EXAMPLE'],
        ['ResourceType', 'AWS::S3::Bucket'],
        ['ResourceName', 'arn:aws:s3:::two'],
      ];
      for (const [key, value] of values) {
        expect(await found({ attribute: { key, value } }), key).toEqual([one]);
        const shorter = { key, value: value.slice(0, -1) };
        expect(await found({ attribute: shorter }), key).toEqual([]);
      }
    });

    test('a record without readOnly is neither read-only nor not', async () => {
      await add({ readOnly: undefined });
      expect(await found({ attribute: { key: 'ReadOnly', value: 'false' } })).toEqual([]);
      expect(await found({ attribute: { key: 'ReadOnly', value: 'true' } })).toEqual([]);
    });

    test('accounts, Regions and categories are kept apart, and Data is not history', async () => {
      const [own, other, west, insight] = await add(
        { eventID: 'a' },
        { eventID: 'b', recipientAccountId: '999999999999' },
        { eventID: 'c', awsRegion: 'us-west-2' },
        { eventID: 'd', eventCategory: 'Insight' },
        { eventID: 'e', eventCategory: 'Data' },
        { eventID: 'f', eventCategory: 'NetworkActivity' },
      );
      expect(await found()).toEqual([own]);
      expect(await found({ account: '999999999999' })).toEqual([other]);
      expect(await found({ region: 'us-west-2' })).toEqual([west]);
      expect(await found({ category: 'Insight' })).toEqual([insight]);
    });

    test('entries that were added before change nothing', async () => {
      const facts = factsOf({ eventID: 'a' });
      const entry = entryOf(1, [{ facts, text: recordText(facts) }]);
      const later = factsOf({ eventID: 'b' });
      const next = entryOf(2, [{ facts: later, text: recordText(later) }]);
      await history.add(shard, [entry], positionOf(2));
      await history.add(shard, [entry, next], positionOf(3));
      await history.add(shard, [entry], positionOf(2));
      expect(await found()).toEqual([recordText(later), recordText(facts)]);
    });

    test('a record is kept though the bytes it came in are used again', async () => {
      const facts = factsOf({});
      const entry = entryOf(1, [{ facts, text: recordText(facts) }]);
      await history.add(shard, [entry], positionOf(2));
      entry.bytes.fill(0);
      expect(await found()).toEqual([recordText(facts)]);
    });

    test('shards are found together, and each has its own position', async () => {
      const [first] = await add({ eventID: 'a', eventTime: 1000 });
      const facts = factsOf({ eventID: 'b', eventTime: 2000 });
      const entry = entryOf(1, [{ facts, text: recordText(facts) }]);
      await history.add('shard-1', [entry], positionOf(2));
      expect(await found()).toEqual([recordText(facts), first]);
    });

    test('a page has its limit, and the last page no next', async () => {
      await add(...Array.from({ length: 4 }, (_, at) => ({ eventID: `${at}`, eventTime: at })));
      const first = await history.lookup(queryOf({ limit: 2 }));
      expect(first.records).toHaveLength(2);
      const second = await history.lookup(queryOf({ limit: 2, after: first.next! }));
      expect(second.records).toHaveLength(2);
      expect(second.next).toBeUndefined();
    });

    test('events that arrive between pages never shift those that follow', async () => {
      const before = await add(
        ...Array.from({ length: 9 }, (_, at) => ({ eventID: `${at}`, eventTime: 1000 })),
      );
      let arrived = 0;
      const all = await allPages(history, queryOf({ limit: 2 }), async () => {
        arrived += 1;
        await add({ eventID: `new-${arrived}`, eventTime: 1000 + (arrived % 2) });
      });
      expect(all).toEqual(before.reverse());
    });

    test('a cursor that no page gave is an error', async () => {
      await expect(history.lookup(queryOf({ after: 'made up' }))).rejects.toThrow('`after`');
    });

    test('what is older than the expiry is forgotten', async () => {
      const [, kept] = await add(
        { eventID: 'a', eventTime: 999 },
        { eventID: 'b', eventTime: 1000 },
      );
      await history.expire(1000);
      expect(await found()).toEqual([kept]);
    });
  });

  test(`history: ${name}: any records and any query answer like a plain list`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arrival, { maxLength: 12 }), asked, async (arrivals, queries) => {
        const { history, close } = await open();
        try {
          await compareWithModel(history, arrivals, queries);
        } finally {
          await close();
        }
      }),
      { numRuns: 40 },
    );
  }, 30_000);
}
