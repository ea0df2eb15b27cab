import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ReadRecords, readRecords } from '../domain/events/read-records.ts';
import type { Journal, JournalBatch, JournalEntry } from './journal.ts';

const now = Date.parse('2026-11-21T03:13:00Z');

/** A batch of small records: ids as given, everything else alike unless `change` says otherwise. */
export function batchOf(ids: readonly string[], change: object = {}): JournalBatch {
  const records = ids.map((eventID) => ({
    eventVersion: '1.11',
    userIdentity: { type: 'IAMUser', userName: 'alice', accountId: '111122223333' },
    eventTime: '2026-11-21T03:12:58Z',
    eventSource: 's3.amazonaws.com',
    eventName: 'PutObject',
    awsRegion: 'eu-central-1',
    requestParameters: { bucketName: 'b' },
    responseElements: null,
    eventID,
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: '111122223333',
    eventCategory: 'Management',
    ...change,
  }));
  const context = { now, newEventID: () => '', mayWriteFor: () => true, defaultAccount: '' };
  const read = readRecords(Buffer.from(JSON.stringify(records)), context) as ReadRecords;
  expect(read.rejected).toEqual([]);
  return { ...read.batch, statePosition: 7, acceptedAt: now };
}

/** The ids in an entry, in order. */
export function idsOf(entries: readonly JournalEntry[]): readonly string[] {
  return entries.flatMap(({ records }) => records.map(({ facts }) => facts.eventID));
}

/** All entries of all shards, shard by shard. */
export async function readAll(journal: Journal, bytesMax = 1_000_000): Promise<JournalEntry[]> {
  const all: JournalEntry[] = [];
  for (const shard of await journal.shards()) {
    const end = await journal.end(shard);
    for (let from = await journal.start(shard); from < end; ) {
      const { entries, next } = await journal.read(shard, from, bytesMax);
      expect(next > from).toBe(true);
      all.push(...entries);
      from = next;
    }
  }
  return all;
}

