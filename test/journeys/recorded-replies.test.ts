import {
  CreateTrailCommand,
  DeleteTrailCommand,
  GetEventSelectorsCommand,
  GetTrailCommand,
  GetTrailStatusCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  type Trail,
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail';
import { expect, test } from 'vitest';
import { recordedReplies } from '../support/recorded-replies.ts';
import { managementRecord } from '../support/records.ts';
import { refusalOf, sdkClient, shown } from '../support/sdk-client.ts';
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts';

const replies = recordedReplies();
const of = (operation: string) => replies.filter((reply) => reply.operation === operation);
const recordedTest = test.runIf(replies.length > 0);

/** Members that the service had not got yet when a reply was recorded. */
const newerMembers = {
  trail: ['HasCustomEventSelectors', 'HasInsightSelectors', 'IsOrganizationTrail'],
  selector: ['ExcludeManagementEventSources'],
};

/** The recorded trails, each once; some recordings were cut or changed by hand afterwards. */
function recordedTrails(): readonly Trail[] {
  const lists = of('DescribeTrails').flatMap((reply) => reply.data['trailList'] as Trail[]);
  const trails = lists.filter(
    (trail) => trail.S3BucketName && trail.TrailARN?.split(':')[3] === trail.HomeRegion,
  );
  return [...new Map(trails.map((trail) => [JSON.stringify(trail), trail])).values()];
}

/** For each account an engine of its own, where the account is the manager of an organization. */
function recordedAccounts() {
  const engines = new Map<string, TestEngine>();
  return async (arn: string, bucket: string) => {
    const [, , , region = '', account = ''] = arn.split(':');
    const organization = { id: 'o-exampleorg1', managementAccountId: account };
    const engine = engines.get(account) ?? (await startTestEngine({ settings: { organization } }));
    engines.set(account, engine);
    await engine.buckets.createBucket({ name: bucket, account, region });
    return { engine, client: sdkClient(engine, { account, region }) };
  };
}

type StartFor = ReturnType<typeof recordedAccounts>;

async function startWithRecorded(startFor: StartFor, trail: Trail) {
  const { engine, client } = await startFor(trail.TrailARN!, trail.S3BucketName!);
  const { Name, S3BucketName, S3KeyPrefix, SnsTopicName, KmsKeyId } = trail;
  const input = { Name, S3BucketName, S3KeyPrefix, SnsTopicName, KmsKeyId };
  const made = await client.send(
    new CreateTrailCommand({
      ...input,
      Name,
      S3BucketName,
      IncludeGlobalServiceEvents: trail.IncludeGlobalServiceEvents,
      IsMultiRegionTrail: trail.IsMultiRegionTrail,
      EnableLogFileValidation: trail.LogFileValidationEnabled,
      IsOrganizationTrail: trail.IsOrganizationTrail,
      CloudWatchLogsLogGroupArn: trail.CloudWatchLogsLogGroupArn,
      CloudWatchLogsRoleArn: trail.CloudWatchLogsRoleArn,
    }),
  );
  return { engine, client, made };
}

/** What a recorded reply says, and what ours adds to it that is not newer. */
function expectSame(ours: object, recorded: object, newer: readonly string[]): void {
  const said = Object.fromEntries(Object.entries(recorded).filter(([, value]) => value !== ''));
  const old = Object.entries(ours).filter(([name]) => name in said || !newer.includes(name));
  expect(Object.fromEntries(old)).toEqual(said);
}

recordedTest('a trail that was recorded is described as it was, member by member', async () => {
  const trails = recordedTrails();
  expect(trails.length).toBeGreaterThan(10);
  const startFor = recordedAccounts();
  for (const recorded of trails) {
    const { client } = await startWithRecorded(startFor, recorded);
    if (recorded.HasCustomEventSelectors) {
      const EventSelectors = [{ ReadWriteType: 'ReadOnly' as const }];
      const TrailName = recorded.TrailARN;
      await client.send(new PutEventSelectorsCommand({ TrailName, EventSelectors }));
    }
    const { Trail: ours } = await client.send(new GetTrailCommand({ Name: recorded.TrailARN }));
    // Insights are not built: the type of the flag is all that can be compared.
    const { HasInsightSelectors, ...comparable } = recorded;
    expect(typeof ours!.HasInsightSelectors).toBe('boolean');
    expectSame(ours!, comparable, newerMembers.trail);
    await client.send(new DeleteTrailCommand({ Name: recorded.TrailARN }));
  }
});

recordedTest('creations and updates are answered as they were', async () => {
  const startFor = recordedAccounts();
  for (const { data } of [...of('CreateTrail'), ...of('UpdateTrail')]) {
    const recorded = data as Trail;
    const { client, made } = await startWithRecorded(startFor, {
      ...recorded,
      SnsTopicName: undefined,
    });
    const { SnsTopicName = '', SnsTopicARN: _, ...others } = recorded;
    expectSame(shown(made), others, newerMembers.trail);
    const { Name } = recorded;
    const updated = await client.send(new UpdateTrailCommand({ Name, SnsTopicName }));
    expectSame(shown(updated), recorded, newerMembers.trail);
    await client.send(new DeleteTrailCommand({ Name }));
  }
});

recordedTest('selectors that were recorded are put and got as they were', async () => {
  const startFor = recordedAccounts();
  for (const { data } of [...of('PutEventSelectors'), ...of('GetEventSelectors')]) {
    const { TrailARN, ...selectors } = data as unknown as { TrailARN: string } & Selectors;
    const Name = TrailARN.split('/')[1];
    const { client } = await startWithRecorded(startFor, {
      Name,
      TrailARN,
      S3BucketName: 'logs',
    });
    const put = new PutEventSelectorsCommand({ TrailName: Name, ...selectors });
    const got = await client.send(put).then(() => {
      return client.send(new GetEventSelectorsCommand({ TrailName: Name }));
    });
    expect(got.TrailARN).toBe(TrailARN);
    expect(got.AdvancedEventSelectors).toEqual(selectors.AdvancedEventSelectors);
    expect(got.EventSelectors?.length).toBe(selectors.EventSelectors?.length);
    for (const [index, recorded] of (selectors.EventSelectors ?? []).entries()) {
      expectSame(got.EventSelectors![index]!, recorded, newerMembers.selector);
    }
    await client.send(new DeleteTrailCommand({ Name }));
  }
});

interface Selectors {
  readonly EventSelectors?: object[];
  readonly AdvancedEventSelectors?: never[];
}

/** A trail that was never started, one that did everything there is to do, and that one stopped. */
async function statuses() {
  const arn = 'arn:aws:cloudtrail:us-east-1:123456789012:trail/audit';
  const { engine, client } = await startWithRecorded(recordedAccounts(), {
    Name: 'audit',
    TrailARN: arn,
    S3BucketName: 'logs',
    SnsTopicName: 'told',
    LogFileValidationEnabled: true,
    CloudWatchLogsLogGroupArn: 'arn:aws:logs:us-east-1:123456789012:log-group:trails:*',
    CloudWatchLogsRoleArn: 'arn:aws:iam::123456789012:role/to-logs',
  });
  const status = async () => shown(await client.send(new GetTrailStatusCommand({ Name: 'audit' })));
  const fresh = await status();
  await client.send(new StartLoggingCommand({ Name: 'audit' }));
  const started = await status();
  await engine.accept(managementRecord());
  engine.clock.advance(3600);
  await engine.background.flush({ digests: false });
  const busy = await status();
  await client.send(new StopLoggingCommand({ Name: 'audit' }));
  return [fresh, started, busy, await status()] as const;
}

const kindOf = (value: unknown) => {
  if (value instanceof Date) return 'date';
  if (value === '') return 'empty';
  if (typeof value !== 'string') return typeof value;
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) ? 'time' : 'string';
};
const kindsOf = (status: object) =>
  Object.fromEntries(Object.entries(status).map(([name, value]) => [name, kindOf(value)]));

