import {
  CloudTrailClient,
  type CloudTrailServiceException,
  CreateTrailCommand,
  DescribeTrailsCommand,
  GetTrailStatusCommand,
  ListTrailsCommand,
  LookupEventsCommand,
  paginateListPublicKeys,
  paginateListTags,
  paginateListTrails,
  paginateLookupEvents,
} from '@aws-sdk/client-cloudtrail';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StartedServer, startServer } from '../support/start-server.ts';
import { boto3 } from './boto3.ts';
import { describeWith } from './describe-with.ts';
import { devLevers } from './dev-levers.ts';
import { signedFor } from './fuzz-requests.ts';
import { type LoggedTrail, loggedTrail, recordsOf } from './logged-trail.ts';
import { cloudTrailOf } from './sdk-clients.ts';

const account = '500000000001';
const records = 120;
let server: StartedServer;
let trail: LoggedTrail;

beforeAll(async () => {
  server = await startServer();
  trail = await loggedTrail(server.endpoint, account);
  const levers = devLevers(server.endpoint);
  const now = await levers.now();
  await levers.events(
    Array.from({ length: records / 3 }, (_, index) =>
      recordsOf(account, new Date(now.getTime() - index * 60_000)),
    ).flat(),
  );
  await levers.flush();
});
afterAll(() => server?.stop());

const eventName = { AttributeKey: 'EventSource', AttributeValue: 'ec2.amazonaws.com' } as const;

