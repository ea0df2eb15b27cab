import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServedBuckets, serveBuckets } from '@trailkeep/server/s3/served-buckets.fixture.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../describe-with.ts';
import { runClient } from './support/run-client.ts';

describeWith('aws', 'aws-cli against the buckets', (tool) => {
  let served: ServedBuckets;
  let work: string;

  beforeAll(async () => {
    served = await serveBuckets();
    work = await mkdtemp(join(tmpdir(), 'trailkeep-aws-cli-'));
    await aws('s3', 'mb', 's3://cli-bucket');
  });

  afterAll(async () => {
    await served.close();
    await rm(work, { recursive: true });
    expect(served.errors).toEqual([]);
  });

  async function aws(...args: string[]): Promise<string> {
    const run = await runClient(served.endpoint, [tool.path, ...args], { cwd: work });
    expect(run, args.join(' ')).toMatchObject({ exitCode: 0 });
    return run.stdout;
  }

  const json = async (...args: string[]) => JSON.parse(await aws(...args, '--output', 'json'));

  test('copies a tree up and down, keys with spaces and umlauts too', async () => {
    await writeFile(join(work, 'a b+ü.txt'), 'text');
    await aws('s3', 'cp', 'a b+ü.txt', 's3://cli-bucket/dir one/a b+ü.txt');
    const listed = await aws('s3', 'ls', '--recursive', 's3://cli-bucket/');
    expect(listed).toContain('dir one/a b+ü.txt');
    await aws('s3', 'sync', 's3://cli-bucket/', 'down');
    expect(await readFile(join(work, 'down/dir one/a b+ü.txt'), 'utf8')).toBe('text');
    expect(await aws('s3', 'ls', 's3://cli-bucket/')).toContain('PRE dir one/');
  });

  test('uploads 20 MB in parts and reads them back', async () => {
    const bytes = randomBytes(20 * 1024 * 1024);
    await writeFile(join(work, 'big'), bytes);
    await aws('s3', 'cp', 'big', 's3://cli-bucket/big');
    const head = await json('s3api', 'head-object', '--bucket', 'cli-bucket', '--key', 'big');
    expect(head).toMatchObject({ ContentLength: bytes.length });
    expect(head.ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
    await aws('s3', 'cp', 's3://cli-bucket/big', 'back');
    expect((await readFile(join(work, 'back'))).equals(bytes)).toBe(true);
    await aws('s3', 'cp', 's3://cli-bucket/big', 's3://cli-bucket/copy');
    await aws('s3', 'cp', 's3://cli-bucket/copy', 'back-again');
    expect((await readFile(join(work, 'back-again'))).equals(bytes)).toBe(true);
  });

  test('list-objects pages by marker, as validate-logs does', async () => {
    for (const key of ['l/1', 'l/2', 'l/3']) {
      await aws('s3api', 'put-object', '--bucket', 'cli-bucket', '--key', key);
    }
    const page = ['--bucket', 'cli-bucket', '--prefix', 'l/', '--page-size', '1'];
    const listed = await json('s3api', 'list-objects', ...page);
    expect(listed.Contents.map((one: { Key: string }) => one.Key)).toEqual(['l/1', 'l/2', 'l/3']);
    const location = ['s3api', 'get-bucket-location', '--bucket', 'cli-bucket'];
    expect(await json(...location)).toEqual({ LocationConstraint: null });
  });

  test('a presigned URL works in any client', async () => {
    await aws('s3api', 'put-object', '--bucket', 'cli-bucket', '--key', 'signed');
    const url = (await aws('s3', 'presign', 's3://cli-bucket/signed')).trim();
    expect((await fetch(url)).status).toBe(200);
  });

  test('settings are put and read back', async () => {
    const of = ['--bucket', 'cli-bucket'];
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'cloudtrail.amazonaws.com' },
          Action: 's3:GetBucketAcl',
          Resource: 'arn:aws:s3:::cli-bucket',
        },
      ],
    });
    await aws('s3api', 'put-bucket-policy', ...of, '--policy', policy);
    expect(JSON.parse((await json('s3api', 'get-bucket-policy', ...of)).Policy)).toEqual(
      JSON.parse(policy),
    );
    const status = await json('s3api', 'get-bucket-policy-status', ...of);
    expect(status).toEqual({ PolicyStatus: { IsPublic: false } });
    const versioning = ['--versioning-configuration', 'Status=Enabled'];
    await aws('s3api', 'put-bucket-versioning', ...of, ...versioning);
    expect(await json('s3api', 'get-bucket-versioning', ...of)).toEqual({ Status: 'Enabled' });
    const rules = { Rules: [{ ID: 'r', Status: 'Enabled', Filter: {}, Expiration: { Days: 9 } }] };
    const lifecycle = ['--lifecycle-configuration', JSON.stringify(rules)];
    await aws('s3api', 'put-bucket-lifecycle-configuration', ...of, ...lifecycle);
    const back = await json('s3api', 'get-bucket-lifecycle-configuration', ...of);
    expect(back).toMatchObject(rules);
    const acl = await json('s3api', 'get-bucket-acl', ...of);
    expect(acl.Grants).toMatchObject([{ Permission: 'FULL_CONTROL' }]);
  });

  test('rb --force empties the bucket and removes it', async () => {
    await aws('s3', 'mb', 's3://cli-gone');
    await aws('s3api', 'put-object', '--bucket', 'cli-gone', '--key', 'x/y');
    await aws('s3', 'rb', '--force', 's3://cli-gone');
    const run = await runClient(served.endpoint, [tool.path, 's3', 'ls', 's3://cli-gone']);
    expect([254, 255]).toContain(run.exitCode);
    expect(run.stderr).toContain('NoSuchBucket');
  });
});
