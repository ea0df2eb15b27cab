import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { batchOf, idsOf, readAll } from '../../../ports/journal.contract.ts';
import { type Disk, hostDisk } from './disk.ts';
import { recoverLast } from './recover.ts';
import { openSegmentFiles, segmentPath } from './segment-files.ts';
import {
  type SegmentJournal,
  type SegmentJournalOptions,
  segmentJournal,
} from './segment-journal.ts';

let folder: string;
let opened: SegmentJournal[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterEach(async () => {
  for (const journal of opened) await journal.close();
  opened = [];
  rmSync(folder, { recursive: true });
});

async function open(options: SegmentJournalOptions = {}): Promise<SegmentJournal> {
  const journal = await segmentJournal(folder, options);
  opened.push(journal);
  return journal;
}

/** Writes a, b, c, ... one after the other; answers the file's bytes and where each entry began. */
async function written(
  ...ids: string[]
): Promise<{ bytes: Buffer; starts: number[]; end: number }> {
  const journal = await segmentJournal(folder);
  const starts: number[] = [];
  for (const id of ids) {
    starts.push(Number(await journal.end('journal')));
    await journal.append(batchOf([id]));
  }
  const end = Number(await journal.end('journal'));
  await journal.close();
  rmSync(join(folder, 'end'));
  return { bytes: readFileSync(segmentPath(folder, 0)).subarray(0, end), starts, end };
}

async function idsAfterReopening(): Promise<readonly string[]> {
  const journal = await segmentJournal(folder);
  const ids = idsOf(await readAll(journal));
  await journal.close();
  rmSync(join(folder, 'end'));
  return ids;
}

describe('a journal whose last write was torn', () => {
  test('has all entries before it, wherever it was torn', async () => {
    const { bytes, starts, end } = await written('a', 'b', 'c');
    const wrong: number[] = [];
    for (let cut = starts[2]!; cut < end; cut++) {
      writeFileSync(segmentPath(folder, 0), bytes.subarray(0, cut));
      const files = await openSegmentFiles(folder);
      const recovered = await recoverLast(files, () => undefined);
      if (recovered.end !== starts[2]) wrong.push(cut);
      await files.close();
    }
    // The last bytes are padding.
    expect(wrong.every((cut) => cut > end - 8)).toBe(true);
    writeFileSync(segmentPath(folder, 0), bytes.subarray(0, end - 100));
    expect(await idsAfterReopening()).toEqual(['a', 'b']);
  });

  test('goes on where it was torn, and what was behind never comes back', async () => {
    const writing = await segmentJournal(folder);
    await writing.append(batchOf(['a']));
    const torn = Number(await writing.end('journal'));
    await Promise.all([writing.append(batchOf(['b'])), writing.append(batchOf(['c']))]);
    await writing.close();
    rmSync(join(folder, 'end'));
    const bytes = readFileSync(segmentPath(folder, 0)).fill(0, torn + 90, torn + 200);
    writeFileSync(segmentPath(folder, 0), bytes);
    const journal = await open();
    expect(await journal.append(batchOf(['d']))).toEqual(['accepted']);
    expect(idsOf(await readAll(journal))).toEqual(['a', 'd']);
    await journal.close();
    expect(await idsAfterReopening()).toEqual(['a', 'd']);
  });
});

describe('a damaged journal', () => {
  test('is not opened when an acknowledged entry is damaged, whichever bit it is', async () => {
    const { bytes, starts } = await written('a', 'b');
    const flips = Array.from({ length: 40 }, (_, i) => Math.floor(((starts[1]! - 8) * i) / 40));
    for (const at of flips) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << (at % 8);
      writeFileSync(segmentPath(folder, 0), flipped);
      await expect(segmentJournal(folder)).rejects.toMatchObject({ code: 'JournalCorrupt' });
    }
  });

  test('is not opened when it is shorter than it was when it was closed', async () => {
    const { bytes, starts } = await written('a', 'b');
    await (await segmentJournal(folder)).close();
    writeFileSync(segmentPath(folder, 0), bytes.subarray(0, starts[1]! + 20));
    await expect(segmentJournal(folder)).rejects.toMatchObject({ code: 'JournalCorrupt' });
  });

  test('says so when an older segment is read', async () => {
    const journal = await open({ segmentBytes: 1, cacheBytes: 0 });
    for (const id of ['a', 'b', 'c']) await journal.append(batchOf([id]));
    await journal.close();
    const bytes = readFileSync(segmentPath(folder, 0));
    bytes[200]! ^= 1;
    writeFileSync(segmentPath(folder, 0), bytes);
    const again = await open();
    await expect(readAll(again)).rejects.toMatchObject({ code: 'JournalCorrupt' });
  });

  test('is not read from positions that it never gave', async () => {
    const journal = await open({ cacheBytes: 0 });
    for (const id of ['a', 'b']) await journal.append(batchOf([id]));
    await journal.read('journal', '0000000000000000', 1);
    const inside = journal.read('journal', '0000000000000008', 1);
    await expect(inside).rejects.toMatchObject({ code: 'JournalCorrupt' });
    const beyond = journal.read('journal', '0000000000099999', 1);
    await expect(beyond).rejects.toMatchObject({ code: 'PositionUnknown' });
    await expect(journal.read('journal', '8', 1)).rejects.toMatchObject({
      code: 'PositionUnknown',
    });
  });
});

