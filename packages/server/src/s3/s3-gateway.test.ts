import { createHash } from 'node:crypto';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServedBuckets, serveBuckets } from './served-buckets.fixture.ts';
import { servedClient } from './served-client.fixture.ts';

let served: ServedBuckets;
let s3: S3Client;
let count = 0;

beforeAll(async () => {
  served = await serveBuckets();
  s3 = servedClient(served.endpoint);
});

afterAll(async () => {
  s3.destroy();
  await served.close();
  expect(served.errors).toEqual([]);
});

async function newBucket(): Promise<string> {
  count += 1;
  const Bucket = `bucket-${count}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

async function put(Bucket: string, ...keys: string[]): Promise<void> {
  for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
}

describe('buckets', () => {
  test('a bucket is created, listed, located and deleted', async () => {
    const Bucket = await newBucket();
    const listed = await s3.send(new ListBucketsCommand({}));
    expect(listed.Buckets?.map(({ Name }) => Name)).toContain(Bucket);
    const located = await s3.send(new GetBucketLocationCommand({ Bucket }));
    expect(located.LocationConstraint).toBeUndefined();
    await s3.send(new DeleteBucketCommand({ Bucket }));
    await expect(s3.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('a bucket in another Region says so', async () => {
    const west = servedClient(served.endpoint, 'eu-west-1');
    await west.send(new CreateBucketCommand({ Bucket: 'in-the-west' }));
    const located = await west.send(new GetBucketLocationCommand({ Bucket: 'in-the-west' }));
    expect(located.LocationConstraint).toBe('eu-west-1');
    const head = await west.send(new HeadBucketCommand({ Bucket: 'in-the-west' }));
    expect(head.BucketRegion).toBe('eu-west-1');
    const again = west.send(new CreateBucketCommand({ Bucket: 'in-the-west' }));
    await expect(again).rejects.toMatchObject({ name: 'BucketAlreadyOwnedByYou' });
    west.destroy();
  });

  test('creating it again: 200 in us-east-1, and taken for everybody else', async () => {
    const Bucket = await newBucket();
    await s3.send(new CreateBucketCommand({ Bucket }));
    const other = servedClient(served.endpoint, 'us-east-1', '999999999999');
    await expect(other.send(new CreateBucketCommand({ Bucket }))).rejects.toMatchObject({
      name: 'BucketAlreadyExists',
    });
    await expect(other.send(new ListObjectsCommand({ Bucket }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    other.destroy();
  });

  test.each(['UPPER', 'ab', 'a..b', '10.0.0.1', 'xn--a', 'under_score', 'end-'])(
    'the name %s is refused',
    async (name) => {
      const response = await fetch(`${served.endpoint}/${name}`, { method: 'PUT' });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain('<Code>InvalidBucketName</Code>');
    },
  );

  test('a bucket with objects is not deleted', async () => {
    const Bucket = await newBucket();
    await put(Bucket, 'a');
    await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({
      name: 'BucketNotEmpty',
    });
  });
});

describe('objects', () => {
  test('an object comes back as it was put', async () => {
    const Bucket = await newBucket();
    const Body = Buffer.from('{"Records":[]}');
    const done = await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'AWSLogs/a b+c.json.gz',
        Body,
        ContentType: 'application/json',
        ContentEncoding: 'gzip',
        CacheControl: 'no-store',
        Metadata: { signature: 'abc' },
        Tagging: 'team=audit',
      }),
    );
    const md5 = createHash('md5').update(Body).digest('hex');
    expect(done).toMatchObject({ ETag: `"${md5}"`, ServerSideEncryption: 'AES256' });
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'AWSLogs/a b+c.json.gz' }));
    expect(got).toMatchObject({
      ContentType: 'application/json',
      ContentEncoding: 'gzip',
      CacheControl: 'no-store',
      Metadata: { signature: 'abc' },
      ContentLength: Body.length,
      TagCount: 1,
    });
    expect(await got.Body?.transformToByteArray()).toEqual(new Uint8Array(Body));
  });

  test('a large body is streamed in and out', async () => {
    const Bucket = await newBucket();
    const Body = Buffer.alloc(9 * 1024 * 1024, 'trailkeep');
    await s3.send(new PutObjectCommand({ Bucket, Key: 'large', Body }));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'large' }));
    const back = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
    expect(back.equals(Body)).toBe(true);
  });

  test('conditions on writes and reads hold', async () => {
    const Bucket = await newBucket();
    await put(Bucket, 'a');
    const again = new PutObjectCommand({ Bucket, Key: 'a', Body: 'x', IfNoneMatch: '*' });
    await expect(s3.send(again)).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
    const { ETag } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'a' }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'b', IfMatch: ETag }));
    const stale = new PutObjectCommand({ Bucket, Key: 'a', Body: 'c', IfMatch: ETag });
    await expect(s3.send(stale)).rejects.toMatchObject({ name: 'PreconditionFailed' });
    const same = (await s3.send(new HeadObjectCommand({ Bucket, Key: 'a' }))).ETag;
    await expect(
      s3.send(new GetObjectCommand({ Bucket, Key: 'a', IfNoneMatch: same })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
  });

  test('ranges are served', async () => {
    const Bucket = await newBucket();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'r', Body: '0123456789' }));
    const ranges: [string, string, string][] = [
      ['bytes=0-0', '0', 'bytes 0-0/10'],
      ['bytes=5-', '56789', 'bytes 5-9/10'],
      ['bytes=-3', '789', 'bytes 7-9/10'],
      ['bytes=8-100', '89', 'bytes 8-9/10'],
    ];
    for (const [Range, body, ContentRange] of ranges) {
      const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'r', Range }));
      expect(got.ContentRange).toBe(ContentRange);
      expect(await got.Body?.transformToString()).toBe(body);
    }
    const beyond = new GetObjectCommand({ Bucket, Key: 'r', Range: 'bytes=10-' });
    await expect(s3.send(beyond)).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  test('objects are copied, with their metadata or with other', async () => {
    const Bucket = await newBucket();
    const Metadata = { a: '1' };
    await s3.send(new PutObjectCommand({ Bucket, Key: 'from ü', Body: 'x', Metadata }));
    const CopySource = `${Bucket}/${encodeURIComponent('from ü')}`;
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'kept', CopySource }));
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'kept' }))).Metadata).toEqual({
      a: '1',
    });
    const replaced = { MetadataDirective: 'REPLACE', Metadata: { b: '2' } } as const;
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'new', CopySource, ...replaced }));
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'new' }))).Metadata).toEqual({
      b: '2',
    });
    const onto = new CopyObjectCommand({ Bucket, Key: 'from ü', CopySource });
    await expect(s3.send(onto)).rejects.toMatchObject({ name: 'InvalidRequest' });
  });

  test('attributes and tags are told', async () => {
    const Bucket = await newBucket();
    const Body = 'attributes';
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body, ChecksumAlgorithm: 'SHA256' }));
    const told = await s3.send(
      new GetObjectAttributesCommand({
        Bucket,
        Key: 'a',
        ObjectAttributes: ['ETag', 'Checksum', 'ObjectSize', 'StorageClass'],
      }),
    );
    expect(told).toMatchObject({
      ObjectSize: Body.length,
      StorageClass: 'STANDARD',
      Checksum: { ChecksumSHA256: createHash('sha256').update(Body).digest('base64') },
    });
    const TagSet = [{ Key: 'k', Value: 'v' }];
    await s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'a', Tagging: { TagSet } }));
    const tags = await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'a' }));
    expect(tags.TagSet).toEqual(TagSet);
  });

  test('many are deleted at once, missing ones too', async () => {
    const Bucket = await newBucket();
    await put(Bucket, 'a', 'b/c', '<&>');
    const Objects = ['a', 'b/c', '<&>', 'never-there'].map((Key) => ({ Key }));
    const done = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(done.Deleted?.map(({ Key }) => Key)).toEqual(['a', 'b/c', '<&>', 'never-there']);
    expect((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
    await s3.send(new DeleteBucketCommand({ Bucket }));
  });
});
