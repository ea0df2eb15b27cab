import {
  DeleteTrailCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail';
import { describe, expect, test } from 'vitest';
import { flush, hourSeconds, idOf, read, startLogging, times } from '../support/logging-trail.ts';
import { managementRecord } from '../support/records.ts';
import { auditArn } from '../support/start-with-trail.ts';
import { publicKeysOf, sealedFiles, verifyBucket } from '../support/verify-bucket.ts';

test('a quiet hour has a digest too', async () => {
  const { engine } = await startLogging();
  for (let hour = 0; hour < 3; hour += 1) {
    engine.clock.advance(hourSeconds);
    await flush(engine);
  }
  const { chains } = await read(engine);
  expect(times(chains)).toHaveLength(3);
});

describe('a chain of digests', () => {
  test('ends when logging stops and begins anew when it starts', async () => {
    const { engine, client } = await startLogging();
    const lost = managementRecord();
    engine.clock.advance(20 * 60);
    await client.send(new StopLoggingCommand({ Name: 'audit' }));
    engine.clock.advance(10 * 60);
    await engine.accept(lost);
    engine.clock.advance(50 * 60);
    await client.send(new StartLoggingCommand({ Name: 'audit' }));
    engine.clock.advance(hourSeconds);
    await flush(engine);
    const { ids, chains } = await read(engine);
    expect(ids).toEqual([]);
    expect(times(chains)).toEqual([
      ['05:06:07', '05:26:07', 'begins'],
      ['06:26:07', '07:26:07', 'begins'],
    ]);
  });

  test('ends when validation is turned off and begins anew when it is turned on', async () => {
    const { engine, client } = await startLogging();
    const validate = (EnableLogFileValidation: boolean) =>
      client.send(new UpdateTrailCommand({ Name: 'audit', EnableLogFileValidation }));
    const records = [managementRecord(), managementRecord(), managementRecord()];
    await engine.accept(records[0]!);
    engine.clock.advance(20 * 60);
    await flush(engine, false);
    await validate(false);
    engine.clock.advance(10 * 60);
    await engine.accept(records[1]!);
    await flush(engine, false);
    engine.clock.advance(10 * 60);
    await validate(true);
    await engine.accept(records[2]!);
    engine.clock.advance(hourSeconds);
    await flush(engine);
    const { ids, chains } = await read(engine);
    expect([...ids].sort()).toEqual(records.map(idOf).sort());
    expect(times(chains)).toEqual([
      ['05:06:07', '05:26:07', 'begins'],
      ['05:46:07', '06:46:07', 'begins'],
    ]);
  });

  test('ends with its trail, and what was accepted before is still delivered and sealed', async () => {
    const { engine, client } = await startLogging();
    const record = managementRecord();
    await engine.accept(record);
    engine.clock.advance(20 * 60);
    await client.send(new DeleteTrailCommand({ Name: auditArn }));
    await engine.accept(managementRecord());
    engine.clock.advance(2 * hourSeconds);
    await flush(engine);
    const { ids, chains, logFiles } = await read(engine);
    expect(ids).toEqual([idOf(record)]);
    expect(times(chains)[0]).toEqual(['05:06:07', '05:26:07', 'begins']);
    expect([...sealedFiles(chains.values())].sort()).toEqual(
      logFiles.map((file) => file.key).sort(),
    );
  });

  test('moves with its trail to another bucket', async () => {
    const { engine, client } = await startLogging();
    await engine.bucket('new-logs');
    await engine.accept(managementRecord());
    engine.clock.advance(hourSeconds);
    await flush(engine);
    await client.send(new UpdateTrailCommand({ Name: 'audit', S3BucketName: 'new-logs' }));
    await engine.accept(managementRecord());
    engine.clock.advance(hourSeconds);
    await flush(engine);
    const old = await read(engine);
    const { chains } = await verifyBucket(engine.buckets, 'new-logs', publicKeysOf(engine));
    const [first] = [...chains.values()][0]!;
    const last = [...old.chains.values()][0]!.at(-1)!;
    expect(first?.document).toMatchObject({
      previousDigestS3Bucket: 'logs',
      previousDigestS3Object: last.key,
      previousDigestSignature: last.signature,
    });
  });
});
