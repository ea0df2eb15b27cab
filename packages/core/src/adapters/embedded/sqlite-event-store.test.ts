import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventStoreContract } from '../../ports/event-store.contract.ts';
import { sqliteEventStore } from './sqlite-event-store.ts';

eventStoreContract('sqlite', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'trailkeep-events-'));
  const store = sqliteEventStore(join(dir, 'state.db'));
  return {
    store,
    close: async () => {
      store.close();
      await rm(dir, { recursive: true });
    },
  };
});

test('what was committed is there after closing and opening again', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'trailkeep-events-'));
  const first = sqliteEventStore(join(dir, 'state.db'));
  const event = { type: 'Opened', at: 1 };
  await first.commit({ streams: [{ stream: 'a/1', expectedVersion: 0, events: [event] }] });
  const position = await first.position();
  first.close();
  const second = sqliteEventStore(join(dir, 'state.db'));
  expect(await second.read('a/1')).toEqual({ version: 1, events: [event] });
  expect(await second.position()).toBe(position);
  second.close();
  await rm(dir, { recursive: true });
});
