import {
  AddTagsCommand,
  CreateTrailCommand,
  type CreateTrailCommandInput,
  DeleteTrailCommand,
  DescribeTrailsCommand,
  GetTrailCommand,
  GetTrailStatusCommand,
  ListTrailsCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail';
import { expect, test } from 'vitest';
import { codeOf, sdkClient, shown } from '../support/sdk-client.ts';
import { startTestEngine } from '../support/start-test-engine.ts';
import { organization } from '../support/start-with-trail.ts';

const arn = 'arn:aws:cloudtrail:us-east-1:123456789012:trail/org';

/** An organization: its management account, a delegated administrator, a member; and a stranger. */
async function start(more: object = {}) {
  const engine = await startTestEngine({
    settings: { organization: { ...organization, ...more } },
  });
  await engine.bucket('logs');
  const clientOf = (account: string, region = 'us-east-1') =>
    sdkClient(engine, { account, region });
  return {
    engine,
    clientOf,
    management: clientOf('123456789012'),
    delegated: clientOf('222222222222'),
    member: clientOf('333333333333'),
    stranger: clientOf('444444444444'),
  };
}

const creation = (more: Partial<CreateTrailCommandInput> = {}) =>
  new CreateTrailCommand({
    Name: 'org',
    S3BucketName: 'logs',
    IsOrganizationTrail: true,
    IsMultiRegionTrail: true,
    ...more,
  });

test('the management account has organization trails', async () => {
  const { management } = await start();
  const made = await management.send(creation());
  expect(made).toMatchObject({ TrailARN: arn, IsOrganizationTrail: true });
});

test("a delegated administrator's trail is the management account's, who both may change it", async () => {
  const { management, delegated } = await start();
  expect((await delegated.send(creation())).TrailARN).toBe(arn);
  await delegated.send(new StartLoggingCommand({ Name: arn }));
  await delegated.send(new UpdateTrailCommand({ Name: arn, S3KeyPrefix: 'p' }));
  await delegated.send(new AddTagsCommand({ ResourceId: arn, TagsList: [{ Key: 'a' }] }));
  const { Trail } = await management.send(new GetTrailCommand({ Name: 'org' }));
  expect(Trail).toMatchObject({ TrailARN: arn, S3KeyPrefix: 'p', IsOrganizationTrail: true });
  expect(await codeOf(delegated.send(new GetTrailCommand({ Name: 'org' })))).toBe(
    'TrailNotFoundException',
  );
  await delegated.send(new DeleteTrailCommand({ Name: arn }));
  expect(await codeOf(management.send(new GetTrailCommand({ Name: 'org' })))).toBe(
    'TrailNotFoundException',
  );
});

test('a member sees the trail by its ARN and cannot change it', async () => {
  const { clientOf, management, member } = await start();
  await management.send(creation());
  await management.send(new StartLoggingCommand({ Name: 'org' }));
  const own = await management.send(new GetTrailCommand({ Name: 'org' }));
  expect((await member.send(new GetTrailCommand({ Name: arn }))).Trail).toEqual(own.Trail);
  const there = clientOf('333333333333', 'eu-west-1');
  for (const client of [member, there]) {
    const { trailList } = await client.send(new DescribeTrailsCommand({}));
    expect(trailList).toEqual([own.Trail]);
    expect((await client.send(new ListTrailsCommand({}))).Trails).toHaveLength(1);
    const status = await client.send(new GetTrailStatusCommand({ Name: arn }));
    expect(status.IsLogging).toBe(true);
  }
  expect(await codeOf(member.send(new GetTrailCommand({ Name: 'org' })))).toBe(
    'TrailNotFoundException',
  );
  const EventSelectors = [{ ReadWriteType: 'All' as const }];
  for (const send of [
    () => member.send(new StopLoggingCommand({ Name: arn })),
    () => member.send(new DeleteTrailCommand({ Name: arn })),
    () => member.send(new UpdateTrailCommand({ Name: arn, S3KeyPrefix: 'p' })),
    () => member.send(new PutEventSelectorsCommand({ TrailName: arn, EventSelectors })),
    () => member.send(new AddTagsCommand({ ResourceId: arn, TagsList: [{ Key: 'a' }] })),
  ]) {
    expect(await codeOf(send())).toBe('NotOrganizationMasterAccountException');
  }
});

test('who is not in the organization sees nothing of it', async () => {
  const { management, stranger } = await start();
  await management.send(creation());
  expect(await codeOf(stranger.send(new GetTrailCommand({ Name: arn })))).toBe(
    'TrailNotFoundException',
  );
  expect(await codeOf(stranger.send(new DeleteTrailCommand({ Name: arn })))).toBe(
    'TrailNotFoundException',
  );
  expect((await stranger.send(new DescribeTrailsCommand({}))).trailList).toEqual([]);
});

test('members and strangers have no organization trails', async () => {
  const { member, stranger } = await start();
  expect(await codeOf(member.send(creation()))).toBe('NotOrganizationMasterAccountException');
  expect(await codeOf(stranger.send(creation()))).toBe('OrganizationsNotInUseException');
});

test.each([
  ['allFeatures', 'OrganizationNotInAllFeaturesModeException'],
  ['trustedAccess', 'CloudTrailAccessNotEnabledException'],
  ['serviceLinkedRole', 'NoManagementAccountSLRExistsException'],
])('without %s there is none', async (setting, code) => {
  const { management } = await start({ [setting]: false });
  expect(await codeOf(management.send(creation()))).toBe(code);
});

test('a member with five trails of its own sees the organization trail beside them', async () => {
  const { management, member } = await start();
  for (const Name of ['one', 'two', 'three', 'four', 'five']) {
    await member.send(new CreateTrailCommand({ Name, S3BucketName: 'logs' }));
  }
  await management.send(creation());
  expect((await member.send(new ListTrailsCommand({}))).Trails).toHaveLength(6);
});

test('only the management account converts a trail, and members stop seeing it', async () => {
  const { management, delegated, member } = await start();
  await management.send(creation({ IsOrganizationTrail: false }));
  const convert = (IsOrganizationTrail: boolean) =>
    new UpdateTrailCommand({ Name: arn, IsOrganizationTrail });
  const seen = async () => (await member.send(new ListTrailsCommand({}))).Trails?.length;
  expect(await seen()).toBe(0);
  expect(await codeOf(delegated.send(convert(true)))).toBe('TrailNotFoundException');
  expect(shown(await management.send(convert(true))).IsOrganizationTrail).toBe(true);
  expect(await seen()).toBe(1);
  expect(await codeOf(delegated.send(convert(false)))).toBe(
    'NotOrganizationMasterAccountException',
  );
  await management.send(convert(false));
  expect(await seen()).toBe(0);
});
