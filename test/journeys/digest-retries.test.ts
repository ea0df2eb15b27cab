import { gunzipSync } from 'node:zlib';
import { CreateTrailCommand, StartLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { expect, test } from 'vitest';
import { managementRecord } from '../support/records.ts';
import { sdkClient } from '../support/sdk-client.ts';
import { startTestEngine } from '../support/start-test-engine.ts';

const bucket = 'logs';
const noDigests = JSON.stringify({
  Statement: [
    {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Resource: 'arn:aws:s3:::logs/AWSLogs/123456789012/CloudTrail-Digest/*',
    },
  ],
});

test('a digest that is tried again has the same files, whatever came meanwhile', async () => {
  const engine = await startTestEngine({ settings: { regions: ['us-east-1'] } });
  await engine.bucket(bucket);
  const client = sdkClient(engine);
  const settings = { S3BucketName: bucket, EnableLogFileValidation: true };
  await client.send(new CreateTrailCommand({ Name: 'audit', ...settings }));
  await client.send(new StartLoggingCommand({ Name: 'audit' }));
  await engine.accept(managementRecord());
  await engine.background.flush({ digests: false });
  await engine.buckets.set(bucket, 'policy', noDigests);
  // The clock stands still: what comes now is as old as what the digest was planned with.
  expect((await engine.background.flush({ digests: true })).digests).toBe(0);
  await engine.accept(managementRecord());
  await engine.background.flush({ digests: false });
  await engine.buckets.set(bucket, 'policy', undefined);
  await engine.background.flush({ digests: true });

  const keys = await engine.buckets.list(bucket, {
    prefix: 'AWSLogs/123456789012/CloudTrail-Digest',
  });
  if ('outcome' in keys) throw new Error(keys.code);
  const files: number[] = [];
  for (const key of keys) {
    const object = await engine.buckets.get(bucket, key);
    if ('outcome' in object) throw new Error(object.code);
    files.push(JSON.parse(gunzipSync(object.body).toString()).logFiles.length);
  }
  expect(files).toEqual([1, 1]);
});
