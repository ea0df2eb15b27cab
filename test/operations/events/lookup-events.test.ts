import {
  type CloudTrailClient,
  type Event,
  LookupEventsCommand,
  type LookupEventsCommandInput,
  paginateLookupEvents,
} from '@aws-sdk/client-cloudtrail';
import { describe, expect, test } from 'vitest';
import { dataRecord, eventTimeOf, insightRecord, managementRecord } from '../../support/records.ts';
import { codeOf, sdkClient } from '../../support/sdk-client.ts';
import { startTestEngine, testStart } from '../../support/start-test-engine.ts';

const hour = 3_600_000;
const day = 24 * hour;

async function start(settings?: Record<string, unknown>) {
  const engine = await startTestEngine({ settings });
  return { engine, client: sdkClient(engine) };
}

/** Lookups are events too: these leave them out. */
async function lookup(client: CloudTrailClient, input: LookupEventsCommandInput = {}) {
  const { Events = [] } = await client.send(new LookupEventsCommand(input));
  return Events.filter((event) => event.EventName !== 'LookupEvents');
}

const ids = (events: readonly Event[]) => events.map((event) => event.EventId);
const by = (AttributeKey: string, AttributeValue: string): LookupEventsCommandInput => ({
  LookupAttributes: [{ AttributeKey: AttributeKey as never, AttributeValue }],
});

describe('malformed', () => {
  test('an attribute without a key or a value is not valid', async () => {
    const { client } = await start();
    const command = new LookupEventsCommand({ LookupAttributes: [{} as never] });
    expect(await codeOf(client.send(command))).toBe('ValidationException');
  });

  test('what is no list cannot be read', async () => {
    const { client } = await start();
    const command = new LookupEventsCommand({ LookupAttributes: 'EventName' as never });
    expect(await codeOf(client.send(command))).toBe('SerializationException');
  });
});

describe('constrained', () => {
  test.each<[LookupEventsCommandInput, string]>([
    [{ MaxResults: 0 }, 'InvalidMaxResultsException'],
    [{ MaxResults: 51 }, 'InvalidMaxResultsException'],
    [
      { StartTime: new Date(testStart), EndTime: new Date(testStart - 1000) },
      'InvalidTimeRangeException',
    ],
    [{ EventCategory: 'management' as never }, 'InvalidEventCategoryException'],
    [by('AwsRegion', 'us-east-1'), 'InvalidLookupAttributesException'],
    [by('EventName', ''), 'InvalidLookupAttributesException'],
    [by('EventName', '_'.repeat(1001)), 'InvalidLookupAttributesException'],
    [{ ...by('Username', 'alice'), EventCategory: 'insight' }, 'InvalidLookupAttributesException'],
    [{ NextToken: 'made up' }, 'InvalidNextTokenException'],
    [{ NextToken: '' }, 'InvalidNextTokenException'],
  ])('%j is refused with %s', async (input, code) => {
    const { client } = await start();
    expect(await codeOf(client.send(new LookupEventsCommand(input)))).toBe(code);
  });

  test('two attributes are one too many', async () => {
    const { client } = await start();
    const { LookupAttributes: [one] = [] } = by('EventName', 'a');
    const command = new LookupEventsCommand({ LookupAttributes: [one!, one!] });
    expect(await codeOf(client.send(command))).toBe('InvalidLookupAttributesException');
  });

  test('a token belongs to the parameters, the account and the Region it came with', async () => {
    const { engine, client } = await start();
    const names = Array.from({ length: 3 }, () => managementRecord());
    await engine.accept(...names);
    const input = { ...by('EventName', 'RunInstances'), MaxResults: 1 };
    const { NextToken } = await client.send(new LookupEventsCommand(input));
    const others: readonly LookupEventsCommandInput[] = [
      { MaxResults: 1 },
      { ...by('EventName', 'Other'), MaxResults: 1 },
      { ...input, StartTime: new Date(0) },
      { ...input, EventCategory: 'insight' },
    ];
    for (const other of others) {
      const command = new LookupEventsCommand({ ...other, NextToken });
      expect(await codeOf(client.send(command))).toBe('InvalidNextTokenException');
    }
    const again = new LookupEventsCommand({ ...input, NextToken });
    for (const more of [{ region: 'eu-west-1' }, { account: '210987654321' }]) {
      expect(await codeOf(sdkClient(engine, more).send(again))).toBe('InvalidNextTokenException');
    }
    expect((await client.send(again)).Events).toHaveLength(1);
  });

  test('with throttling on there are two calls a second', async () => {
    const { engine, client } = await start({ throttling: 'on' });
    await lookup(client);
    await lookup(client);
    expect(await codeOf(lookup(client))).toBe('ThrottlingException');
    engine.clock.advance(1);
    await lookup(client);
  });
});

