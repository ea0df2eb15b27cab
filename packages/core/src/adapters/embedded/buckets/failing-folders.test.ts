import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FolderBuckets, folderBuckets } from './folder-buckets.ts';

const clock = { now: () => Date.parse('2026-11-21T03:20:00Z') };
const owner = { account: '123456789012', region: 'us-east-1' };

let dir: string;
let buckets: FolderBuckets;
let errors: unknown[];

beforeEach(async () => {
  errors = [];
  dir = await mkdtemp(join(tmpdir(), 'trailkeep-failing-'));
  buckets = await open();
  await buckets.createBucket({ name: 'logs', ...owner });
});

afterEach(async () => {
  vi.useRealTimers();
  await buckets.close();
  await rm(dir, { recursive: true });
});

function open(): Promise<FolderBuckets> {
  return folderBuckets(dir, { clock, onError: (error) => errors.push(error) });
}

const folder = () => join(dir, 'buckets', 'logs');
const file = (path: string) => join(folder(), path);

function put(key: string, body = 'bytes') {
  return buckets.putIfAbsent({ bucket: 'logs', key, body: Buffer.from(body) });
}

async function bytesOf(key: string): Promise<string> {
  const got = await buckets.get('logs', key);
  return 'body' in got ? got.body.toString() : got.code;
}

async function breakBucket(): Promise<void> {
  await rename(folder(), `${folder()}.aside`);
  await writeFile(folder(), 'not a folder');
}

async function repairBucket(): Promise<void> {
  await rm(folder());
  await rename(`${folder()}.aside`, folder());
}

describe('a bucket whose files cannot be made', () => {
  test('says so, still serves what it has, and refuses more', async () => {
    await put('k', 'kept');
    await breakBucket();
    await expect(buckets.settle()).rejects.toThrow(/ENOTDIR/);
    expect(errors).toHaveLength(1);
    expect(await bytesOf('k')).toBe('kept');
    expect(await put('x')).toMatchObject({ outcome: 'refused', code: 'NoSuchBucket' });
    await repairBucket();
    await buckets.settle();
    expect(readFileSync(file('k'), 'utf8')).toBe('kept');
    expect(await put('x')).toEqual({ outcome: 'stored' });
  });

  test('refuses more also where only a folder in it fails', async () => {
    const reserved = file('.trailkeep/objects');
    await rm(reserved, { recursive: true });
    await writeFile(reserved, 'in the way');
    await put('a//b', 'kept');
    await expect(buckets.settle()).rejects.toThrow(/folder/);
    expect(await put('x')).toMatchObject({ outcome: 'refused' });
    expect(await bytesOf('a//b')).toBe('kept');
    await rm(reserved);
    await buckets.settle();
    expect(await put('x')).toEqual({ outcome: 'stored' });
  });

  test('is tried twelve times a minute', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await put('k', 'kept');
    await breakBucket();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(errors.length).toBeGreaterThan(5);
    expect(errors.length).toBeLessThanOrEqual(13);
    await repairBucket();
    await vi.advanceTimersByTimeAsync(6_000);
    expect(readFileSync(file('k'), 'utf8')).toBe('kept');
  });

  test('keeps its objects over a stop', async () => {
    await put('k', 'kept');
    await breakBucket();
    await buckets.close();
    await repairBucket();
    buckets = await open();
    expect(await bytesOf('k')).toBe('kept');
    await buckets.settle();
    expect(readFileSync(file('k'), 'utf8')).toBe('kept');
  });

  test('does not keep others waiting', async () => {
    await buckets.createBucket({ name: 'other', ...owner });
    await put('k', 'kept');
    await breakBucket();
    await expect(buckets.settle()).rejects.toThrow();
    const other = { bucket: 'other', key: 'x', body: Buffer.from('x') };
    expect(await buckets.putIfAbsent(other)).toEqual({ outcome: 'stored' });
    const made = join(dir, 'buckets/other/x');
    await expect.poll(() => existsSync(made), { timeout: 5_000 }).toBe(true);
    await repairBucket();
  });
});