describe('the files of ids', () => {
  const names = () => readdirSync(folder).filter((name) => name.endsWith('.run'));
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);

  test('are merged, survive trimming and a restart, and keep every id', async () => {
    const journal = await open({ segmentBytes: 1 });
    for (const id of numbers(100)) await journal.append(batchOf([id]));
    await journal.close();
    expect(names().length).toBeLessThan(15);
    const again = await open({ segmentBytes: 1 });
    await again.trim('journal', await again.end('journal'));
    expect(Number(await again.start('journal'))).toBeGreaterThan(0);
    const outcomes = await again.append(batchOf(numbers(101)));
    expect(outcomes.slice(0, 100).every((outcome) => outcome === 'duplicate')).toBe(true);
    expect(outcomes[100]).toBe('accepted');
    expect(await again.append(batchOf(['3'], { eventName: 'x' }))).toEqual(['conflict']);
  });

  test('are made again from the segments when they are lost or damaged', async () => {
    const journal = await open({ segmentBytes: 1 });
    for (const id of numbers(20)) await journal.append(batchOf([id]));
    await journal.close();
    const [first, second] = names().sort();
    rmSync(join(folder, second!));
    writeFileSync(join(folder, first!), 'x');
    const again = await open({ segmentBytes: 1 });
    const outcomes = await again.append(batchOf(numbers(20)));
    expect(outcomes.every((outcome) => outcome === 'duplicate')).toBe(true);
  });

  test('that are damaged stop the journal when the segments are gone', async () => {
    const journal = await open({ segmentBytes: 1 });
    for (const id of numbers(5)) await journal.append(batchOf([id]));
    await journal.trim('journal', await journal.end('journal'));
    await journal.close();
    const again = await open({ segmentBytes: 1 });
    await again.trim('journal', await again.end('journal'));
    await again.close();
    writeFileSync(join(folder, names().sort()[0]!), 'x');
    await expect(segmentJournal(folder)).rejects.toMatchObject({ code: 'JournalCorrupt' });
  });

  test('are dropped 90 days after their newest record', async () => {
    const journal = await open({ segmentBytes: 1 });
    for (const id of numbers(20)) await journal.append(batchOf([id]));
    const later = batchOf(['x']).acceptedAt + 91 * 24 * 3_600_000;
    for (const id of ['y', 'z']) await journal.append({ ...batchOf([id]), acceptedAt: later });
    await journal.close();
    const again = await open({ segmentBytes: 1 });
    await again.trim('journal', await again.end('journal'));
    expect(await again.append(batchOf(['0']))).toEqual(['accepted']);
    expect(await again.append(batchOf(['y']))).toEqual(['duplicate']);
  });
});

describe('a failing disk', () => {
  const failing = (change: Partial<Disk>): Disk => ({ ...hostDisk, ...change });
  const error = (code: string) => Object.assign(new Error(code), { code });

  test('without room refuses the append and what waits behind it, and takes it later', async () => {
    let full = true;
    const disk = failing({
      async write(fd, buffers, position) {
        if (!full) return hostDisk.write(fd, buffers, position);
        // Part of it fits, and is not to be found later.
        await hostDisk.write(fd, [buffers[0]!.subarray(0, 100)], position);
        throw error('ENOSPC');
      },
    });
    const journal = await open({ disk });
    const refused = await Promise.allSettled([
      journal.append(batchOf(['a'])),
      journal.append(batchOf(['a', 'b'])),
    ]);
    expect(refused).toMatchObject([
      { reason: { code: 'JournalFull' } },
      { reason: { code: 'JournalFull' } },
    ]);
    full = false;
    expect(await journal.append(batchOf(['a', 'b']))).toEqual(['accepted', 'accepted']);
    expect(idsOf(await readAll(journal))).toEqual(['a', 'b']);
  });

  test.each([
    ['a write', { write: () => Promise.reject(error('EIO')) }],
    ['fsync', { sync: () => Promise.reject(error('EIO')) }],
    ['fsync for want of room', { sync: () => Promise.reject(error('ENOSPC')) }],
  ])('that fails %s ends the journal, which says so once', async (_, change) => {
    const told: string[] = [];
    const journal = await open({
      disk: failing(change),
      onFailure: ({ code }) => told.push(code),
    });
    const failed = { code: 'JournalFailed' };
    await expect(journal.append(batchOf(['a']))).rejects.toMatchObject(failed);
    await expect(journal.append(batchOf(['a']))).rejects.toMatchObject(failed);
    await expect(journal.append(batchOf(['b']))).rejects.toMatchObject(failed);
    expect(told).toEqual(['JournalFailed']);
    expect(idsOf(await readAll(journal))).toEqual([]);
  });

  test('that fails while others wait tells nobody that a record is a duplicate', async () => {
    const journal = await open({ disk: failing({ sync: () => Promise.reject(error('EIO')) }) });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () => journal.append(batchOf(['a']))),
    );
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  });

  test('that takes a little at a time gets all of it', async () => {
    const disk = failing({
      write: (fd, buffers, position) =>
        hostDisk.write(fd, [buffers[0]!.subarray(0, 777)], position),
    });
    const journal = await open({ disk, cacheBytes: 0 });
    await Promise.all(['a', 'b', 'c'].map((id) => journal.append(batchOf([id, `${id}2`]))));
    await journal.close();
    expect(await idsAfterReopening()).toEqual(['a', 'a2', 'b', 'b2', 'c', 'c2']);
  });

  test('that is slow is not given more than may wait', async () => {
    const journal = await open({ waitingBytesMax: 700 });
    const outcomes = await Promise.allSettled([
      journal.append(batchOf(['a'])),
      journal.append(batchOf(['b'])),
    ]);
    expect(outcomes).toMatchObject([{ value: ['accepted'] }, { reason: { code: 'JournalBusy' } }]);
    expect(await journal.append(batchOf(['b']))).toEqual(['accepted']);
  });
});
