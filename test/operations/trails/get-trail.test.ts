import { GetTrailCommand, PutEventSelectorsCommand } from '@aws-sdk/client-cloudtrail';
import { describe, expect, test } from 'vitest';
import { codeOf, refusalOf, sdkClient } from '../../support/sdk-client.ts';
import { absentArn, auditArn, startWithTrail } from '../../support/start-with-trail.ts';

describe('malformed', () => {
  test('without a name the request is not valid', async () => {
    const { client } = await startWithTrail();
    expect(await codeOf(client.send(new GetTrailCommand({ Name: undefined })))).toBe(
      'ValidationException',
    );
  });
});

describe('constrained', () => {
  test.each([
    ['my--trail', 'InvalidTrailNameException'],
    ['', 'InvalidTrailNameException'],
    ['arn:aws:cloudtrail:us-east-1:123456789012:trial/audit', 'CloudTrailARNInvalidException'],
  ])('%j is refused with %s', async (Name, code) => {
    const { client } = await startWithTrail();
    expect(await codeOf(client.send(new GetTrailCommand({ Name })))).toBe(code);
  });

  test('a trail that is not there is named as it was asked for', async () => {
    const { client } = await startWithTrail();
    for (const Name of ['absent', absentArn]) {
      expect(await refusalOf(client.send(new GetTrailCommand({ Name })))).toEqual([
        'TrailNotFoundException',
        `Unknown trail: ${Name} for the user: 123456789012`,
      ]);
    }
  });
});

describe('behaves', () => {
  test('a trail is shown with its home Region and what it selects', async () => {
    const { client } = await startWithTrail();
    const expected = {
      Name: 'audit',
      S3BucketName: 'logs',
      IncludeGlobalServiceEvents: true,
      IsMultiRegionTrail: false,
      HomeRegion: 'us-east-1',
      TrailARN: auditArn,
      LogFileValidationEnabled: false,
      HasCustomEventSelectors: false,
      HasInsightSelectors: false,
      IsOrganizationTrail: false,
    };
    for (const Name of ['audit', auditArn]) {
      expect((await client.send(new GetTrailCommand({ Name }))).Trail).toEqual(expected);
    }
  });

  test('custom event selectors are told of', async () => {
    const { client } = await startWithTrail();
    const EventSelectors = [{ ReadWriteType: 'WriteOnly' as const }];
    await client.send(new PutEventSelectorsCommand({ TrailName: 'audit', EventSelectors }));
    const { Trail } = await client.send(new GetTrailCommand({ Name: 'audit' }));
    expect(Trail?.HasCustomEventSelectors).toBe(true);
  });

  test('in another Region a trail answers to its ARN alone', async () => {
    const { elsewhere } = await startWithTrail({ IsMultiRegionTrail: true });
    expect(await codeOf(elsewhere.send(new GetTrailCommand({ Name: 'audit' })))).toBe(
      'TrailNotFoundException',
    );
    const { Trail } = await elsewhere.send(new GetTrailCommand({ Name: auditArn }));
    expect(Trail).toMatchObject({ Name: 'audit', HomeRegion: 'us-east-1', TrailARN: auditArn });
  });

  test("another account's trail is as unknown as none", async () => {
    const { engine } = await startWithTrail();
    const stranger = sdkClient(engine, { account: '210987654321' });
    expect(await refusalOf(stranger.send(new GetTrailCommand({ Name: auditArn })))).toEqual([
      'TrailNotFoundException',
      `Unknown trail: ${auditArn} for the user: 210987654321`,
    ]);
  });
});