describe('behaves', () => {
  const role = managementRecord({
    eventName: 'PutBucketPolicy',
    eventSource: 's3.amazonaws.com',
    eventTime: eventTimeOf(testStart - hour),
    readOnly: true,
    userIdentity: {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLE:my-session',
      arn: 'arn:aws:sts::123456789012:assumed-role/admin/my-session',
      accountId: '123456789012',
      accessKeyId: 'ASIAEXAMPLE',
    },
    resources: [
      { accountId: '123456789012', type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::my-bucket' },
    ],
  });

  test('an event is shown with its record as a text', async () => {
    const { engine, client } = await start();
    await engine.accept(role);
    const [event] = await lookup(client, by('EventName', 'PutBucketPolicy'));
    const { CloudTrailEvent, ...members } = event!;
    expect(members).toEqual({
      EventId: role['eventID'],
      EventName: 'PutBucketPolicy',
      ReadOnly: 'true',
      AccessKeyId: 'ASIAEXAMPLE',
      EventTime: new Date(testStart - hour),
      EventSource: 's3.amazonaws.com',
      Username: 'my-session',
      Resources: [{ ResourceType: 'AWS::S3::Bucket', ResourceName: 'arn:aws:s3:::my-bucket' }],
    });
    expect(JSON.parse(CloudTrailEvent!)).toMatchObject(role);
  });

  test.each([
    ['EventId', role['eventID'] as string],
    ['EventName', 'PutBucketPolicy'],
    ['ReadOnly', 'true'],
    ['Username', 'my-session'],
    ['ResourceType', 'AWS::S3::Bucket'],
    ['ResourceName', 'arn:aws:s3:::my-bucket'],
    ['EventSource', 's3.amazonaws.com'],
    ['AccessKeyId', 'ASIAEXAMPLE'],
  ])('events are found by their %s, exactly', async (key, value) => {
    const { engine, client } = await start();
    await engine.accept(role, managementRecord(), managementRecord());
    expect(ids(await lookup(client, by(key, value)))).toEqual([role['eventID']]);
    expect(await lookup(client, by(key, value.slice(0, -1)))).toEqual([]);
  });

  test('only management events of the account and the Region are found', async () => {
    const { engine, client } = await start();
    const own = managementRecord();
    await engine.accept(
      own,
      dataRecord('bucket'),
      insightRecord(),
      managementRecord({ awsRegion: 'eu-west-1' }),
      managementRecord({ recipientAccountId: '210987654321' }),
    );
    expect(ids(await lookup(client))).toEqual([own['eventID']]);
  });

  test('Insights events are found as such, by the attributes that they have', async () => {
    const { engine, client } = await start();
    const insight = insightRecord();
    await engine.accept(managementRecord(), insight);
    for (const more of [
      {},
      by('EventName', 'RunInstances'),
      by('EventSource', 'ec2.amazonaws.com'),
      by('EventId', insight['eventID'] as string),
    ]) {
      const events = await lookup(client, { ...more, EventCategory: 'insight' });
      expect(ids(events)).toEqual([insight['eventID']]);
      expect(events[0]).toMatchObject({
        EventName: 'RunInstances',
        EventSource: 'ec2.amazonaws.com',
      });
    }
  });

  test('the newest event comes first, whenever it arrived', async () => {
    const { engine, client } = await start();
    const minutes = [3, 1, 2, 0].map((minute) =>
      managementRecord({ eventTime: eventTimeOf(testStart - minute * 60_000) }),
    );
    for (const record of minutes) await engine.accept(record);
    const order = [3, 1, 2, 0].map((index) => minutes[index]!['eventID']);
    expect(ids(await lookup(client))).toEqual(order);
  });

  test('start and end of a range are in it', async () => {
    const { engine, client } = await start();
    const hours = [1, 2, 3].map((count) =>
      managementRecord({ eventTime: eventTimeOf(testStart - count * hour) }),
    );
    await engine.accept(...hours);
    const range = (from: number, to: number) => ({
      StartTime: new Date(testStart - from * hour),
      EndTime: new Date(testStart - to * hour),
    });
    expect(await lookup(client, range(3, 1))).toHaveLength(3);
    expect(ids(await lookup(client, range(2, 2)))).toEqual([hours[1]!['eventID']]);
    expect(await lookup(client, { EndTime: new Date(testStart - 2 * hour) })).toHaveLength(2);
    expect(await lookup(client, { StartTime: new Date(testStart - 2 * hour) })).toHaveLength(2);
  });

  test('events are found for ninety days', async () => {
    const { engine, client } = await start();
    await engine.accept(managementRecord());
    engine.clock.advance((90 * day) / 1000);
    expect(await lookup(client, by('EventName', 'RunInstances'))).toHaveLength(1);
    engine.clock.advance(1);
    const everything = { ...by('EventName', 'RunInstances'), StartTime: new Date(0) };
    expect(await lookup(client, everything)).toEqual([]);
  });

  test('pages neither lose nor repeat an event while others arrive', async () => {
    const { engine, client } = await start();
    const first = Array.from({ length: 120 }, (_, index) =>
      managementRecord({ eventTime: eventTimeOf(testStart - (index % 7) * 60_000) }),
    );
    await engine.accept(...first);
    const found: (string | undefined)[] = [];
    const pages = paginateLookupEvents({ client, pageSize: 25 }, by('EventName', 'RunInstances'));
    for await (const page of pages) {
      expect(page.Events!.length).toBeLessThanOrEqual(25);
      found.push(...ids(page.Events!));
      await engine.accept(managementRecord(), managementRecord());
    }
    expect(new Set(found).size).toBe(found.length);
    expect([...found].sort()).toEqual(first.map((record) => record['eventID'] as string).sort());
  });

  test('fifty events are a page, when nothing is said', async () => {
    const { engine, client } = await start();
    await engine.accept(...Array.from({ length: 51 }, () => managementRecord()));
    const answer = await client.send(new LookupEventsCommand({}));
    expect(answer.Events).toHaveLength(50);
    const { NextToken } = answer;
    const rest = await client.send(new LookupEventsCommand({ NextToken }));
    expect(rest.Events).toHaveLength(1);
    expect(rest.NextToken).toBeUndefined();
  });

  test('what was found is found after a restart', async () => {
    const { engine } = await start();
    const record = managementRecord();
    await engine.accept(record);
    const reopened = await engine.reopen();
    expect(ids(await lookup(sdkClient(reopened), by('EventName', 'RunInstances')))).toEqual([
      record['eventID'],
    ]);
  });
});
