import { AddTagsCommand, CreateTrailCommand, ListTagsCommand } from '@aws-sdk/client-cloudtrail';
import { describe, expect, test } from 'vitest';
import { codeOf, sdkClient } from '../../support/sdk-client.ts';
import { absentArn, auditArn, startWithTrail } from '../../support/start-with-trail.ts';

const list = (...ResourceIdList: readonly string[]) =>
  new ListTagsCommand({ ResourceIdList: [...ResourceIdList] });

describe('malformed', () => {
  test('without resources the request is not valid', async () => {
    const { client } = await startWithTrail();
    const command = new ListTagsCommand({ ResourceIdList: undefined });
    expect(await codeOf(client.send(command))).toBe('ValidationException');
  });
});

describe('constrained', () => {
  test.each([
    ['audit', 'CloudTrailARNInvalidException'],
    ['arn:aws:cloudtrail:us-east-1:1:trail/audit', 'CloudTrailARNInvalidException'],
    ['arn:aws:cloudtrail:us-east-1:123456789012:query/a', 'ResourceTypeNotSupportedException'],
    [absentArn, 'ResourceNotFoundException'],
  ])('%s is refused with %s', async (arn, code) => {
    const { client } = await startWithTrail();
    expect(await codeOf(client.send(list(arn)))).toBe(code);
    expect(await codeOf(client.send(list(auditArn, arn)))).toBe(code);
  });

  test('twenty resources are answered for, not one more', async () => {
    const { client } = await startWithTrail();
    const arns = Array.from({ length: 21 }, () => auditArn);
    expect(await codeOf(client.send(list(...arns)))).toBe('ValidationException');
    const { ResourceTagList } = await client.send(list(...arns.slice(1)));
    expect(ResourceTagList?.length).toBeGreaterThan(0);
  });

  test('a token is never ours: all tags come on one page', async () => {
    const { client } = await startWithTrail();
    const command = new ListTagsCommand({ ResourceIdList: [auditArn], NextToken: 'token' });
    expect(await codeOf(client.send(command))).toBe('InvalidTokenException');
  });

  test("another account's trail is as unknown as none", async () => {
    const { engine } = await startWithTrail();
    const stranger = sdkClient(engine, { account: '210987654321' });
    expect(await codeOf(stranger.send(list(auditArn)))).toBe('ResourceNotFoundException');
  });
});

describe('behaves', () => {
  test('there is an entry for every resource, also for one without tags', async () => {
    const { client } = await startWithTrail();
    const TagsList = [{ Key: 'a', Value: '1' }, { Key: 'b' }];
    await client.send(new CreateTrailCommand({ Name: 'tagged', S3BucketName: 'logs' }));
    const tagged = auditArn.replace('audit', 'tagged');
    await client.send(new AddTagsCommand({ ResourceId: tagged, TagsList }));
    const { ResourceTagList } = await client.send(list(auditArn, tagged));
    expect(ResourceTagList).toEqual([
      { ResourceId: auditArn, TagsList: [] },
      { ResourceId: tagged, TagsList },
    ]);
  });

  test('tags are read in every Region', async () => {
    const { client, elsewhere } = await startWithTrail({ IsMultiRegionTrail: true });
    const TagsList = [{ Key: 'a', Value: '1' }];
    await client.send(new AddTagsCommand({ ResourceId: auditArn, TagsList }));
    const { ResourceTagList } = await elsewhere.send(list(auditArn));
    expect(ResourceTagList).toEqual([{ ResourceId: auditArn, TagsList }]);
  });
});
