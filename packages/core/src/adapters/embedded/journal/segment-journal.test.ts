import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { batchOf, idsOf, journalContract, readAll } from '../../../ports/journal.contract.ts';
import { type SegmentJournalOptions, segmentJournal } from './segment-journal.ts';

const folders: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'journal-'));
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

function contractWith(name: string, options: SegmentJournalOptions): void {
  journalContract(name, async () => {
    const journal = await segmentJournal(await newFolder(), options);
    return { journal, close: () => journal.close() };
  });
}

contractWith('segments', {});
contractWith('segments that hold one entry, and no cache', { segmentBytes: 1, cacheBytes: 0 });

describe('a journal of segments', () => {
  test('opened again has what it had, and goes on', async () => {
    const folder = await newFolder();
    for (let round = 0; round < 4; round++) {
      const journal = await segmentJournal(folder, { segmentBytes: 4_000 });
      const ids = Array.from({ length: 10 }, (_, i) => `${round}-${i}`);
      for (const id of ids) expect(await journal.append(batchOf([id]))).toEqual(['accepted']);
      expect(await journal.append(batchOf(['0-3', '0-4']))).toEqual(['duplicate', 'duplicate']);
      expect(idsOf(await readAll(journal)).length).toBe(10 * (round + 1));
      await journal.close();
    }
  });
});
