import { gunzipSync, gzipSync } from 'node:zlib';
import type { ObjectStore, StoredObject } from '@trailkeep/core/ports/object-store.ts';
import { expect, test } from 'vitest';
import { flush, hourSeconds, startLogging } from './logging-trail.ts';
import { managementRecord } from './records.ts';
import { keysOf, publicKeysOf, verifyBucket } from './verify-bucket.ts';

type Objects = Map<string, StoredObject>;

/** A sound bucket of two files and three digests, whose objects may be tampered with. */
async function soundBucket() {
  const { engine } = await startLogging();
  for (let hour = 0; hour < 3; hour += 1) {
    if (hour < 2) await engine.accept(managementRecord());
    await flush(engine, false);
    engine.clock.advance(hourSeconds);
    await flush(engine, false);
  }
  const objects: Objects = new Map();
  for (const key of await keysOf(engine.buckets, 'logs')) {
    objects.set(key, (await engine.buckets.get('logs', key)) as StoredObject);
  }
  const verify = async () =>
    (await verifyBucket(storeOf(objects), 'logs', publicKeysOf(engine))).flaws;
  const keys = [...objects.keys()];
  const digests = keys.filter((key) => key.includes('-Digest'));
  return { objects, verify, digests, files: keys.filter((key) => !digests.includes(key)) };
}

function storeOf(objects: Objects): Pick<ObjectStore, 'list' | 'get'> {
  return {
    list: async (_, { after = '' }) => [...objects.keys()].filter((key) => key > after).sort(),
    get: async (_, key) => objects.get(key)!,
  };
}

function edit(objects: Objects, key: string, change: (text: string) => string): void {
  const object = objects.get(key)!;
  const body = gzipSync(change(gunzipSync(object.body).toString()));
  objects.set(key, { ...object, body });
}

test('a bucket as it should be has no flaw', async () => {
  const { verify, digests, files } = await soundBucket();
  expect(await verify()).toEqual([]);
  expect([digests.length, files.length]).toEqual([3, 2]);
});

type Tamper = (bucket: Awaited<ReturnType<typeof soundBucket>>) => void;

const tamperings: readonly (readonly [string, Tamper, RegExp])[] = [
  [
    'a file is changed',
    (b) => edit(b.objects, b.files[0]!, (t) => t.replace('Run', 'Ran')),
    /was changed/,
  ],
  ['a file is gone', (b) => b.objects.delete(b.files[0]!), /which is not there/],
  [
    'a file has a second gzip member',
    ({ objects, files }) => {
      const object = objects.get(files[0]!)!;
      objects.set(files[0]!, { ...object, body: Buffer.concat([object.body, gzipSync('')]) });
    },
    /bytes after its end/,
  ],
  [
    'a file has another member first',
    (b) => edit(b.objects, b.files[0]!, (t) => t.replace('{', '{"a":1,')),
    /and nothing else/,
  ],
  [
    'a record is in the file of another Region',
    (b) => edit(b.objects, b.files[0]!, (t) => t.replace('"us-east-1"', '"us-east-2"')),
    /in us-east-2/,
  ],
  [
    'a digest is changed',
    (b) => edit(b.objects, b.digests[1]!, (t) => t.replace('{', '{ ')),
    /wrong signature/,
  ],
  ['a digest is gone', (b) => b.objects.delete(b.digests[1]!), /does not follow/],
  [
    'a digest lies elsewhere',
    ({ objects, digests }) => {
      objects.set(digests[1]!.replace('AWSLogs', 'copy/AWSLogs'), objects.get(digests[1]!)!);
    },
    /says that it is logs\/AWSLogs/,
  ],
  [
    'a key is no key of CloudTrail',
    ({ objects, files }) => void objects.set('AWSLogs/notes.txt', objects.get(files[0]!)!),
    /is not the key of a log file/,
  ],
];

test('what is wrong with a bucket is told', async () => {
  const bucket = await soundBucket();
  const sound = new Map(bucket.objects);
  for (const [what, tamper, sentence] of tamperings) {
    tamper(bucket);
    expect((await bucket.verify()).join('\n'), `when ${what}`).toMatch(sentence);
    bucket.objects.clear();
    for (const [key, object] of sound) bucket.objects.set(key, object);
  }
  expect(await bucket.verify()).toEqual([]);
});
