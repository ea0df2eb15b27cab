import { GetEventSelectorsCommand } from '@aws-sdk/client-cloudtrail';
import { describe, expect, test } from 'vitest';
import { codeOf, refusalOf, sdkClient, shown } from '../../support/sdk-client.ts';
import { absentArn, auditArn, startWithTrail } from '../../support/start-with-trail.ts';

const get = (TrailName = 'audit') => new GetEventSelectorsCommand({ TrailName });

describe('malformed', () => {
  test('without a trail the request is not valid', async () => {
    const { client } = await startWithTrail();
    const command = new GetEventSelectorsCommand({ TrailName: undefined });
    expect(await codeOf(client.send(command))).toBe('ValidationException');
  });
});

describe('constrained', () => {
  test.each([
    ['my--trail', 'InvalidTrailNameException'],
    ['arn:aws:cloudtrail', 'CloudTrailARNInvalidException'],
  ])('%j is refused with %s', async (name, code) => {
    const { client } = await startWithTrail();
    expect(await codeOf(client.send(get(name)))).toBe(code);
  });

  test('a trail that is not there is named by its ARN', async () => {
    const { client } = await startWithTrail();
    expect(await refusalOf(client.send(get('absent')))).toEqual([
      'TrailNotFoundException',
      `Unknown trail: ${absentArn} for the user: 123456789012`,
    ]);
  });
});

describe('behaves', () => {
  const fresh = {
    TrailARN: auditArn,
    EventSelectors: [
      {
        ReadWriteType: 'All',
        IncludeManagementEvents: true,
        DataResources: [],
        ExcludeManagementEventSources: [],
      },
    ],
  };

  test('a fresh trail logs all management events, by a basic selector', async () => {
    const { client } = await startWithTrail();
    expect(shown(await client.send(get()))).toEqual(fresh);
  });

  test('in another Region the ARN is needed, for another account it is of no use', async () => {
    const { engine, elsewhere } = await startWithTrail({ IsMultiRegionTrail: true });
    const stranger = sdkClient(engine, { account: '210987654321' });
    expect(shown(await elsewhere.send(get(auditArn)))).toEqual(fresh);
    expect(await codeOf(elsewhere.send(get('audit')))).toBe('TrailNotFoundException');
    expect(await codeOf(stranger.send(get(auditArn)))).toBe('TrailNotFoundException');
  });
});
