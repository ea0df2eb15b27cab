import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync, truncateSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FolderBuckets, folderBuckets } from './folder-buckets.ts';

const clock = { now: () => Date.parse('2026-11-21T03:20:00Z') };
const owner = { account: '123456789012', region: 'us-east-1' };
const logKey = 'AWSLogs/123456789012/CloudTrail/us-east-1/2026/11/21/a.json.gz';

let dir: string;
let buckets: FolderBuckets;
let opened: FolderBuckets[];

beforeEach(async () => {
  opened = [];
  dir = await mkdtemp(join(tmpdir(), 'trailkeep-folders-'));
  buckets = await open(dir);
  await buckets.createBucket({ name: 'logs', ...owner });
});

afterEach(async () => {
  for (const one of opened) await one.close();
  await rm(dir, { recursive: true });
});

async function open(at: string): Promise<FolderBuckets> {
  const one = await folderBuckets(at, { clock });
  opened.push(one);
  return one;
}

/** What is left when the process is killed now: the folder as it is, never closed. */
async function killAndReopen(damage: (at: string) => unknown = () => {}): Promise<FolderBuckets> {
  const copy = join(dir, 'after-kill');
  await mkdir(copy);
  for (const name of readdirSync(dir).filter((entry) => entry.startsWith('buckets'))) {
    execFileSync('cp', ['-a', join(dir, name), copy]);
  }
  await damage(copy);
  return open(copy);
}

function file(...path: string[]): string {
  return join(dir, 'buckets', 'logs', ...path);
}

function put(key: string, body: string | Buffer = 'bytes') {
  return buckets.putIfAbsent({ bucket: 'logs', key, body: Buffer.from(body) });
}

describe('plain files', () => {
  test('an object is a file of its key', async () => {
    await put(logKey, 'log');
    await buckets.settle();
    expect(readFileSync(file(logKey), 'utf8')).toBe('log');
  });

  test('a file that was there already is not touched, and is no object', async () => {
    await mkdir(dirname(file(logKey)), { recursive: true });
    await writeFile(file(logKey), 'by hand');
    expect(await buckets.get('logs', logKey)).toMatchObject({ code: 'NoSuchKey' });
    expect(await put(logKey, 'log')).toEqual({ outcome: 'stored' });
    expect(await buckets.get('logs', logKey)).toMatchObject({ body: Buffer.from('log') });
    await buckets.settle();
    expect(readFileSync(file(logKey), 'utf8')).toBe('by hand');
    expect(await buckets.get('logs', logKey)).toMatchObject({ body: Buffer.from('log') });
  });

  test('nothing is written through a symbolic link', async () => {
    const outside = join(dir, 'outside');
    await mkdir(outside);
    symlinkSync(outside, file('AWSLogs'));
    expect(await put(logKey, 'log')).toEqual({ outcome: 'stored' });
    await buckets.settle();
    expect(readdirSync(outside)).toEqual([]);
    expect(await buckets.get('logs', logKey)).toMatchObject({ body: Buffer.from('log') });
  });

  test('an object whose file was replaced by a link is gone', async () => {
    await put('a', 'x');
    await buckets.settle();
    await rm(file('a'));
    symlinkSync('/etc/hostname', file('a'));
    expect(await buckets.get('logs', 'a')).toMatchObject({ code: 'NoSuchKey' });
  });

  test('whoever changes a log file by hand is not covered up', async () => {
    await put(logKey, 'log');
    await buckets.settle();
    await writeFile(file(logKey), 'forged');
    expect(await buckets.get('logs', logKey)).toMatchObject({ body: Buffer.from('forged') });
    await rm(file(logKey));
    expect(await buckets.get('logs', logKey)).toMatchObject({ code: 'NoSuchKey' });
  });

  test('folders that become empty go, and the bucket with its last', async () => {
    await put('a/b/c');
    await buckets.settle();
    const { removeObject } = await import('./object-changes.ts');
    await removeObject(buckets.parts, 'logs', { key: 'a/b/c' });
    expect(existsSync(file('a'))).toBe(false);
    expect(await buckets.deleteBucket('logs')).toBeUndefined();
    expect(readdirSync(join(dir, 'buckets'))).toEqual([]);
  });
});