describe('the SDK for JavaScript', () => {
  test('pages through all events, newest first', async () => {
    const ids: string[] = [];
    const times: number[] = [];
    const pages = paginateLookupEvents({ client: trail.client }, { LookupAttributes: [eventName] });
    for await (const { Events = [] } of pages) {
      expect(Events.length).toBeLessThanOrEqual(50);
      ids.push(...Events.map((event) => event.EventId ?? ''));
      times.push(...Events.map((event) => event.EventTime?.getTime() ?? 0));
    }
    expect(new Set(ids).size).toBe(records);
    expect(times).toEqual([...times].sort((one, other) => other - one));
  });

  test('pages through trails, tags and keys', async () => {
    const { client, arn } = trail;
    for await (const page of paginateListTrails({ client }, {})) {
      expect(page.Trails).toEqual([{ TrailARN: arn, Name: trail.name, HomeRegion: 'us-east-1' }]);
    }
    for await (const page of paginateListTags({ client }, { ResourceIdList: [arn] })) {
      expect(page.ResourceTagList).toEqual([{ ResourceId: arn, TagsList: [] }]);
    }
    for await (const page of paginateListPublicKeys({ client }, {})) {
      expect(page.PublicKeyList).toHaveLength(1);
      expect(page.PublicKeyList?.[0]?.ValidityStartTime).toBeInstanceOf(Date);
    }
  });

  test('reads times as dates', async () => {
    const status = await trail.client.send(new GetTrailStatusCommand({ Name: trail.name }));
    expect(status.StartLoggingTime).toBeInstanceOf(Date);
    expect(Math.abs(Date.now() - (status.StartLoggingTime?.getTime() ?? 0))).toBeLessThan(60_000);
    expect(status.LatestDeliveryTime).toBeInstanceOf(Date);
    expect(status.LatestDeliveryAttemptTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test('finds one winner among 64 creations of one name', async () => {
    const made = await createAtOnce('500000000002', Array(64).fill('contested'));
    expect(made).toEqual({ made: 1, TrailAlreadyExistsException: 63 });
  });

  test('makes five trails of ten names', async () => {
    const names = Array.from({ length: 64 }, (_, index) => `trail-${index % 10}`);
    const made = await createAtOnce('500000000003', names);
    expect(made['made']).toBe(5);
    const { Trails } = await cloudTrailOf(server.endpoint, '500000000003').send(
      new ListTrailsCommand({}),
    );
    expect(Trails).toHaveLength(5);
  });

  test('reaches the server by localhost as by its address', async () => {
    const endpoint = server.endpoint.replace('127.0.0.1', 'localhost');
    const { trailList } = await cloudTrailOf(endpoint, account).send(new DescribeTrailsCommand({}));
    expect(trailList?.[0]?.TrailARN).toBe(trail.arn);
  });

  test('may have a clock that is a day off', async () => {
    const credentials = { accessKeyId: account, secretAccessKey: 'any' };
    const client = new CloudTrailClient({
      endpoint: server.endpoint,
      region: 'us-east-1',
      credentials,
      systemClockOffset: 86_400_000,
      maxAttempts: 1,
    });
    const { trailList } = await client.send(new DescribeTrailsCommand({}));
    expect(trailList).toHaveLength(1);
  });

  test('may ask for a time range with parts of seconds', async () => {
    const { client } = trail;
    const EndTime = new Date(Date.now() + 500);
    const StartTime = new Date(EndTime.getTime() - 3600_500);
    const { Events } = await client.send(new LookupEventsCommand({ StartTime, EndTime }));
    expect(Events?.length).toBe(50);
  });
});

describe('X-Amz-Target', () => {
  test.each([
    'CloudTrail_20131101.DescribeTrails',
    'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.DescribeTrails',
  ])('may be %s', async (target) => {
    const answer = await post(target);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(answer.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    const date = Date.parse(answer.headers.get('date') ?? '');
    expect(Math.abs(date - Date.now())).toBeLessThan(5000);
  });

  test('of an operation that there is not is refused by name', async () => {
    const answer = await post('CloudTrail_20131101.DescribeNothing');
    expect(answer.status).toBe(404);
    expect(answer.headers.get('x-amzn-errortype')).toBe('UnknownOperationException');
    expect(await answer.json()).toMatchObject({ __type: 'UnknownOperationException' });
  });
});

describeWith('boto3', 'boto3', ({ path }) => {
  const call = () => boto3(path, { endpoint: server.endpoint, account });

  test('pages through all events, and reads their times as datetimes', async () => {
    const [events] = await call()([
      [
        'paginate:lookup_events',
        { LookupAttributes: [eventName], PaginationConfig: { PageSize: 20 } },
      ],
    ]);
    const found = events?.output.flatMap((page: { Events: object[] }) => page.Events);
    expect(events?.output).toHaveLength(records / 20);
    expect(new Set(found.map((event: { EventId: string }) => event.EventId)).size).toBe(records);
    expect(found[0].EventTime).toEqual({ $time: expect.stringMatching(/\+00:00$/) });
    expect(JSON.parse(found[0].CloudTrailEvent)).toMatchObject({ eventID: found[0].EventId });
  });

  test('pages through trails, tags and keys', async () => {
    const [trails, tags, keys, status] = await call()([
      ['paginate:list_trails', {}],
      ['paginate:list_tags', { ResourceIdList: [trail.arn] }],
      ['paginate:list_public_keys', {}],
      ['get_trail_status', { Name: trail.name }],
    ]);
    expect(trails?.output[0].Trails).toEqual([
      { TrailARN: trail.arn, Name: trail.name, HomeRegion: 'us-east-1' },
    ]);
    expect(tags?.output[0].ResourceTagList).toEqual([{ ResourceId: trail.arn, TagsList: [] }]);
    const [key] = keys?.output[0].PublicKeyList ?? [];
    // An RSA key of 2048 bits in PKCS #1 has 270 bytes and begins so.
    expect(key.Value.$bytes).toMatch(/^3082010a02820101.{524}$/);
    expect(key.ValidityStartTime.$time).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(status?.output.StartLoggingTime.$time).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  test('finds one winner among 64 creations of one name', async () => {
    const made = await createInPython(path, '500000000004', Array(64).fill('contested'));
    expect(made).toEqual({ made: 1, TrailAlreadyExistsException: 63 });
  });

  test('makes five trails of ten names', async () => {
    const names = Array.from({ length: 64 }, (_, index) => `trail-${index % 10}`);
    expect((await createInPython(path, '500000000005', names))['made']).toBe(5);
  });

  test('may ask with times of its own', async () => {
    const now = Date.now();
    const times = {
      StartTime: { $time: new Date(now - 3600_000).toISOString() },
      EndTime: { $time: new Date(now + 3600_000).toISOString() },
    };
    const [events, keys] = await call()([
      ['lookup_events', times],
      ['list_public_keys', times],
    ]);
    expect(events?.output.Events).toHaveLength(50);
    expect(keys?.output.PublicKeyList).toHaveLength(1);
  });
});

function post(target: string): Promise<Response> {
  const headers = {
    'x-amz-target': target,
    'content-type': 'application/x-amz-json-1.1',
    ...signedFor('cloudtrail'),
  };
  return fetch(server.endpoint, { method: 'POST', headers, body: '{}' });
}

type Tally = Record<string, number>;

async function createAtOnce(owner: string, names: readonly string[]): Promise<Tally> {
  const client = cloudTrailOf(server.endpoint, owner);
  const outcomes = await Promise.all(
    names.map((Name) =>
      client.send(new CreateTrailCommand({ Name, S3BucketName: trail.bucket })).then(
        () => 'made',
        (error: CloudTrailServiceException) => error.name,
      ),
    ),
  );
  return tallied(outcomes);
}

async function createInPython(python: string, owner: string, names: readonly string[]) {
  const call = boto3(python, { endpoint: server.endpoint, account: owner });
  const calls = names.map(
    (Name) => ['create_trail', { Name, S3BucketName: trail.bucket }] as const,
  );
  return tallied((await call(calls, 64)).map(({ error }) => error?.code ?? 'made'));
}

function tallied(outcomes: readonly string[]): Tally {
  const tally: Tally = {};
  for (const outcome of outcomes) tally[outcome] = (tally[outcome] ?? 0) + 1;
  return tally;
}