recordedTest('a status has the members and the kinds of values that were recorded', async () => {
  const [fresh, started, busy, stopped] = (await statuses()).map(kindsOf);
  const ours = [fresh!, started!, busy!, stopped!];
  for (const { name, data } of of('GetTrailStatus')) {
    for (const [member, kind] of Object.entries(kindsOf(data))) {
      const given = new Set(ours.map((status) => status[member]));
      expect(given, `${name}: ${member}`).toContain(kind);
    }
    const always = Object.keys(fresh!);
    expect(Object.keys(data), name).toEqual(expect.arrayContaining(always));
  }
  const unstarted = of('GetTrailStatus').find(({ data }) => data['TimeLoggingStarted'] === '');
  expect(fresh).toEqual(kindsOf(unstarted!.data));
});

recordedTest('what has no answer had none, and a trail that is gone was told of so', async () => {
  const silent = ['StartLogging', 'StopLogging', 'DeleteTrail'].flatMap(of);
  for (const { data, status } of silent) {
    if (status === 200) expect(data).toEqual({});
  }
  const refused = silent.find((reply) => reply.status === 400)!;
  const { Code, Message } = refused.data['Error'] as { Code: string; Message: string };
  const arn = Message.split(' ')[2]!;
  const { client } = await recordedAccounts()(arn, 'logs');
  expect(await refusalOf(client.send(new DeleteTrailCommand({ Name: arn })))).toEqual([
    Code,
    Message,
  ]);
});
