import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ObjectPut, ObjectStore } from './object-store.ts';

export interface ObjectStoreHarness {
  readonly store: ObjectStore;
  /** Makes a bucket in the Region eu-west-1, by other means than the port. */
  makeBucket(name: string): Promise<void>;
  setPolicy(name: string, policy: string): Promise<void>;
  close(): Promise<void>;
}

/** What every adapter of the ObjectStore port promises. */
export function objectStoreContract(name: string, open: () => Promise<ObjectStoreHarness>): void {
  describe(`object store: ${name}`, () => {
    let harness: ObjectStoreHarness;
    let count = 0;
    const newBucket = async () => {
      count += 1;
      const bucket = `contract-${count}`;
      await harness.makeBucket(bucket);
      return bucket;
    };
    beforeAll(async () => {
      harness = await open();
    });
    afterAll(() => harness.close());
    bucketTests(() => harness, newBucket);
    putTests(() => harness.store, newBucket);
    listTests(() => harness.store, newBucket);
  });
}

type NewBucket = () => Promise<string>;

const body = Buffer.from('{"Records":[]}');

function put(bucket: string, key: string, more: Partial<ObjectPut> = {}): ObjectPut {
  return { bucket, key, body, ...more };
}

function bucketTests(harness: () => ObjectStoreHarness, newBucket: NewBucket): void {
  test('a bucket tells its Region, its policy and who pays', async () => {
    const bucket = await newBucket();
    const bare = { region: 'eu-west-1', policy: undefined, requesterPays: false };
    expect(await harness().store.bucket(bucket)).toEqual(bare);
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Deny',
          Principal: { Service: 'cloudtrail.amazonaws.com' },
          Action: 's3:PutObject',
          Resource: `arn:aws:s3:::${bucket}/denied/*`,
        },
      ],
    });
    await harness().setPolicy(bucket, policy);
    const told = await harness().store.bucket(bucket);
    expect(told).toMatchObject({ region: 'eu-west-1' });
    expect('policy' in told && JSON.parse(told.policy ?? '')).toEqual(JSON.parse(policy));
  });

  test('every call on a bucket that does not exist is refused with NoSuchBucket', async () => {
    const { store } = harness();
    const refused = { outcome: 'refused', code: 'NoSuchBucket', message: expect.any(String) };
    expect(await store.bucket('nobody-made-this')).toEqual(refused);
    expect(await store.putIfAbsent(put('nobody-made-this', 'a'))).toEqual(refused);
    expect(await store.get('nobody-made-this', 'a')).toEqual(refused);
    expect(await store.list('nobody-made-this', {})).toEqual(refused);
  });
}

function putTests(store: () => ObjectStore, newBucket: NewBucket): void {
  test('an object is read back with its bytes and metadata', async () => {
    const bucket = await newBucket();
    const stored = await store().putIfAbsent(
      put(bucket, 'AWSLogs/1/x.json.gz', {
        contentType: 'application/json',
        contentEncoding: 'gzip',
        metadata: { signature: 'abc', 'signature-algorithm': 'SHA256withRSA' },
        acl: 'bucket-owner-full-control',
      }),
    );
    expect(stored).toEqual({ outcome: 'stored' });
    expect(await store().get(bucket, 'AWSLogs/1/x.json.gz')).toEqual({
      body,
      metadata: { signature: 'abc', 'signature-algorithm': 'SHA256withRSA' },
    });
  });

  test('a second put of a key changes nothing', async () => {
    const bucket = await newBucket();
    await store().putIfAbsent(put(bucket, 'a'));
    const second = await store().putIfAbsent(put(bucket, 'a', { body: Buffer.from('other') }));
    expect(second).toEqual({ outcome: 'present' });
    expect(await store().get(bucket, 'a')).toMatchObject({ body });
  });

  test('of many puts of one key at once exactly one is stored', async () => {
    const bucket = await newBucket();
    const puts = Array.from({ length: 8 }, (_, n) =>
      store().putIfAbsent(put(bucket, 'raced', { body: Buffer.from(`writer ${n}`) })),
    );
    const outcomes = await Promise.all(puts);
    const stored = outcomes.flatMap(({ outcome }, n) => (outcome === 'stored' ? [n] : []));
    expect(stored).toHaveLength(1);
    expect(outcomes.filter(({ outcome }) => outcome === 'present')).toHaveLength(7);
    const winner = Buffer.from(`writer ${stored[0]}`);
    expect(await store().get(bucket, 'raced')).toMatchObject({ body: winner });
  });

  test('empty and large bodies are kept as they are', async () => {
    const bucket = await newBucket();
    const large = Buffer.alloc(3 * 1024 * 1024, 'trailkeep ');
    await store().putIfAbsent(put(bucket, 'empty', { body: Buffer.alloc(0) }));
    await store().putIfAbsent(put(bucket, 'large', { body: large }));
    expect(await store().get(bucket, 'empty')).toMatchObject({ body: Buffer.alloc(0) });
    const read = await store().get(bucket, 'large');
    expect('body' in read && read.body.equals(large)).toBe(true);
  });

  test('a key that is not there is refused with NoSuchKey', async () => {
    const bucket = await newBucket();
    const refused = { outcome: 'refused', code: 'NoSuchKey' };
    expect(await store().get(bucket, 'missing')).toMatchObject(refused);
  });

  test('keys that no folder takes as they are, are keys all the same', async () => {
    const bucket = await newBucket();
    for (const key of awkwardKeys) {
      const bytes = Buffer.from(key);
      expect(await store().putIfAbsent(put(bucket, key, { body: bytes })), key).toEqual({
        outcome: 'stored',
      });
    }
    for (const key of awkwardKeys) {
      expect(await store().get(bucket, key), key).toMatchObject({ body: Buffer.from(key) });
    }
    const listed = await store().list(bucket, {});
    expect(listed).toEqual([...awkwardKeys].sort(byBytes));
  });
}

function listTests(store: () => ObjectStore, newBucket: NewBucket): void {
  test('keys are listed in the order of their bytes, by prefix, after a key, to a limit', async () => {
    const bucket = await newBucket();
    const keys = ['a/1', 'a/2', 'a/10', 'b', 'B', 'a', 'ä', '\uffff', '\u{10000}'];
    for (const key of keys) await store().putIfAbsent(put(bucket, key));
    const sorted = [...keys].sort(byBytes);
    expect(await store().list(bucket, {})).toEqual(sorted);
    expect(await store().list(bucket, { prefix: 'a/' })).toEqual(['a/1', 'a/10', 'a/2']);
    expect(await store().list(bucket, { prefix: 'a/', after: 'a/1' })).toEqual(['a/10', 'a/2']);
    expect(await store().list(bucket, { limit: 2 })).toEqual(sorted.slice(0, 2));
    expect(await store().list(bucket, { prefix: 'zzz' })).toEqual([]);
  });
}

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** What file systems, URLs and careless code read as something else. */
const awkwardKeys = [
  'a',
  'a/b',
  'a/b/c',
  'A',
  'dir/',
  'dir//double',
  '/leading',
  'up/../../../../etc/passwd',
  '..',
  './here',
  '.trailkeep/objects/x',
  'plus+space and %25 percent',
  'question?mark&amp;<tag>"quote\'',
  'back\\slash:colon*star|pipe',
  'tab\there',
  'ünï/cödé-\u{1f600}',
  `long/${'s'.repeat(300)}`,
  'k'.repeat(1_024),
];