describe('after a kill', () => {
  test('what was stored is there', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, n) => put(`k/${n}`, `body ${n}`)));
    await put('large', Buffer.alloc(300_000, 'l'));
    const again = await killAndReopen();
    expect(await again.list('logs', {})).toHaveLength(51);
    expect(await again.get('logs', 'k/7')).toMatchObject({ body: Buffer.from('body 7') });
  });

  test('once settled, the index keeps no bytes', async () => {
    await put('b', 'other');
    await buckets.settle();
    const again = await killAndReopen((at) => truncateSync(join(at, 'buckets/logs/b')));
    expect(await again.get('logs', 'b')).toMatchObject({ body: Buffer.alloc(0) });
  });

  test('a removed object does not come back', async () => {
    await put('b', 'other');
    const { removeObject } = await import('./object-changes.ts');
    await removeObject(buckets.parts, 'logs', { key: 'b' });
    const again = await killAndReopen();
    expect(await again.list('logs', {})).toEqual([]);
    expect(existsSync(join(dir, 'after-kill/buckets/logs/b'))).toBe(false);
  });

  test('half a file is swept, and a file from before is not', async () => {
    await mkdir(file('x'), { recursive: true });
    await writeFile(file('x', 'by-hand'), 'kept');
    const again = await killAndReopen(async (at) => {
      const folder = join(at, 'buckets/logs');
      const lines = ['x/half', 'x/by-hand'].map((key) => `${JSON.stringify(['logs', key, key])}\n`);
      await writeFile(join(at, 'buckets.intents'), `${lines.join('')}["cut`);
      await writeFile(join(folder, 'x/half'), 'ha');
      await writeFile(join(folder, '.trailkeep/incoming/0123'), 'part');
    });
    const folder = join(dir, 'after-kill/buckets/logs');
    expect(readdirSync(join(folder, 'x'))).toEqual(['by-hand']);
    expect(readdirSync(join(folder, '.trailkeep/incoming'))).toEqual([]);
    expect(await again.list('logs', {})).toEqual([]);
  });
});

describe('under a running server', () => {
  test('a bucket whose folder is gone refuses, and the others go on', async () => {
    await buckets.createBucket({ name: 'other', ...owner });
    await put(logKey);
    await rm(join(dir, 'buckets', 'logs'), { recursive: true });
    expect(await put('x')).toMatchObject({ outcome: 'refused', code: 'NoSuchBucket' });
    expect(await put('y', Buffer.alloc(100_000))).toMatchObject({ outcome: 'refused' });
    const other = { bucket: 'other', key: 'x', body: Buffer.from('x') };
    expect(await buckets.putIfAbsent(other)).toEqual({ outcome: 'stored' });
  });

  test('a bucket whose folder became a file refuses', async () => {
    await rm(join(dir, 'buckets', 'logs'), { recursive: true });
    await writeFile(join(dir, 'buckets', 'logs'), '');
    expect(await put('x')).toMatchObject({ outcome: 'refused' });
  });

  test('a second process is refused', async () => {
    await expect(folderBuckets(dir, { clock })).rejects.toThrow(/locked|busy/i);
  });

  test('a policy that denies CloudTrail the put refuses with AccessDenied', async () => {
    const deny = (more: object) =>
      JSON.stringify({
        Statement: {
          Effect: 'Deny',
          Principal: { Service: 'cloudtrail.amazonaws.com' },
          Action: 's3:Put*',
          Resource: 'arn:aws:s3:::logs/denied/*',
          ...more,
        },
      });
    await buckets.set('logs', 'policy', deny({}));
    const refused = { outcome: 'refused', code: 'AccessDenied' };
    expect(await put('denied/a')).toMatchObject(refused);
    expect(await put('allowed/a')).toEqual({ outcome: 'stored' });
    await buckets.set('logs', 'policy', deny({ Principal: '*' }));
    expect(await put('denied/a')).toMatchObject(refused);
    await buckets.set('logs', 'policy', deny({ Principal: { AWS: '210987654321' } }));
    expect(await put('denied/a')).toEqual({ outcome: 'stored' });
  });
});
