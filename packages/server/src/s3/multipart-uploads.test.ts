import { readdirSync } from 'node:fs';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServedBuckets, serveBuckets } from './served-buckets.fixture.ts';
import { servedClient } from './served-client.fixture.ts';

let served: ServedBuckets;
let s3: S3Client;
const Bucket = 'uploads';

beforeAll(async () => {
  served = await serveBuckets();
  const owner = { account: '123456789012', region: 'us-east-1' };
  await served.buckets.createBucket({ name: Bucket, ...owner });
  s3 = servedClient(served.endpoint);
});

afterAll(async () => {
  s3.destroy();
  await served.close();
  expect(served.errors).toEqual([]);
});

const large = Buffer.alloc(5 * 1024 * 1024, 'part one ');

async function begin(Key: string, more: object = {}) {
  const made = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
  return { Bucket, Key, UploadId: made.UploadId };
}

type Upload = Awaited<ReturnType<typeof begin>>;

async function part(upload: Upload, PartNumber: number, Body: Buffer | string, more: object = {}) {
  const done = await s3.send(new UploadPartCommand({ ...upload, PartNumber, Body, ...more }));
  return { PartNumber, ETag: done.ETag };
}

function complete(upload: Upload, Parts: { PartNumber: number; ETag?: string }[]) {
  return s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
}

function partFiles(): string[] {
  return readdirSync(`${served.dir}/buckets/${Bucket}/.trailkeep/parts`);
}

test('parts become one object, with the metadata of the beginning', async () => {
  const upload = await begin('a/whole', { Metadata: { m: '1' }, ContentType: 'text/plain' });
  const two = await part(upload, 2, 'the end');
  const one = await part(upload, 1, large);
  const listed = await s3.send(new ListPartsCommand(upload));
  expect(listed.Parts?.map(({ Size }) => Size)).toEqual([large.length, 7]);
  const done = await complete(upload, [one, two]);
  expect(done.ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'a/whole' }));
  expect(got).toMatchObject({ Metadata: { m: '1' }, ContentType: 'text/plain' });
  const bytes = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
  expect(bytes.equals(Buffer.concat([large, Buffer.from('the end')]))).toBe(true);
  expect(partFiles()).toEqual([]);
});

test('a full-object CRC64NVME is computed over the parts', async () => {
  const of = { ChecksumAlgorithm: 'CRC64NVME' } as const;
  const upload = await begin('crc64', of);
  const one = await part(upload, 1, '123456789', of);
  const done = await complete(upload, [one]);
  const ChecksumCRC64NVME = Buffer.from('ae8b14860a799888', 'hex').toString('base64');
  expect(done).toMatchObject({ ChecksumCRC64NVME, ChecksumType: 'FULL_OBJECT' });
  const told = await s3.send(
    new HeadObjectCommand({ Bucket, Key: 'crc64', ChecksumMode: 'ENABLED' }),
  );
  expect(told).toMatchObject({ ChecksumCRC64NVME, ChecksumType: 'FULL_OBJECT' });
});

test('wrong lists of parts are refused, each by its name', async () => {
  const upload = await begin('refused');
  const one = await part(upload, 1, 'small');
  const two = await part(upload, 2, 'small too');
  await expect(complete(upload, [two, one])).rejects.toMatchObject({ name: 'InvalidPartOrder' });
  await expect(complete(upload, [one, two])).rejects.toMatchObject({ name: 'EntityTooSmall' });
  const forged = { PartNumber: 3, ETag: '"00"' };
  await expect(complete(upload, [forged])).rejects.toMatchObject({ name: 'InvalidPart' });
  await expect(complete(upload, [])).rejects.toMatchObject({ name: 'MalformedXML' });
  const zero = part(upload, 0, 'x');
  await expect(zero).rejects.toMatchObject({ name: 'InvalidArgument' });
  await s3.send(new AbortMultipartUploadCommand(upload));
  await expect(complete(upload, [one])).rejects.toMatchObject({ name: 'NoSuchUpload' });
  expect(partFiles()).toEqual([]);
});

test('parts are copied from objects, ranges of them too', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'source', Body: '0123456789' }));
  const upload = await begin('copied');
  const of = { ...upload, PartNumber: 1, CopySource: `${Bucket}/source` };
  const copied = await s3.send(new UploadPartCopyCommand({ ...of, CopySourceRange: 'bytes=2-4' }));
  await complete(upload, [{ PartNumber: 1, ETag: copied.CopyPartResult?.ETag }]);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'copied' }));
  expect(await got.Body?.transformToString()).toBe('234');
  const beyond = new UploadPartCopyCommand({ ...of, CopySourceRange: 'bytes=2-40' });
  await expect(s3.send(beyond)).rejects.toMatchObject({ name: 'NoSuchUpload' });
});

test('uploads are listed by key, in pages, rolled up by a delimiter', async () => {
  const uploads = [];
  for (const key of ['l/x/1', 'l/x/2', 'l/y', 'l/z']) uploads.push(await begin(key));
  const all = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'l/' }));
  expect(all.Uploads?.map(({ Key }) => Key)).toEqual(['l/x/1', 'l/x/2', 'l/y', 'l/z']);
  const ask = { Bucket, Prefix: 'l/', Delimiter: '/', MaxUploads: 2 };
  const first = await s3.send(new ListMultipartUploadsCommand(ask));
  expect(first.CommonPrefixes).toEqual([{ Prefix: 'l/x/' }]);
  expect(first).toMatchObject({ IsTruncated: true, NextKeyMarker: 'l/y' });
  const second = await s3.send(
    new ListMultipartUploadsCommand({
      ...ask,
      KeyMarker: first.NextKeyMarker,
      UploadIdMarker: first.NextUploadIdMarker,
    }),
  );
  expect(second.Uploads?.map(({ Key }) => Key)).toEqual(['l/z']);
  for (const upload of uploads) await s3.send(new AbortMultipartUploadCommand(upload));
});
