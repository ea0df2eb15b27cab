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
  new RemoveTagsCommand({ ResourceId, TagsList: [...TagsList] });

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
      expect(await codeOf(client.send(new RemoveTagsCommand(input as never)))).toBe(
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
});

describe('behaves', () => {
  const three = [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' }, { Key: 'c' }];

  test('tags are removed by key, whatever value is given', async () => {
    const { client, tags } = await start();
    await client.send(new AddTagsCommand({ ResourceId: auditArn, TagsList: three }));
    const removal = command(auditArn, { Key: 'a', Value: 'another' }, { Key: 'c' });
    expect(shown(await client.send(removal))).toEqual({});
    expect(await tags()).toEqual([{ Key: 'b', Value: '2' }]);
  });

  test('removing what is not there does nothing', async () => {
    const { client, tags } = await start();
    await client.send(command(auditArn, { Key: 'absent' }));
    expect(await tags()).toEqual([]);
  });

  test('a trail that is deleted has no tags to remove', async () => {
    const { client } = await start();
    await client.send(new DeleteTrailCommand({ Name: 'audit' }));
    expect(await codeOf(client.send(command(auditArn, { Key: 'a' })))).toBe(
      'ResourceNotFoundException',
    );
  });
});
