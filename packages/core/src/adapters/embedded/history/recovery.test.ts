import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  allPages,
  entryOf,
  factsOf,
  positionOf,
  queryOf,
  recordText,
  shard,
} from '../../../ports/history.fixture.ts';
import type { JournalEntry } from '../../../ports/journal.ts';
import { type FileHistory, type FileHistoryOptions, fileHistory } from './file-history.ts';

const recordsPerEntry = 5;
const wholeJournal = { start: async () => positionOf(0) };

describe('a history in files, after it ended in any way', () => {
  let root: string;
  let dir: string;
  let opened: FileHistory[];
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'history-'));
    dir = join(root, 'history');
    opened = [];
  });
  afterEach(async () => {
    await Promise.allSettled(opened.map((history) => history.close()));
    rmSync(root, { recursive: true });
  });

  async function openAt(path = dir, options: Partial<FileHistoryOptions> = {}) {
    const history = await fileHistory(path, {
      journal: wholeJournal,
      headRecordsMax: 20,
      ...options,
    });
    opened.push(history);
    return history;
  }

  function segments(path = dir): string[] {
    return readdirSync(path).filter((name) => name.endsWith('.segment'));
  }

  test('what was added is there again, once the rest is added from where it is through', async () => {
    const before = await openAt();
    await addEntries(before, 0, 30);
    await before.close();
    const after = await openAt();
    expect(await after.through(shard)).toBeDefined();
    await catchUp(after, 30);
    expect(await allPages(after, queryOf())).toEqual(expectedTexts(30));
  });

  test('a process that dies at any moment leaves a history that goes on', async () => {
    const history = await openAt();
    for (let entry = 0; entry < 40; entry++) {
      await addEntries(history, entry, entry + 1);
      if (entry % 3 !== 0) continue;
      const copy = join(root, `copy-${entry}`);
      copyWhileInUse(dir, copy);
      const after = await openAt(copy);
      await catchUp(after, entry + 1);
      expect(await allPages(after, queryOf())).toEqual(expectedTexts(entry + 1));
      await after.close();
    }
  });

  test('a cursor goes on after a restart where it was', async () => {
    const before = await openAt();
    await addEntries(before, 0, 13);
    const first = await before.lookup(queryOf({ limit: 7 }));
    await before.close();
    const after = await openAt();
    await catchUp(after, 13);
    const rest = await after.lookup(queryOf({ after: first.next!, limit: 100 }));
    expect([...first.records, ...rest.records]).toEqual(expectedTexts(13));
  });

  test('a file that is shorter than it was is put aside and its records are added again', async () => {
    const before = await openAt();
    await addEntries(before, 0, 30);
    await before.close();
    const [, second] = segments().sort(byOrdinal);
    const path = join(dir, second!);
    for (const length of [0, 1, 100, readFileSync(path).length - 1]) {
      const copy = join(root, `copy-${length}`);
      cpSync(dir, copy, { recursive: true });
      truncateSync(join(copy, second!), length);
      const after = await openAt(copy);
      expect(existsSync(join(copy, `${second}.damaged`))).toBe(true);
      expect(await after.through(shard)).toBe(positionOf(4));
      await after.close();
      // Also when it ends before it caught up.
      const again = await openAt(copy);
      await catchUp(again, 30);
      expect(await allPages(again, queryOf())).toEqual(expectedTexts(30));
    }
  });

  test('a damaged file whose records the journal no longer has is an error that names it', async () => {
    const before = await openAt();
    await addEntries(before, 0, 30);
    await before.close();
    const [first] = segments().sort(byOrdinal);
    truncateSync(join(dir, first!), 1000);
    const journal = { start: async () => positionOf(9) };
    await expect(openAt(dir, { journal })).rejects.toThrow(first!);
  });

  test('a bit that flips is an error or nothing, never another answer', async () => {
    const before = await openAt();
    await addEntries(before, 0, 4);
    await before.close();
    const [name] = segments();
    const good = readFileSync(join(dir, name!));
    const values = [undefined, { key: 'EventId', value: idOf(2, 3) } as const];
    let errors = 0;
    for (let at = 0; at < good.length; at += 197) {
      const bad = Buffer.from(good);
      bad[at]! ^= 1 << (at % 8);
      const copy = join(root, `copy-${at}`);
      mkdirSync(copy);
      writeFileSync(join(copy, name!), bad);
      const after = await openAt(copy);
      await catchUp(after, 4);
      for (const attribute of values) {
        const query = queryOf(attribute && { attribute });
        const answer = await allPages(after, query).catch((error: Error) => error.message);
        if (typeof answer === 'string') {
          expect(answer).toContain('is damaged');
          errors += 1;
        } else {
          const expected = expectedTexts(4);
          expect(answer).toEqual(
            attribute ? expected.filter((text) => text.includes(attribute.value)) : expected,
          );
        }
      }
      await after.close();
    }
    expect(errors).toBeGreaterThan(10);
  });

  test('a damaged checkpoint is an error that names it', async () => {
    const before = await openAt();
    await addEntries(before, 0, 30);
    await before.expire(1);
    await before.close();
    const path = join(dir, 'checkpoint');
    writeFileSync(path, readFileSync(path, 'utf8').replace('through', 'thruogh'));
    await expect(openAt()).rejects.toThrow('checkpoint');
  });

  test('what the disk refuses is refused, and taken when it can be', async () => {
    const history = await openAt();
    await addEntries(history, 0, 1);
    const [temporary] = readdirSync(dir);
    const inTheWay = join(dir, `${shard}.${positionOf(0)}.0.20.segment`);
    expect(temporary).toContain(`${shard}.${positionOf(0)}`);
    mkdirSync(join(inTheWay, 'not-empty'), { recursive: true });
    await expect(addEntries(history, 1, 12)).rejects.toThrow(inTheWay);
    expect(await history.through(shard)).toBeUndefined();
    rmdirSync(join(inTheWay, 'not-empty'));
    rmdirSync(inTheWay);
    await addEntries(history, 1, 12);
    expect(await allPages(history, queryOf())).toEqual(expectedTexts(12));
  });

  test('expired segments leave the disk, and the shard stays where it was', async () => {
    const before = await openAt();
    await addEntries(before, 0, 32);
    await before.close();
    const through = positionOf(32);
    const after = await openAt();
    expect(await after.through(shard)).toBe(through);
    await after.expire(timeOf(31, 4) + 1);
    expect(segments()).toEqual([]);
    await after.close();
    const again = await openAt();
    expect(await again.through(shard)).toBe(through);
    await addEntries(again, 32, 33);
    // One of the last entry's five is late, and older than what is forgotten.
    expect(await allPages(again, queryOf())).toEqual(expectedTexts(33).slice(0, 4));
  });

  test('a journal without any history is passed over, and need not be read again', async () => {
    const history = await openAt(dir, { journalBytesMax: 100 });
    const facts = factsOf({ eventCategory: 'Data' });
    const entry = entryOf(0, [{ facts, text: 'x'.repeat(200) }]);
    await history.add(shard, [entry], positionOf(1));
    await history.close();
    expect(await (await openAt()).through(shard)).toBe(positionOf(1));
  });

  test('many small segments become few, and answer as before', async () => {
    const small = { headRecordsMax: 400, journalBytesMax: 1 };
    const history = await openAt(dir, small);
    await addEntries(history, 0, 100);
    await history.expire(1);
    expect(segments().length).toBeLessThan(30);
    expect(await allPages(history, queryOf())).toEqual(expectedTexts(100));
    const attribute = { key: 'Username', value: 'user-3' } as const;
    const users = await allPages(history, queryOf({ attribute }));
    expect(users).toEqual(expectedTexts(100).filter((text) => text.includes('"user-3"')));
    await history.close();
    const after = await openAt(dir, small);
    await catchUp(after, 100);
    expect(await allPages(after, queryOf())).toEqual(expectedTexts(100));
  });
});

