import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
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
  const Bucket = `listed-${count}`;
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
