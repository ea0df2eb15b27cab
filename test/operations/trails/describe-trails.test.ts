import {
  type CloudTrailClient,
  CreateTrailCommand,
  DescribeTrailsCommand,
  type DescribeTrailsCommandInput,
} from '@aws-sdk/client-cloudtrail';
import { describe, expect, test } from 'vitest';
import { codeOf, sdkClient } from '../../support/sdk-client.ts';
import { absentArn, auditArn, startWithTrail } from '../../support/start-with-trail.ts';

const names = async (client: CloudTrailClient, input: DescribeTrailsCommandInput = {}) => {
  const { trailList } = await client.send(new DescribeTrailsCommand(input));
  return trailList?.map((trail) => trail.Name);
};

/**
 * `audit` in us-east-1, `local` in eu-west-1, and `global` of every Region, at home in us-east-1.
 */
async function startWithThree() {
  const { engine, client, elsewhere } = await startWithTrail();
  const S3BucketName = 'logs';
  await client.send(
    new CreateTrailCommand({ Name: 'global', S3BucketName, IsMultiRegionTrail: true }),
  );
  await elsewhere.send(new CreateTrailCommand({ Name: 'local', S3BucketName }));
  return { engine, client, elsewhere };
}

describe('malformed', () => {
  test('a list that is none cannot be read', async () => {
    const { client } = await startWithTrail();
    const command = new DescribeTrailsCommand({ trailNameList: { name: 'audit' } as never });
    expect(await codeOf(client.send(command))).toBe('SerializationException');
  });
});

describe('constrained', () => {
  test.each([
    ['my--trail', 'InvalidTrailNameException'],
    ['arn:aws:cloudtrail:us-east-1:1:trail/audit', 'CloudTrailARNInvalidException'],
  ])('%j is refused with %s', async (name, code) => {
    const { client } = await startWithTrail();
    const command = new DescribeTrailsCommand({ trailNameList: [name] });
    expect(await codeOf(client.send(command))).toBe(code);
  });
});

describe('behaves', () => {
  test('without names the trails of the Region are listed, shadows too', async () => {
    const { client, elsewhere } = await startWithThree();
    expect(await names(client)).toEqual(['audit', 'global']);
    expect(await names(elsewhere)).toEqual(['local', 'global']);
    expect(await names(elsewhere, { trailNameList: [], includeShadowTrails: true })).toEqual([
      'local',
      'global',
    ]);
  });

  test('without shadows only trails at home are listed', async () => {
    const { client, elsewhere } = await startWithThree();
    expect(await names(client, { includeShadowTrails: false })).toEqual(['audit', 'global']);
    expect(await names(elsewhere, { includeShadowTrails: false })).toEqual(['local']);
  });

  test('names are of this Region, ARNs of any', async () => {
    const { elsewhere } = await startWithThree();
    const trailNameList = ['local', 'audit', 'global', auditArn];
    expect(await names(elsewhere, { trailNameList })).toEqual(['local', 'audit']);
  });

  test('what nobody knows is left out, and what is named twice comes once', async () => {
    const { client } = await startWithThree();
    const trailNameList = ['absent', absentArn, 'audit', auditArn];
    expect(await names(client, { trailNameList })).toEqual(['audit']);
    expect(await names(client, { trailNameList: ['absent'] })).toEqual([]);
  });

  test('another account sees none of them', async () => {
    const { engine } = await startWithThree();
    const stranger = sdkClient(engine, { account: '210987654321' });
    expect(await names(stranger)).toEqual([]);
    expect(await names(stranger, { trailNameList: [auditArn] })).toEqual([]);
  });

  test('a shadow is shown as the trail is at home', async () => {
    const { client, elsewhere } = await startWithThree();
    const one = await client.send(new DescribeTrailsCommand({ trailNameList: ['global'] }));
    const { trailList } = await elsewhere.send(new DescribeTrailsCommand({}));
    expect(trailList?.find((trail) => trail.Name === 'global')).toEqual(one.trailList?.[0]);
  });
});