/** What every journal keeps, whatever it is made of and however many shards it has. */
export function journalContract(
  name: string,
  open: () => Promise<{ journal: Journal; close: () => Promise<void> }>,
): void {
  describe(`journal: ${name}`, () => {
    let journal: Journal;
    let close: () => Promise<void>;
    beforeEach(async () => {
      ({ journal, close } = await open());
    });
    afterEach(() => close());

    test('an empty journal has shards, and nothing in them', async () => {
      const shards = await journal.shards();
      expect(shards.length).toBeGreaterThan(0);
      for (const shard of shards) {
        const end = await journal.end(shard);
        expect(await journal.read(shard, end, 1_000)).toEqual({ entries: [], next: end });
      }
      expect(await readAll(journal)).toEqual([]);
    });

    test('records are read back with their bytes, their facts and when they came', async () => {
      const batch = batchOf(['a', 'b', 'c']);
      expect(await journal.append(batch)).toEqual(['accepted', 'accepted', 'accepted']);
      const [entry, ...rest] = await readAll(journal);
      expect(rest).toEqual([]);
      expect(entry!.bytes.equals(batch.bytes)).toBe(true);
      expect(entry!.records).toEqual(batch.records);
      expect(entry).toMatchObject({ statePosition: 7, acceptedAt: now });
    });

    test('an empty batch is accepted and leaves nothing', async () => {
      expect(await journal.append(batchOf([]))).toEqual([]);
      expect(await readAll(journal)).toEqual([]);
    });

    test('a shard is read in the order of its positions, and again from each of them', async () => {
      for (let i = 0; i < 20; i++) await journal.append(batchOf([`${i}`]));
      for (const shard of await journal.shards()) {
        const { entries, next } = await journal.read(shard, await journal.start(shard), 1_000_000);
        const positions = entries.map(({ position }) => position);
        expect(positions).toEqual([...positions].sort());
        for (const entry of entries) {
          const again = await journal.read(shard, entry.position, 1);
          expect(again.entries).toEqual([entry]);
        }
        expect(next <= (await journal.end(shard))).toBe(true);
      }
      const ids = idsOf(await readAll(journal)).map(Number);
      expect(ids.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    });

    test('a read stops near its limit, after one entry at least, and can be gone on with', async () => {
      for (let i = 0; i < 10; i++) await journal.append(batchOf([`${i}`]));
      const one = batchOf(['0']).bytes.length;
      for (const shard of await journal.shards()) {
        const start = await journal.start(shard);
        expect((await journal.read(shard, start, 1)).entries.length).toBeLessThanOrEqual(1);
        const some = await journal.read(shard, start, one * 3);
        expect(some.entries.length).toBeLessThanOrEqual(4);
      }
      expect(idsOf(await readAll(journal, 1)).length).toBe(10);
    });

    test('a position is a fixed-width decimal', async () => {
      await journal.append(batchOf(['a']));
      for (const shard of await journal.shards()) {
        const positions = [await journal.start(shard), await journal.end(shard)];
        for (const position of positions) expect(position).toMatch(/^\d+$/);
        expect(new Set(positions.map(({ length }) => length)).size).toBe(1);
      }
    });

    test('a record that came before is a duplicate, another one with its id a conflict', async () => {
      await journal.append(batchOf(['a', 'b']));
      expect(await journal.append(batchOf(['b', 'c', 'a']))).toEqual([
        'duplicate',
        'accepted',
        'duplicate',
      ]);
      expect(await journal.append(batchOf(['a'], { eventName: 'GetObject' }))).toEqual([
        'conflict',
      ]);
      expect([...idsOf(await readAll(journal))].sort()).toEqual(['a', 'b', 'c']);
    });

    test('a record that comes late the second time is a duplicate all the same', async () => {
      await journal.append(batchOf(['a']));
      const late = batchOf(['a'], { addendum: { reason: 'DELIVERY_DELAY' } });
      expect(await journal.append(late)).toEqual(['duplicate']);
    });

    test('ids are told apart by account', async () => {
      await journal.append(batchOf(['a']));
      const other = batchOf(['a'], { recipientAccountId: '444455556666' });
      expect(await journal.append(other)).toEqual(['accepted']);
    });

    test('within a batch an id is accepted once', async () => {
      expect(await journal.append(batchOf(['a', 'b', 'a', 'c', 'b']))).toEqual([
        'accepted',
        'accepted',
        'duplicate',
        'accepted',
        'duplicate',
      ]);
      const [entry] = await readAll(journal);
      expect(entry!.bytes.toString()).toBe(batchOf(['a', 'b', 'c']).bytes.toString());
      expect(entry!.records).toEqual(batchOf(['a', 'b', 'c']).records);
    });

    test('of appends at the same time one accepts an id', async () => {
      const appends = Array.from({ length: 10 }, () => journal.append(batchOf(['a', 'b'])));
      const outcomes = (await Promise.all(appends)).flat();
      expect(outcomes.filter((outcome) => outcome === 'accepted').length).toBe(2);
      expect([...idsOf(await readAll(journal))].sort()).toEqual(['a', 'b']);
    });

    test('what was trimmed stays known, and the rest readable', async () => {
      for (let i = 0; i < 5; i++) await journal.append(batchOf([`${i}`]));
      for (const shard of await journal.shards()) {
        const end = await journal.end(shard);
        await journal.trim(shard, end);
        expect((await journal.start(shard)) <= end).toBe(true);
      }
      expect(await journal.append(batchOf(['3', '5']))).toEqual(['duplicate', 'accepted']);
      expect(idsOf(await readAll(journal))).toContain('5');
    });

    test('the caller may use its buffer again once the append has resolved', async () => {
      const batch = batchOf(['a']);
      const before = batch.bytes.toString();
      await journal.append(batch);
      batch.bytes.fill(0);
      expect((await readAll(journal))[0]!.bytes.toString()).toBe(before);
    });
  });
}
