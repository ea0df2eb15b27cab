import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FolderBuckets, folderBuckets } from './folder-buckets.ts';
import { putObject, removeObject } from './object-changes.ts';
import { openObject } from './open-object.ts';
import { receiveBuffer } from './receive-file.ts';

const clock = { now: () => Date.parse('2026-11-21T03:20:00Z') };
const owner = { account: '123456789012', region: 'us-east-1' };
const logKey = 'AWSLogs/123456789012/CloudTrail/us-east-1/2026/11/21/a.json.gz';

let dir: string;
let buckets: FolderBuckets;
let opened: FolderBuckets[];

beforeEach(async () => {
  opened = [];
  dir = await mkdtemp(join(tmpdir(), 'trailkeep-pending-'));
  buckets = await open(dir);
  await buckets.createBucket({ name: 'logs', ...owner });
});

afterEach(async () => {
  vi.useRealTimers();
  for (const one of opened) await one.close();
  await rm(dir, { recursive: true });
});

async function open(at: string): Promise<FolderBuckets> {
  const one = await folderBuckets(at, { clock, onError: () => {} });
  opened.push(one);
  return one;
}

const copyOf = () => join(dir, 'after-kill');

/** What is left when the process is killed now. */
async function killAndReopen(damage: (at: string) => unknown = () => {}): Promise<FolderBuckets> {
  await mkdir(copyOf());
  for (const name of readdirSync(dir).filter((entry) => entry.startsWith('buckets'))) {
    execFileSync('cp', ['-a', join(dir, name), copyOf()]);
  }
  await damage(join(copyOf(), 'buckets/logs'));
  return open(copyOf());
}

const folder = () => join(dir, 'buckets', 'logs');
const file = (path: string) => join(folder(), path);

function put(key: string, body: string | Buffer = 'bytes') {
  return buckets.putIfAbsent({ bucket: 'logs', key, body: Buffer.from(body) });
}

/** In the commit of the other changes of this turn. */
async function putNow(key: string, text: string): Promise<void> {
  const received = await receiveBuffer(buckets.parts.files, 'logs', Buffer.from(text));
  await putObject(buckets.parts, { key, received, facts: {} });
}

function remove(key: string) {
  return removeObject(buckets.parts, 'logs', { key });
}

async function removeNext(key: string): Promise<void> {
  await Promise.resolve();
  await remove(key);
}

async function bytesOf(from: FolderBuckets, key: string): Promise<string> {
  const got = await from.get('logs', key);
  return 'body' in got ? got.body.toString() : got.code;
}

/** Of what is under the bucket's folder, our own files too. */
function filesIn(at: string): string[] {
  const paths = readdirSync(at, { recursive: true }) as string[];
  return paths.filter((path) => !statSync(join(at, path)).isDirectory());
}

describe('before its file is made, an object', () => {
  test('is read and listed from the index, also in parts', async () => {
    await put('k', 'the bytes');
    expect(existsSync(file('k'))).toBe(false);
    expect(await bytesOf(buckets, 'k')).toBe('the bytes');
    expect(await buckets.list('logs', {})).toEqual(['k']);
    const [version] = buckets.parts.versions.current(1, '', '\u{10ffff}', 1);
    if (version === undefined) throw new Error('There is one');
    const some = await openObject(buckets.parts, 'logs', version);
    if ('refused' in some) throw new Error(some.message);
    expect(some.sizeBytes).toBe(9);
    expect((await some.stream(4, 8).toArray()).join('')).toBe('bytes');
  });

  test('gets its file in the background', async () => {
    await put(logKey, 'log');
    await expect.poll(() => existsSync(file(logKey)), { timeout: 5_000 }).toBe(true);
    expect(readFileSync(file(logKey), 'utf8')).toBe('log');
  });

  test('is removed without a trace', async () => {
    await put('k', 'gone');
    await remove('k');
    await buckets.settle();
    expect(filesIn(folder())).toEqual([]);
    expect(await bytesOf(buckets, 'k')).toBe('NoSuchKey');
  });

  test('is removed without the file that people put in its place', async () => {
    await writeFile(file('k'), 'by hand');
    await put('k');
    await remove('k');
    await buckets.settle();
    expect(readFileSync(file('k'), 'utf8')).toBe('by hand');
  });

  test('is put, removed and put again in one commit', async () => {
    await Promise.all([putNow('k', 'one'), removeNext('k'), putNow('k', 'two')]);
    expect(await bytesOf(buckets, 'k')).toBe('two');
    await buckets.settle();
    expect(await bytesOf(buckets, 'k')).toBe('two');
    expect(filesIn(folder())).toEqual(['k']);
  });

  test('loses to the first of its key, which keeps its file', async () => {
    const outcomes = await Promise.all([put('k', 'one'), put('k', 'two')]);
    expect(outcomes).toEqual([{ outcome: 'stored' }, { outcome: 'present' }]);
    await buckets.settle();
    expect(filesIn(folder())).toEqual(['k']);
    expect(readFileSync(file('k'), 'utf8')).toBe('one');
  });

  test('gives way, version by version, where versions are kept', async () => {
    await buckets.set('logs', 'versioning', 'Enabled');
    await put('k', 'one');
    await remove('k');
    await put('k', 'two');
    expect(await bytesOf(buckets, 'k')).toBe('two');
    await buckets.settle();
    expect(await bytesOf(buckets, 'k')).toBe('two');
    expect(readFileSync(file('k'), 'utf8')).toBe('one');
  });

  test('goes with all others when the buckets are cleared', async () => {
    await put('k');
    await buckets.clear();
    await buckets.createBucket({ name: 'logs', ...owner });
    await buckets.settle();
    expect(filesIn(folder())).toEqual([]);
  });

  test('waits in no crowd: its file is made on the way where too many are pending', async () => {
    const many = 600;
    const body = Buffer.alloc(64 * 1024, 'x');
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    await Promise.all(Array.from({ length: many }, (_, n) => put(`k/${n % 7}/${n}`, body)));
    const made = filesIn(folder()).length;
    expect(made).toBeGreaterThan(0);
    expect(many - made).toBeLessThanOrEqual(512 + 256);
  });
});

