import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import {
  CreateTrailCommand,
  GetTrailStatusCommand,
  StartLoggingCommand,
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail';
import { beforeEach, describe, expect, test } from 'vitest';
import { managementRecord } from '../support/records.ts';
import { sdkClient } from '../support/sdk-client.ts';
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts';

const bucket = 'logs';
const dayMs = 86_400_000;
const refused = JSON.stringify({
  Statement: [{ Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: '*' }],
});

let engine: TestEngine;
beforeEach(async () => {
  engine = await startTestEngine();
  await engine.bucket(bucket);
  const client = sdkClient(engine);
  await client.send(new CreateTrailCommand({ Name: 'audit', S3BucketName: bucket }));
  await client.send(new StartLoggingCommand({ Name: 'audit' }));
});

describe('records that a bucket refused', () => {
  test('are all delivered later, also when they are more than a window holds', async () => {
    await engine.buckets.set(bucket, 'policy', refused);
    const ids: string[] = [];
    for (let batch = 0; batch < 10; batch += 1) ids.push(...(await accept(40, 90_000)));
    expect((await engine.background.flush({ digests: false })).owing).toBe(1);
    await engine.buckets.set(bucket, 'policy', undefined);
    expect((await engine.background.flush({ digests: false })).owing).toBe(0);
    expect((await delivered()).sort()).toEqual(ids.sort());
  });

  test('go to the bucket that the trail delivers to by then', async () => {
    await engine.buckets.set(bucket, 'policy', refused);
    const ids = await accept(3);
    await engine.background.flush({ digests: false });
    await engine.bucket('other-logs');
    const update = new UpdateTrailCommand({ Name: 'audit', S3BucketName: 'other-logs' });
    await sdkClient(engine).send(update);
    expect((await engine.background.flush({ digests: false })).owing).toBe(0);
    expect(await delivered('other-logs')).toEqual(ids);
  });

  test('are given up record by record: those of the last 30 days are still owed', async () => {
    await engine.buckets.set(bucket, 'policy', refused);
    await accept(1);
    await engine.background.flush({ digests: false });
    engine.clock.advance((20 * dayMs) / 1000);
    const young = await accept(1);
    await engine.background.flush({ digests: false });
    engine.clock.advance((11 * dayMs) / 1000);
    expect((await engine.background.flush({ digests: false })).owing).toBe(1);
    await engine.buckets.set(bucket, 'policy', undefined);
    await engine.background.flush({ digests: false });
    expect(await delivered()).toEqual(young);
  });

  test('are given up after 30 days, and the status goes on saying what was wrong', async () => {
    await engine.buckets.set(bucket, 'policy', refused);
    await accept(1);
    await engine.background.flush({ digests: false });
    engine.clock.advance((31 * dayMs) / 1000);
    expect((await engine.background.flush({ digests: false })).owing).toBe(0);
    const status = await sdkClient(engine).send(new GetTrailStatusCommand({ Name: 'audit' }));
    expect(status.LatestDeliveryError).toBe('AccessDenied');
    await engine.buckets.set(bucket, 'policy', undefined);
    const later = await accept(1);
    await engine.background.flush({ digests: false });
    expect(await delivered()).toEqual(later);
  });
});

async function accept(count: number, padding = 0): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  const requestParameters = { padding: 'x'.repeat(padding) };
  const records = ids.map((eventID) =>
    managementRecord({ eventID, eventName: 'Sent', requestParameters }),
  );
  await engine.accept(...records);
  return ids;
}

/** The ids of the records in the log files that the test sent. */
async function delivered(from = bucket): Promise<string[]> {
  const keys = await engine.buckets.list(from, {});
  if ('outcome' in keys) throw new Error(keys.code);
  const ids: string[] = [];
  for (const key of keys) {
    const object = await engine.buckets.get(from, key);
    if ('outcome' in object) throw new Error(object.code);
    const { Records } = JSON.parse(gunzipSync(object.body).toString()) as LogFile;
    for (const { eventID, eventName } of Records) if (eventName === 'Sent') ids.push(eventID);
  }
  return ids;
}

interface LogFile {
  readonly Records: readonly { readonly eventID: string; readonly eventName: string }[];
}
