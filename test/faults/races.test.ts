import { join } from 'node:path';
import {
  type CloudTrailClient,
  CreateTrailCommand,
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
import { sdkClient } from '../support/sdk-client.ts';
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts';
import { compareViews } from './rebuilt-views.ts';
import { type Choices, roundsOf, seededChoices } from './seed.ts';

const rounds = roundsOf('TRAILKEEP_TEST_RACE_ROUNDS', 50);
const callers = 64;
const trailsPerRegionMax = 5;
const regions = ['us-east-1', 'eu-west-1'];

test(`${callers} callers create one trail: one does, ${rounds} times`, async () => {
  const engine = await startTestEngine();
  await engine.bucket('logs');
  for (let round = 0; round < rounds; round += 1) {
    const client = sdkClient(engine, { account: String(100_000_000_000 + round) });
    const answers = await Promise.all(
      Array.from({ length: callers }, () => outcome(create(client, 'audit'))),
    );
    const lost = answers.filter((answer) => answer !== 'done');
    expect(lost).toHaveLength(callers - 1);
    expect(new Set(lost)).toEqual(new Set(['TrailAlreadyExistsException']));
  }
  expect(compareViews(stateOf(engine))).toMatchObject({ events: rounds, problems: [] });
});

test(`${callers} callers create trails of different names: the sixth never exists`, async () => {
  const engine = await startTestEngine();
  await engine.bucket('logs');
  for (let round = 0; round < Math.ceil(rounds / 10); round += 1) {
    const client = sdkClient(engine, { account: String(100_000_000_000 + round) });
    const names = Array.from({ length: callers }, (_, n) => `audit-${n}`);
    const answers = await Promise.all(names.map((name) => outcome(create(client, name))));
    const made = answers.filter((answer) => answer === 'done').length;
    const { Trails = [] } = await client.send(new ListTrailsCommand({}));
    expect(Trails).toHaveLength(made);
    expect(made).toBe(trailsPerRegionMax);
  }
});

test('changes of all kinds at once leave lists, descriptions and events in agreement', async () => {
  const choices = seededChoices('races');
  let engine = await startTestEngine({ settings: { regions } });
  for (const name of ['logs', 'more-logs']) await engine.bucket(name);
  const outcomes = new Map<string, number>();
  const caller = async () => {
    for (let count = 0; count < changesEach; count += 1) {
      const client = sdkClient(engine, { region: choices.oneOf(regions) });
      const answer = await outcome(randomChange(client, choices));
      outcomes.set(answer, (outcomes.get(answer) ?? 0) + 1);
      if (choices.chance(0.02)) await engine.background.flush({ digests: choices.chance(0.5) });
    }
  };
  await Promise.all(Array.from({ length: 16 }, caller));
  const figures = JSON.stringify(Object.fromEntries(outcomes));
  process.stdout.write(`races: ${figures}\n`);
  expect([...outcomes.keys()].filter((name) => !expected.has(name))).toEqual([]);
  await engine.background.flush({ digests: true });
  for (let restart = 0; restart < 2; restart += 1) {
    await expectAgreement(engine);
    expect(engine.failures).toEqual([]);
    engine = await engine.reopen();
  }
});

const changesEach = 40;
const names = Array.from({ length: 8 }, (_, n) => `racing-${n}`);
const expected = new Set([
  'done',
  'TrailAlreadyExistsException',
  'TrailNotFoundException',
  'MaximumNumberOfTrailsExceededException',
  'InvalidHomeRegionException',
  'OperationNotPermittedException',
  'ThrottlingException',
]);

function create(client: CloudTrailClient, Name: string, more: object = {}) {
  return client.send(new CreateTrailCommand({ Name, S3BucketName: 'logs', ...more }));
}

function randomChange(client: CloudTrailClient, choices: Choices): Promise<unknown> {
  const Name = choices.oneOf(names);
  const IsMultiRegionTrail = choices.chance(0.5);
  const EnableLogFileValidation = choices.chance(0.5);
  const settings = { Name, IsMultiRegionTrail, EnableLogFileValidation };
  const EventSelectors = [{ ReadWriteType: choices.oneOf(['All', 'WriteOnly'] as const) }];
  const changes = [
    () => create(client, Name, settings),
    () => create(client, Name, settings),
    () => client.send(new UpdateTrailCommand(settings)),
    () => client.send(new UpdateTrailCommand({ Name, S3BucketName: 'more-logs' })),
    () => client.send(new DeleteTrailCommand({ Name })),
    () => client.send(new StartLoggingCommand({ Name })),
    () => client.send(new StopLoggingCommand({ Name })),
    () => client.send(new PutEventSelectorsCommand({ TrailName: Name, EventSelectors })),
  ];
  return choices.oneOf(changes)();
}

async function outcome(change: Promise<unknown>): Promise<string> {
  return change.then(
    () => 'done',
    (error: Error) => error.name,
  );
}

async function expectAgreement(engine: TestEngine): Promise<void> {
  const { stored, rebuilt, problems, events } = compareViews(stateOf(engine));
  expect(stored).toEqual(rebuilt);
  expect(problems).toEqual([]);
  expect(events).toBeGreaterThan(50);
  const listed = Object.keys(rebuilt).filter((name) => name.startsWith('trails/'));
  const homes = listed.map((name) => name.replace(/^trails\/\d+ /, '')).sort();
  for (const region of regions) {
    const client = sdkClient(engine, { region });
    const { Trails = [] } = await client.send(new ListTrailsCommand({}));
    expect(Trails.map((trail) => `${trail.HomeRegion}/${trail.Name}`).sort()).toEqual(homes);
    const { trailList = [] } = await client.send(new DescribeTrailsCommand({}));
    expect(trailList.length).toBeLessThanOrEqual(trailsPerRegionMax);
    for (const described of trailList) {
      const { Trail } = await client.send(new GetTrailCommand({ Name: described.TrailARN }));
      expect(Trail).toEqual(described);
      await client.send(new GetTrailStatusCommand({ Name: described.TrailARN }));
    }
    const own = trailList.filter((trail) => trail.HomeRegion === region).map(({ Name }) => Name);
    const here = homes.filter((home) => home.startsWith(`${region}/`));
    expect(own.map((name) => `${region}/${name}`).sort()).toEqual(here);
  }
}

function stateOf(engine: TestEngine): string {
  return join(engine.config.dataDir, 'state.db');
}
