import {
  GetTrailStatusCommand,
  StartLoggingCommand,
  StopLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { describe, expect, test } from 'vitest';
import { codeOf, refusalOf, sdkClient, shown } from '../../support/sdk-client.ts';
import { testStart } from '../../support/start-test-engine.ts';
import { absentArn, auditArn, startWithTrail } from '../../support/start-with-trail.ts';

const command = (Name: string) => new StopLoggingCommand({ Name });

describe('malformed', () => {
  test('without a name the request is not valid', async () => {
    const { client } = await startWithTrail();
    expect(await codeOf(client.send(command(undefined as never)))).toBe('ValidationException');
  });
});

describe('constrained', () => {
  test.each([
    ['my--trail', 'InvalidTrailNameException'],
    ['arn:aws:cloudtrail', 'CloudTrailARNInvalidException'],
  ])('%j is refused with %s', async (name, code) => {
    const { client } = await startWithTrail();
    expect(await codeOf(client.send(command(name)))).toBe(code);
  });

  test('a trail that is not there is named by its ARN', async () => {
    const { client } = await startWithTrail();
    expect(await refusalOf(client.send(command('absent')))).toEqual([
      'TrailNotFoundException',
      `Unknown trail: ${absentArn} for the user: 123456789012`,
    ]);
  });

  test('another Region and another account may not', async () => {
    const { engine, elsewhere } = await startWithTrail({ IsMultiRegionTrail: true });
    const stranger = sdkClient(engine, { account: '210987654321' });
    expect(await codeOf(elsewhere.send(command(auditArn)))).toBe('InvalidHomeRegionException');
    expect(await codeOf(elsewhere.send(command('audit')))).toBe('TrailNotFoundException');
    expect(await codeOf(stranger.send(command(auditArn)))).toBe('TrailNotFoundException');
  });
});

describe('behaves', () => {
  test.each(['audit', auditArn])('%s stops logging', async (name) => {
    const { engine, client } = await startWithTrail();
    await client.send(new StartLoggingCommand({ Name: 'audit' }));
    engine.clock.advance(60);
    expect(shown(await client.send(command(name)))).toEqual({});
    expect(await client.send(new GetTrailStatusCommand({ Name: 'audit' }))).toMatchObject({
      IsLogging: false,
      StopLoggingTime: new Date(testStart + 60_000),
      TimeLoggingStarted: '2026-03-04T05:06:07Z',
      TimeLoggingStopped: '2026-03-04T05:07:07Z',
    });
  });

  test('what does not log is not stopped', async () => {
    const { client } = await startWithTrail();
    await client.send(command('audit'));
    const status = await client.send(new GetTrailStatusCommand({ Name: 'audit' }));
    expect(status).toMatchObject({ IsLogging: false, TimeLoggingStopped: '' });
    expect(status.StopLoggingTime).toBeUndefined();
  });
});
