import { createHash } from 'node:crypto';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
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
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServedBuckets, serveBuckets } from './served-buckets.ts';

let served: ServedBuckets;
let s3: S3Client;
let count = 0;

beforeAll(async () => {
  served = await serveBuckets();
  s3 = client('us-east-1');
});

afterAll(async () => {
  s3.destroy();
  await served.close();
  expect(served.errors).toEqual([]);
});

function client(region: string, accessKeyId = 'AKIDEXAMPLE'): S3Client {
  return new S3Client({
    endpoint: served.endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey: 'any' },
    maxAttempts: 1,
  });
}

async function newBucket(): Promise<string> {
  count += 1;
  const Bucket = `bucket-${count}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

async function put(Bucket: string, ...keys: string[]): Promise<void> {
  for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
}

async function text(Bucket: string, Key: string, VersionId?: string): Promise<string> {
  const got = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return (await got.Body?.transformToString()) ?? '';
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
    const west = client('eu-west-1');
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
    const other = client('us-east-1', '999999999999');
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

describe('listings', () => {
  test('V2 pages through keys and common prefixes', async () => {
    const Bucket = await newBucket();
    await put(Bucket, 'a', 'b/1', 'b/2', 'c', 'd/x/1', 'd/y', 'é');
    const seen: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({ Bucket, Delimiter: '/', MaxKeys: 2, ContinuationToken }),
      );
      const keys = page.Contents?.map(({ Key }) => Key) ?? [];
      const prefixes = page.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? [];
      expect(page.KeyCount).toBe(keys.length + prefixes.length);
      seen.push(...([...keys, ...prefixes] as string[]).sort());
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(seen).toEqual(['a', 'b/', 'c', 'd/', 'é']);
  });

  test('V1 lists after a marker, url-encoded when asked', async () => {
    const Bucket = await newBucket();
    await put(Bucket, 'p/a b', 'p/c+d', 'p/ü', 'q');
    const url = `${served.endpoint}/${Bucket}?marker=p%2F&prefix=p%2F&encoding-type=url`;
    const xml = await (await fetch(url)).text();
    expect(xml).toContain('<EncodingType>url</EncodingType>');
    expect(xml).toContain('<Key>p/a+b</Key>');
    expect(xml).toContain('<Key>p/c%2Bd</Key>');
    expect(xml).toContain('<Key>p/%C3%BC</Key>');
    expect(xml).not.toContain('<Key>q</Key>');
    const page = await s3.send(new ListObjectsCommand({ Bucket, MaxKeys: 1, Delimiter: '/' }));
    expect(page).toMatchObject({ IsTruncated: true, NextMarker: 'p/' });
    const next = await s3.send(new ListObjectsCommand({ Bucket, Delimiter: '/', Marker: 'p/' }));
    expect(next.Contents?.map(({ Key }) => Key)).toEqual(['q']);
    expect(next.CommonPrefixes).toBeUndefined();
  });
});

describe('versions', () => {
  test('are kept once versioning is on, and deleting leaves a marker', async () => {
    const Bucket = await newBucket();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'before' }));
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    const one = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'one' }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'two' }));
    const removed = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(removed.DeleteMarker).toBe(true);
    await expect(text(Bucket, 'k')).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await text(Bucket, 'k', one.VersionId)).toBe('one');
    expect(await text(Bucket, 'k', 'null')).toBe('before');
    const listed = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    expect(listed.Versions?.map(({ VersionId }) => VersionId === 'null')).toEqual([
      false,
      false,
      true,
    ]);
    expect(listed.DeleteMarkers?.[0]).toMatchObject({ Key: 'k', IsLatest: true });
    const marker = { Bucket, Key: 'k', VersionId: removed.VersionId };
    await s3.send(new DeleteObjectCommand(marker));
    expect(await text(Bucket, 'k')).toBe('two');
  });
});
