import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  entryOf,
  factsOf,
  positionOf,
  queryOf,
  recordText,
  shard,
} from '../../../ports/history.fixture.ts';
import { type FileHistory, fileHistory } from './file-history.ts';

const mebibyte = 1024 * 1024;
const entries = 80;
const recordsPerEntry = 100;
const headRecordsMax = 1000;
const users = 160;

describe('the memory of lookups', () => {
  let dir: string;
  let history: FileHistory;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'history-'));
    const journal = { start: async () => positionOf(0) };
    history = await fileHistory(dir, { journal, headRecordsMax });
  });
  afterEach(async () => {
    await history.close();
    rmSync(dir, { recursive: true });
  });

  test('more pages than there is memory for are read, and it does not grow', async () => {
    // 16 MB of records, of which 8 MB stay; every user's are a page apart.
    await fill('x'.repeat(2000));
    await lookUpUsers(1);
    const before = process.memoryUsage().arrayBuffers;
    const peak = await lookUpUsers(3);
    expect(peak - before).toBeLessThan(2 * mebibyte);
  });

  test('lookups side by side answer as one after the other, with the same memory', async () => {
    await fill('x'.repeat(2000));
    await lookUpUsers(1);
    const before = process.memoryUsage().arrayBuffers;
    const some = Array.from({ length: 40 }, (_, user) => user * 4);
    const together = await Promise.all(some.map(lookUp));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * mebibyte);
    for (const [at, user] of some.entries()) {
      expect(together[at]).toEqual(await lookUp(user));
      expect(together[at]).toEqual(newestOf(user));
    }
  });

  test('a record longer than what is read at a time comes whole, among others', async () => {
    const long = 'é'.repeat(300_000);
    await add(0, [recordOf(0, long), recordOf(0, 'a'), recordOf(0, long), recordOf(0, 'b')]);
    await fill('x', 1);
    const { records } = await history.lookup(queryOf({ endTime: 0 }));
    expect(records.map((text) => JSON.parse(text).text)).toEqual(['b', long, 'a', long]);
  });

  /** Answers the most bytes in use after any of the lookups. */
  async function lookUpUsers(rounds: number): Promise<number> {
    let peak = 0;
    for (let at = 0; at < rounds * users; at++) {
      const user = (at * 37) % users;
      expect(await lookUp(user)).toHaveLength(50);
      peak = Math.max(peak, process.memoryUsage().arrayBuffers);
    }
    return peak;
  }

  async function lookUp(user: number): Promise<readonly string[]> {
    const attribute = { key: 'Username', value: `user-${user}` } as const;
    return (await history.lookup(queryOf({ attribute }))).records;
  }

  async function fill(text: string, from = 0): Promise<void> {
    for (let entry = from; entry < entries; entry++) {
      const numbers = Array.from(
        { length: recordsPerEntry },
        (_, n) => entry * recordsPerEntry + n,
      );
      await add(
        entry,
        numbers.map((number) => recordOf(number, text)),
      );
    }
  }

  async function add(entry: number, records: ReturnType<typeof recordOf>[]): Promise<void> {
    await history.add(shard, [entryOf(entry, records)], positionOf(entry + 1));
  }
});

function recordOf(number: number, text: string) {
  const username = `user-${number % users}`;
  const facts = factsOf({ eventID: `id-${number}`, eventTime: number, username });
  return { facts, text: recordText(facts, text) };
}

function newestOf(user: number): string[] {
  const last = entries * recordsPerEntry - users + user;
  return Array.from({ length: 50 }, (_, at) => {
    return recordOf(last - at * users, 'x'.repeat(2000)).text;
  });
}