/** Late now and then, as events are. */
function timeOf(entry: number, record: number): number {
  const late = (entry * 7 + record) % 5 === 0 ? 3000 : 0;
  return 1_000_000 + entry * 1000 + record * 10 - late;
}

function idOf(entry: number, record: number): string {
  return `id-${entry}-${record}.`;
}

function recordsOf(entry: number) {
  return Array.from({ length: recordsPerEntry }, (_, record) => {
    const username = `user-${(entry + record) % 7}`;
    const eventTime = timeOf(entry, record);
    const facts = factsOf({ eventID: idOf(entry, record), eventTime, username });
    return { facts, text: recordText(facts, username) };
  });
}

async function addEntries(history: FileHistory, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at++) {
    const entries: JournalEntry[] = [entryOf(at, recordsOf(at))];
    await history.add(shard, entries, positionOf(at + 1));
  }
}

async function catchUp(history: FileHistory, to: number): Promise<void> {
  await addEntries(history, Number((await history.through(shard)) ?? 0), to);
}

function expectedTexts(entries: number): string[] {
  return Array.from({ length: entries }, (_, entry) => recordsOf(entry))
    .flat()
    .map(({ facts, text }, ordinal) => ({ time: facts.eventTime, ordinal, text }))
    .sort((a, b) => b.time - a.time || b.ordinal - a.ordinal)
    .map(({ text }) => text);
}

function byOrdinal(a: string, b: string): number {
  return Number(a.split('.')[2]) - Number(b.split('.')[2]);
}

/** Files come and go meanwhile; a name that went is not copied, as after a crash. */
function copyWhileInUse(from: string, to: string): void {
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name));
  }
}