describe('closing', () => {
  test('leaves a file for each object, and no log of the index', async () => {
    await Promise.all(Array.from({ length: 300 }, (_, n) => put(`k/${n}`, `body ${n}`)));
    await buckets.close();
    opened = [];
    expect(readdirSync(file('k'))).toHaveLength(300);
    expect(readFileSync(file('k/299'), 'utf8')).toBe('body 299');
    expect(readdirSync(dir).sort()).toEqual(['buckets', 'buckets.intents', 'buckets.sqlite']);
  });

  test('lets the same process open them again', async () => {
    await put('k', 'bytes');
    await buckets.close();
    opened = [];
    expect(await bytesOf(await open(dir), 'k')).toBe('bytes');
  });
});

describe('after a kill', () => {
  test('files that were not made yet are made', async () => {
    await Promise.all(Array.from({ length: 300 }, (_, n) => put(`k/${n}`, `body ${n}`)));
    const again = await killAndReopen();
    expect(await bytesOf(again, 'k/7')).toBe('body 7');
    const folderOfCopy = join(copyOf(), 'buckets/logs/k');
    const count = () => (existsSync(folderOfCopy) ? readdirSync(folderOfCopy).length : 0);
    await expect.poll(count, { timeout: 5_000 }).toBe(300);
    expect(await bytesOf(again, 'k/7')).toBe('body 7');
  });

  test('half a file is never read, and is made anew', async () => {
    await put(logKey, 'the log');
    await put('zeros', 'other');
    await put('whole', 'whole');
    const again = await killAndReopen(async (at) => {
      await mkdir(dirname(join(at, logKey)), { recursive: true });
      await writeFile(join(at, logKey), 'the');
      await writeFile(join(at, 'zeros'), Buffer.from('ot\0\0\0'));
      await writeFile(join(at, 'whole'), 'whole');
    });
    for (const settled of [false, true]) {
      if (settled) await again.settle();
      expect(await bytesOf(again, logKey)).toBe('the log');
      expect(await bytesOf(again, 'zeros')).toBe('other');
    }
    const found = filesIn(join(copyOf(), 'buckets/logs'));
    expect(found.sort()).toEqual([logKey, 'whole', 'zeros']);
  });

  test('files that the disk lost with its power before they were synced are made anew', async () => {
    await put(logKey, 'log');
    await expect.poll(() => existsSync(file(logKey)), { timeout: 5_000 }).toBe(true);
    const again = await killAndReopen((at) => truncateSync(join(at, logKey)));
    expect(await bytesOf(again, logKey)).toBe('log');
    await again.settle();
    expect(await bytesOf(again, logKey)).toBe('log');
  });

  test('a file that people put in the place stays theirs', async () => {
    await put('k', 'log');
    const again = await killAndReopen((at) => writeFile(join(at, 'k'), 'by hand'));
    await again.settle();
    expect(await bytesOf(again, 'k')).toBe('log');
    expect(readFileSync(join(copyOf(), 'buckets/logs/k'), 'utf8')).toBe('by hand');
  });

  test('objects of a folder that is gone for now are kept', async () => {
    await put('k', 'log');
    const aside = join(copyOf(), 'aside');
    const again = await killAndReopen((at) => rename(at, aside));
    expect(await bytesOf(again, 'k')).toBe('log');
    await expect(again.settle()).rejects.toThrow(/ENOENT/);
    expect(await bytesOf(again, 'k')).toBe('log');
    await rename(aside, join(copyOf(), 'buckets/logs'));
    await again.settle();
    expect(readFileSync(join(copyOf(), 'buckets/logs/k'), 'utf8')).toBe('log');
  });
});
