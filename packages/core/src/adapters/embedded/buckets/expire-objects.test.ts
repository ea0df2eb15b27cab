import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isRefusal } from '../../../domain/refusal.ts';
import type { LifecycleRule } from './bucket-settings.ts';
import { type FolderBuckets, folderBuckets } from './folder-buckets.ts';
import { beginUpload } from './multipart.ts';
import { removeObject } from './object-changes.ts';

const start = Date.parse('2026-01-01T10:00:00Z');
const dayMs = 24 * 60 * 60 * 1000;

let dir: string;
let buckets: FolderBuckets;
let now: number;

beforeEach(async () => {
  now = start;
  dir = await mkdtemp(join(tmpdir(), 'trailkeep-expire-'));
  buckets = await folderBuckets(dir, { clock: { now: () => now } });
  await buckets.createBucket({ name: 'logs', account: '123456789012', region: 'us-east-1' });
});

afterEach(async () => {
  await buckets.close();
  await rm(dir, { recursive: true });
});

function rule(more: Partial<LifecycleRule>): LifecycleRule {
  return {
    id: 'r',
    enabled: true,
    filter: { prefix: 'old/', tags: [], form: 'single' },
    transitions: [],
    ...more,
  };
}

function setRules(...rules: LifecycleRule[]) {
  const minimumObjectSize = 'all_storage_classes_128K';
  return buckets.set('logs', 'lifecycle', { rules, minimumObjectSize });
}

function put(key: string, body: Buffer | string = 'x') {
  return buckets.putIfAbsent({ bucket: 'logs', key, body: Buffer.from(body) });
}

test('objects under the prefix go at the first midnight after their days', async () => {
  await setRules(rule({ expiration: { days: 2 } }));
  await put('old/a');
  await put('new/a');
  const midnight = Date.parse('2026-01-04T00:00:00Z');
  expect(await buckets.expireObjects(midnight - 1)).toMatchObject({ removed: 0 });
  expect(await buckets.expireObjects(midnight)).toMatchObject({ removed: 1 });
  expect(await buckets.expireObjects(midnight)).toMatchObject({ removed: 0 });
  expect(await buckets.list('logs', {})).toEqual(['new/a']);
});

test('a rule that is disabled does nothing', async () => {
  await setRules(rule({ enabled: false, expiration: { days: 1 } }));
  await put('old/a');
  expect(await buckets.expireObjects(start + 9 * dayMs)).toMatchObject({ removed: 0 });
});

test('older versions go by the day they were replaced, the newest of them kept', async () => {
  await buckets.set('logs', 'versioning', 'Enabled');
  await setRules(rule({ noncurrentExpiration: { days: 3, newerVersions: 1 } }));
  for (let day = 0; day < 4; day += 1) {
    now = start + day * dayMs;
    await put('old/v', `day ${day}`);
    await removeObject(buckets.parts, 'logs', { key: 'old/v' });
  }
  const versions = () => {
    const bucket = buckets.parts.buckets.find('logs');
    return buckets.parts.versions.all(bucket?.id ?? 0, { key: '', seq: 1e15 }, 'p', 100).length;
  };
  expect(versions()).toBe(8);
  await buckets.expireObjects(start + 30 * dayMs);
  expect(versions()).toBe(2);
});

test('a delete marker that hides nothing goes when a rule says so', async () => {
  await buckets.set('logs', 'versioning', 'Enabled');
  await setRules(rule({ expiration: { expiredObjectDeleteMarker: true } }));
  await removeObject(buckets.parts, 'logs', { key: 'old/never' });
  expect(await buckets.expireObjects(now)).toMatchObject({ removed: 1 });
});

test('large objects change their storage class, small ones stay', async () => {
  await setRules(rule({ transitions: [{ days: 30, storageClass: 'STANDARD_IA' }] }));
  await put('old/large', Buffer.alloc(200_000));
  await put('old/small');
  expect(await buckets.expireObjects(start + 40 * dayMs)).toMatchObject({ transitioned: 1 });
  const bucket = buckets.parts.buckets.find('logs');
  const large = buckets.parts.versions.latest(bucket?.id ?? 0, 'old/large');
  expect(large?.facts.storageClass).toBe('STANDARD_IA');
});

test('uploads that were never completed are aborted', async () => {
  await setRules(rule({ abortUploadsAfterDays: 1 }));
  const upload = await beginUpload(buckets.parts, 'logs', { key: 'old/u', facts: {}, tags: [] });
  expect(isRefusal(upload)).toBe(false);
  expect(await buckets.expireObjects(now)).toMatchObject({ uploadsAborted: 0 });
  expect(await buckets.expireObjects(now + 2 * dayMs)).toMatchObject({ uploadsAborted: 1 });
});
