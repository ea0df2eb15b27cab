import {
  AddTagsCommand,
  CreateTrailCommand,
  DeleteTrailCommand,
  GetTrailCommand,
  GetTrailStatusCommand,
  ListTagsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { describe, expect, test } from 'vitest';
import { codeOf, refusalOf, sdkClient, shown } from '../../support/sdk-client.ts';
import { absentArn, auditArn, startWithTrail } from '../../support/start-with-trail.ts';

const deletion = (Name: string) => new DeleteTrailCommand({ Name });

describe('malformed', () => {
  test('without a name the request is not valid', async () => {
    const { client } = await startWithTrail();
    expect(await codeOf(client.send(deletion(undefined as never)))).toBe('ValidationException');
  });
});

describe('constrained', () => {
  test.each([
    ['my--trail', 'InvalidTrailNameException'],
    ['arn:aws:cloudtrail', 'CloudTrailARNInvalidException'],
  ])('%j is refused with %s', async (name, code) => {
    const { client } = await startWithTrail();
    expect(await codeOf(client.send(deletion(name)))).toBe(code);
  });

  test('a trail that is not there is named by its ARN', async () => {
    const { client } = await startWithTrail();
    expect(await refusalOf(client.send(deletion('absent')))).toEqual([
      'TrailNotFoundException',
      `Unknown trail: ${absentArn} for the user: 123456789012`,
    ]);
  });

  test('a trail is deleted in its home Region only, by its account only', async () => {
    const { engine, elsewhere, client } = await startWithTrail({ IsMultiRegionTrail: true });
    const stranger = sdkClient(engine, { account: '210987654321' });
    expect(await codeOf(elsewhere.send(deletion(auditArn)))).toBe('InvalidHomeRegionException');
    expect(await codeOf(elsewhere.send(deletion('audit')))).toBe('TrailNotFoundException');
    expect(await codeOf(stranger.send(deletion(auditArn)))).toBe('TrailNotFoundException');
    await client.send(new GetTrailCommand({ Name: 'audit' }));
  });
});

describe('behaves', () => {
  test.each(['audit', auditArn])('%s is deleted, and then unknown', async (name) => {
    const { client } = await startWithTrail();
    expect(shown(await client.send(deletion(name)))).toEqual({});
    expect(await codeOf(client.send(deletion(name)))).toBe('TrailNotFoundException');
    expect(await codeOf(client.send(new GetTrailCommand({ Name: name })))).toBe(
      'TrailNotFoundException',
    );
  });

  test('a trail that comes after it has its name alone', async () => {
    const { client } = await startWithTrail({
      S3KeyPrefix: 'old',
      TagsList: [{ Key: 'old', Value: 'tag' }],
    });
    await client.send(new StartLoggingCommand({ Name: 'audit' }));
    await client.send(new AddTagsCommand({ ResourceId: auditArn, TagsList: [{ Key: 'more' }] }));
    await client.send(deletion('audit'));
    await client.send(new CreateTrailCommand({ Name: 'audit', S3BucketName: 'logs' }));
    const { Trail } = await client.send(new GetTrailCommand({ Name: 'audit' }));
    const status = await client.send(new GetTrailStatusCommand({ Name: 'audit' }));
    const tags = await client.send(new ListTagsCommand({ ResourceIdList: [auditArn] }));
    expect(Trail?.S3KeyPrefix).toBeUndefined();
    expect(status).toMatchObject({ IsLogging: false, TimeLoggingStarted: '' });
    expect(tags.ResourceTagList).toEqual([{ ResourceId: auditArn, TagsList: [] }]);
  });

  test('its place in the quota is free', async () => {
    const { client } = await startWithTrail();
    for (const Name of ['one', 'two', 'three', 'four']) {
      await client.send(new CreateTrailCommand({ Name, S3BucketName: 'logs' }));
    }
    await client.send(deletion('audit'));
    await client.send(new CreateTrailCommand({ Name: 'five', S3BucketName: 'logs' }));
  });
});
