import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Commit, commitItemsMax, type EventStore, itemBytesMax } from './event-store.ts';

const opened = { type: 'Opened', at: 1 };
const closed = { type: 'Closed', at: 2 };

function append(
  stream: string,
  expectedVersion: number,
  ...events: { type: string; at: number }[]
) {
  return { streams: [{ stream, expectedVersion, events }] } satisfies Commit;
}

/** What every event store keeps, whatever it is made of. */
export function eventStoreContract(
  name: string,
  open: () => Promise<{ store: EventStore; close: () => Promise<void> }>,
): void {
  describe(`event store: ${name}`, () => {
    let store: EventStore;
    let close: () => Promise<void>;
    beforeEach(async () => {
      ({ store, close } = await open());
    });
    afterEach(() => close());

    test('a stream that nobody wrote to is empty, at version 0', async () => {
      expect(await store.read('a/1')).toEqual({ version: 0, events: [] });
    });

    test('what was committed is read back in order, also from a version on', async () => {
      await store.commit(append('a/1', 0, opened, closed));
      expect(await store.read('a/1')).toEqual({ version: 2, events: [opened, closed] });
      expect(await store.read('a/1', 1)).toEqual({ version: 2, events: [closed] });
      expect(await store.read('a/1', 2)).toEqual({ version: 2, events: [] });
    });

    test('a wrong expected version is a conflict and writes nothing', async () => {
      await store.commit(append('a/1', 0, opened));
      expect(await store.commit(append('a/1', 0, closed))).toBe('conflict');
      expect(await store.commit(append('a/1', 2, closed))).toBe('conflict');
      expect((await store.read('a/1')).events).toEqual([opened]);
    });

    test('several streams and views are one transaction: all or nothing', async () => {
      await store.commit(append('a/1', 0, opened));
      const both: Commit = {
        streams: [
          { stream: 'b/1', expectedVersion: 0, events: [opened] },
          { stream: 'a/1', expectedVersion: 0, events: [closed] },
        ],
        views: [{ put: { n: 1 }, partition: 'p', key: 'k' }],
      };
      expect(await store.commit(both)).toBe('conflict');
      expect((await store.read('b/1')).version).toBe(0);
      expect(await store.view('p', 'k')).toBeUndefined();
    });

    test('a view row is written only over the revision that was read', async () => {
      const put = (n: number, revision?: number) =>
        store.commit({ streams: [], views: [{ put: { n }, partition: 'p', key: 'k', revision }] });
      expect(await put(1, 0)).not.toBe('conflict');
      expect(await put(2, 0)).toBe('conflict');
      const row = await store.view('p', 'k');
      expect(row?.value).toEqual({ n: 1 });
      expect(await put(3, row?.revision)).not.toBe('conflict');
      expect(await put(4, row?.revision)).toBe('conflict');
      expect(await put(5)).not.toBe('conflict');
      expect((await store.view('p', 'k'))?.value).toEqual({ n: 5 });
    });

    test('of many racing commits on one version exactly one wins', async () => {
      const answers = await Promise.all(
        Array.from({ length: 64 }, () => store.commit(append('race/1', 0, opened))),
      );
      expect(answers.filter((answer) => answer !== 'conflict')).toHaveLength(1);
      expect((await store.read('race/1')).version).toBe(1);
    });

    test('a partition is listed in key order, a page at a time', async () => {
      for (const key of ['b', 'a', 'c', 'aa']) {
        await store.commit({ streams: [], views: [{ put: { key }, partition: 'p', key }] });
      }
      await store.commit({ streams: [], views: [{ delete: true, partition: 'p', key: 'c' }] });
      expect((await store.views('p')).map((row) => row.key)).toEqual(['a', 'aa', 'b']);
      expect((await store.views('p', { limit: 2 })).map((row) => row.key)).toEqual(['a', 'aa']);
      expect((await store.views('p', { after: 'aa' })).map((row) => row.key)).toEqual(['b']);
      expect(await store.views('other')).toEqual([]);
    });

    test('the feed of a kind has each of its events once, in commit order, and position grows', async () => {
      const before = await store.position();
      await store.commit(append('a/1', 0, opened));
      const middle = await store.position();
      await store.commit(append('b/1', 0, opened));
      await store.commit(append('a/2', 0, opened, closed));
      const after = await store.position();
      expect(before).toBeLessThan(middle);
      expect(middle).toBeLessThan(after);
      const feed = await store.since('a', before, 1000);
      expect(feed.map((recorded) => [recorded.stream, recorded.version])).toEqual([
        ['a/1', 1],
        ['a/2', 1],
        ['a/2', 2],
      ]);
      expect(feed.at(-1)?.position).toBe(after);
      expect((await store.since('a', middle, 1)).map((recorded) => recorded.stream)).toEqual([
        'a/2',
      ]);
    });

    test('a commit over the limits of a transaction or an item is a bug, and throws', async () => {
      const many = Array.from({ length: commitItemsMax + 1 }, () => opened);
      const commitOf = async (commit: Commit) => store.commit(commit);
      await expect(commitOf(append('a/1', 0, ...many))).rejects.toThrow('items');
      const large = { type: 'Large', at: 1, text: 'x'.repeat(itemBytesMax) };
      await expect(commitOf(append('a/1', 0, large))).rejects.toThrow('bytes');
    });
  });
}
