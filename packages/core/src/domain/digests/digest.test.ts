import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { LogFileDelivered } from '../delivery/delivery.ts';
import { type DigestPlan, digestDocument, digestKey, sha256Hex, stringToSign } from './digest.ts';

const place = {
  prefix: 'prefix',
  organizationId: undefined,
  account: '111122223333',
  region: 'us-east-2',
};
const file = (name: string, oldest: string, newest: string): LogFileDelivered => ({
  type: 'LogFileDelivered',
  at: Date.parse('2015-08-20T17:30:00.000Z'),
  bucket: 'amzn-s3-demo-bucket',
  key: `prefix/AWSLogs/111122223333/CloudTrail/us-east-2/2015/08/20/${name}.json.gz`,
  folder: 'CloudTrail',
  hash: sha256Hex(Buffer.from(name)),
  records: 3,
  oldestEventTime: Date.parse(oldest),
  newestEventTime: Date.parse(newest),
  through: '1',
});
const plan: DigestPlan = {
  place,
  trailName: 'example-trail-name',
  homeRegion: 'us-east-1',
  bucket: 'amzn-s3-demo-bucket',
  start: Date.parse('2015-08-20T17:01:31Z'),
  end: Date.parse('2015-08-20T18:01:31Z'),
  fingerprint: '31e8b5433410dfb61a9dc45cc65b22ff',
  previous: {
    bucket: 'amzn-s3-demo-bucket',
    key: 'prefix/AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2015/08/20/111122223333_CloudTrail-Digest_us-east-2_example-trail-name_us-east-1_20150820T170131Z.json.gz',
    hash: 'ed96c4bac9eaa8fe9716ca0e515da51938be651b1db31d781956416a9d05cdfa',
    signature: '82705525fb0fe7f919f9434e5b7138cb41793c776c7414f3520c0242902daa8c',
  },
  files: [
    file('one', '2015-08-20T17:02:00Z', '2015-08-20T17:20:00Z'),
    file('two', '2015-08-20T16:59:59Z', '2015-08-20T17:04:00Z'),
  ],
};
const golden = new URL('../../../../../test/golden/', import.meta.url);

test('a digest is, byte for byte, the golden one', () => {
  const bytes = readFileSync(new URL('digest.golden', golden));
  expect(digestDocument(plan).toString()).toBe(bytes.toString());
});

test('what is signed is, byte for byte, the golden text', () => {
  const text = readFileSync(new URL('digest-string-to-sign.golden', golden)).toString();
  expect(stringToSign(plan, digestDocument(plan)).toString()).toBe(text);
});

test('the first digest of a chain has no previous one, and signs the word null', () => {
  const first = { ...plan, previous: undefined };
  const document = digestDocument(first);
  expect(JSON.parse(document.toString())).toMatchObject({
    previousDigestS3Bucket: null,
    previousDigestS3Object: null,
    previousDigestHashValue: null,
    previousDigestHashAlgorithm: null,
    previousDigestSignature: null,
  });
  const lines = stringToSign(first, document).toString().split('\n');
  expect(lines).toEqual([
    '2015-08-20T18:01:31Z',
    `amzn-s3-demo-bucket/${digestKey(first)}`,
    sha256Hex(document),
    'null',
  ]);
});

/** The expression by which aws-cli finds digests, for this trail. */
const ofAwsCli =
  /^prefix\/AWSLogs\/111122223333\/CloudTrail-Digest\/us-east-2\/\d+\/\d+\/\d+\/111122223333_CloudTrail-Digest_us-east-2_example-trail-name_us-east-1_.+(?:_backfill)?\.json\.gz$/;

test('aws-cli finds a digest by its key, and its time at the fixed place', () => {
  const key = digestKey(plan);
  expect(key).toMatch(ofAwsCli);
  expect(key.slice(-24, -8)).toBe('20150820T180131Z');
});

test("the day in the key is that of the digest's end", () => {
  const start = Date.parse('2015-08-20T23:30:00Z');
  const key = digestKey({ ...plan, start, end: start + 3_600_000 });
  expect(key).toContain('/us-east-2/2015/08/21/');
});

test('a digest of an organization trail lies in the folder of the organization', () => {
  const key = digestKey({ ...plan, place: { ...place, organizationId: 'o-exampleorg1' } });
  expect(key).toMatch(/^prefix\/AWSLogs\/o-exampleorg1\/111122223333\/CloudTrail-Digest\//);
});

const recorded = new URL('../../../../../../shared/data/empty-digest/', import.meta.url);

test.runIf(existsSync(recorded))("an empty digest has the members of CloudTrail's own", () => {
  const text = readFileSync(new URL('cloudtrail_digest_empty.json', recorded)).toString();
  const theirs = JSON.parse(text) as Record<string, never>;
  const { previousDigestS3Bucket: bucket, previousDigestS3Object: key } = theirs;
  const previous = {
    bucket: bucket!,
    key: key!,
    hash: theirs['previousDigestHashValue']!,
    signature: theirs['previousDigestSignature']!,
  };
  const same = { ...plan, homeRegion: 'us-east-2', previous, files: [] };
  const ours = digestDocument({ ...same, place: { ...place, prefix: undefined } });
  expect(JSON.stringify(JSON.parse(ours.toString()), null, 2)).toBe(text.trimEnd());
});

if (!existsSync(recorded)) console.warn(`Not compared with ${recorded.pathname}: it is not there`);
