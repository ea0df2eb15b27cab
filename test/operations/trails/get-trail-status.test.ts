import { GetTrailStatusCommand, StartLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { describe, expect, test } from 'vitest';
import { managementRecord } from '../../support/records.ts';
import { codeOf, refusalOf, sdkClient, shown } from '../../support/sdk-client.ts';
import { testStart } from '../../support/start-test-engine.ts';
import { absentArn, auditArn, startWithTrail } from '../../support/start-with-trail.ts';

const status = (Name = 'audit') => new GetTrailStatusCommand({ Name });

describe('malformed', () => {
  test('without a name the request is not valid', async () => {
    const { client } = await startWithTrail();
    const command = new GetTrailStatusCommand({ Name: undefined });
    expect(await codeOf(client.send(command))).toBe('ValidationException');
  });
});

describe('constrained', () => {
  test.each([
    ['my--trail', 'InvalidTrailNameException'],
    ['arn:aws:cloudtrail', 'CloudTrailARNInvalidException'],
  ])('%j is refused with %s', async (name, code) => {
    const { client } = await startWithTrail();
    expect(await codeOf(client.send(status(name)))).toBe(code);
  });

  test('a trail that is not there is named by its ARN', async () => {
    const { client } = await startWithTrail();
    expect(await refusalOf(client.send(status('absent')))).toEqual([
      'TrailNotFoundException',
      `Unknown trail: ${absentArn} for the user: 123456789012`,
    ]);
  });

  test('another account sees no status', async () => {
    const { engine } = await startWithTrail();
    const stranger = sdkClient(engine, { account: '210987654321' });
    expect(await codeOf(stranger.send(status(auditArn)))).toBe('TrailNotFoundException');
  });
});

const never = {
  LatestDeliveryAttemptTime: '',
  LatestDeliveryAttemptSucceeded: '',
  LatestNotificationAttemptTime: '',
  LatestNotificationAttemptSucceeded: '',
  TimeLoggingStarted: '',
  TimeLoggingStopped: '',
};

describe('behaves', () => {
  test('a fresh trail has a status of empty strings', async () => {
    const { client } = await startWithTrail();
    expect(shown(await client.send(status()))).toEqual({ IsLogging: false, ...never });
  });

  test('deliveries and digests are told of, in the Region where they were', async () => {
    const { engine, client, elsewhere } = await startWithTrail(
      { IsMultiRegionTrail: true, EnableLogFileValidation: true },
      { settings: { regions: ['us-east-1', 'eu-west-1'] } },
    );
    await client.send(new StartLoggingCommand({ Name: 'audit' }));
    engine.clock.advance(300);
    await engine.accept(managementRecord({ awsRegion: 'eu-west-1' }));
    await engine.background.flush({ digests: true });
    const there = await elsewhere.send(status(auditArn));
    expect(there.LatestDeliveryTime?.getTime()).toBeGreaterThanOrEqual(testStart + 300_000);
    expect(there).toMatchObject({
      IsLogging: true,
      LatestDeliveryAttemptTime: '2026-03-04T05:11:07Z',
      LatestDeliveryAttemptSucceeded: '2026-03-04T05:11:07Z',
      LatestDigestDeliveryTime: new Date(testStart + 300_000),
    });
    const further = sdkClient(engine, { region: 'ap-south-1' });
    const quiet = await further.send(status(auditArn));
    expect(quiet.IsLogging).toBe(true);
    expect(quiet.LatestDeliveryTime).toBeUndefined();
  });

  test('a bucket that is gone is told of until it is back', async () => {
    const { engine, client } = await startWithTrail();
    await engine.bucket('gone');
    await client.send(new StartLoggingCommand({ Name: 'audit' }));
    expect(await engine.buckets.deleteBucket('logs')).toBeUndefined();
    await engine.accept(managementRecord());
    await engine.background.flush({ digests: false });
    const failed = await client.send(status());
    expect(failed).toMatchObject({
      LatestDeliveryError: 'NoSuchBucket',
      LatestDeliveryAttemptTime: '2026-03-04T05:06:07Z',
      LatestDeliveryAttemptSucceeded: '',
    });
    expect(failed.LatestDeliveryTime).toBeUndefined();
    await engine.bucket('logs');
    engine.clock.advance(60);
    await engine.background.flush({ digests: false });
    const made = await client.send(status());
    expect(made.LatestDeliveryError).toBeUndefined();
    expect(made.LatestDeliveryAttemptSucceeded).toBe('2026-03-04T05:07:07Z');
  });

  test('a shadow needs its ARN', async () => {
    const { elsewhere } = await startWithTrail({ IsMultiRegionTrail: true });
    expect(await codeOf(elsewhere.send(status('audit')))).toBe('TrailNotFoundException');
    expect((await elsewhere.send(status(auditArn))).IsLogging).toBe(false);
  });
});
