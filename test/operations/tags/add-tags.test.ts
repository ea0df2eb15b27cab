import {
  AddTagsCommand,
  DeleteTrailCommand,
  ListTagsCommand,
  RemoveTagsCommand,
} from '@aws-sdk/client-cloudtrail';
import { describe, expect, test } from 'vitest';
import { codeOf, sdkClient, shown } from '../../support/sdk-client.ts';
import { absentArn, auditArn, startWithTrail } from '../../support/start-with-trail.ts';

type Tags = readonly { Key: string; Value?: string }[];

const command = (ResourceId: string, ...TagsList: Tags) =>
  new AddTagsCommand({ ResourceId, TagsList: [...TagsList] });

async function start() {
  const { engine, client, elsewhere } = await startWithTrail({ IsMultiRegionTrail: true });
  const tags = async () => {
    const { ResourceTagList } = await client.send(
      new ListTagsCommand({ ResourceIdList: [auditArn] }),
    );
    return ResourceTagList?.[0]?.TagsList;
  };
  return { engine, client, elsewhere, tags };
}

describe('malformed', () => {
  test('without a resource or tags the request is not valid', async () => {
    const { client } = await start();
    const without = [{ TagsList: [{ Key: 'a' }] }, { ResourceId: auditArn }];
    for (const input of without) {
      expect(await codeOf(client.send(new AddTagsCommand(input as never)))).toBe(
        'ValidationException',
      );
    }
  });

  test('a tag that is no structure cannot be read', async () => {
    const { client } = await start();
    expect(await codeOf(client.send(command(auditArn, 'a' as never)))).toBe(
      'SerializationException',
    );
  });
});

describe('constrained', () => {
  test.each([
    ['audit', 'CloudTrailARNInvalidException'],
    ['arn:aws:s3:::bucket', 'CloudTrailARNInvalidException'],
    ['arn:aws:cloudtrail:us-east-1:1:trail/audit', 'CloudTrailARNInvalidException'],
    ['arn:aws:cloudtrail:us-east-1:123456789012:query/a', 'ResourceTypeNotSupportedException'],
    [absentArn, 'ResourceNotFoundException'],
  ])('%s is refused with %s', async (arn, code) => {
    const { client } = await start();
    expect(await codeOf(client.send(command(arn, { Key: 'a' })))).toBe(code);
  });

  test('another Region and another account may not', async () => {
    const { engine, elsewhere } = await start();
    const stranger = sdkClient(engine, { account: '210987654321' });
    const tag = command(auditArn, { Key: 'a' });
    expect(await codeOf(elsewhere.send(tag))).toBe('UnsupportedOperationException');
    expect(await codeOf(stranger.send(tag))).toBe('ResourceNotFoundException');
  });

  test.each<[string, Tags, string]>([
    ['a reserved key', [{ Key: 'aws:a' }], 'InvalidTagParameterException'],
    ['a key of 129 characters', [{ Key: 'k'.repeat(129) }], 'InvalidTagParameterException'],
    ['an empty key', [{ Key: '' }], 'InvalidTagParameterException'],
    ['a value of 257', [{ Key: 'a', Value: 'v'.repeat(257) }], 'InvalidTagParameterException'],
    ['a key twice', [{ Key: 'a' }, { Key: 'a' }], 'InvalidTagParameterException'],
    [
      '51 tags',
      Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}` })),
      'TagsLimitExceededException',
    ],
  ])('%s is refused', async (_, tags, code) => {
    const { client } = await start();
    expect(await codeOf(client.send(command(auditArn, ...tags)))).toBe(code);
  });
});

describe('behaves', () => {
  test('tags are added, and those of the same key replaced', async () => {
    const { client, tags } = await start();
    const first = command(auditArn, { Key: 'a', Value: '1' }, { Key: 'b' });
    expect(shown(await client.send(first))).toEqual({});
    await client.send(command(auditArn, { Key: 'a', Value: '2' }, { Key: 'c', Value: '' }));
    expect(await tags()).toEqual([{ Key: 'a', Value: '2' }, { Key: 'b' }, { Key: 'c', Value: '' }]);
  });

  test('tags that are added at a time are all kept', async () => {
    const { client, tags } = await start();
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        client.send(command(auditArn, { Key: `k${index}` })),
      ),
    );
    expect(await tags()).toHaveLength(10);
  });

  test('a resource has fifty tags, not one more', async () => {
    const { client, tags } = await start();
    const fifty = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}` }));
    await client.send(command(auditArn, ...fifty));
    expect(await codeOf(client.send(command(auditArn, { Key: 'one-more' })))).toBe(
      'TagsLimitExceededException',
    );
    await client.send(command(auditArn, { Key: 'k7', Value: 'new' }));
    await client.send(new RemoveTagsCommand({ ResourceId: auditArn, TagsList: [{ Key: 'k1' }] }));
    await client.send(command(auditArn, { Key: 'one-more' }));
    expect(await tags()).toHaveLength(50);
  });

  test('a trail that is deleted has no tags to add to', async () => {
    const { client } = await start();
    await client.send(new DeleteTrailCommand({ Name: 'audit' }));
    expect(await codeOf(client.send(command(auditArn, { Key: 'a' })))).toBe(
      'ResourceNotFoundException',
    );
  });
});
