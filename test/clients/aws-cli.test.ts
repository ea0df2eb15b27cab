import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StartedServer, startServer } from '../support/start-server.ts';
import { type AwsCli, awsCli, json } from './aws-cli.ts';
import { describeWith } from './describe-with.ts';
import { devLevers } from './dev-levers.ts';
import { type LoggedTrail, loggedTrail } from './logged-trail.ts';

const account = '600000000001';
const eventIds = Array.from({ length: 60 }, () => randomUUID());
let server: StartedServer;
let trail: LoggedTrail;

beforeAll(async () => {
  server = await startServer();
  trail = await loggedTrail(server.endpoint, account);
  const levers = devLevers(server.endpoint);
  const now = await levers.now();
  await levers.events(eventIds.map((eventID, index) => record(eventID, index, now)));
  await levers.flush(true);
});
afterAll(() => server?.stop());

interface Event {
  readonly EventId: string;
  readonly EventName: string;
  readonly EventSource: string;
  readonly EventTime: number;
  readonly Username?: string;
  readonly Resources: readonly { ResourceType: string; ResourceName: string }[];
  readonly CloudTrailEvent: string;
}

for (const name of ['aws', 'newestAws'] as const) {
  describeWith(name, 'aws-cli', (tool) => {
    const aws: AwsCli = (line, ...more) =>
      awsCli(tool.path, server.endpoint, { account })(line, ...more);
    const lookup = async (key: string, value: string) => {
      const asked = `cloudtrail lookup-events --lookup-attributes AttributeKey=${key},AttributeValue=${value}`;
      return (await json<{ Events: readonly Event[] }>(aws(asked))).Events;
    };

    describe('lookup-events', () => {
      test.each([
        ['EventId', eventIds[7]!, 1],
        ['EventName', 'TerminateInstances', 20],
        ['ReadOnly', 'true', 20],
        ['Username', 'bob', 30],
        ['ResourceType', 'AWS::EC2::Instance', 60],
        ['ResourceName', 'arn:aws:ec2:us-east-1:600000000001:instance/i-3', 1],
        ['AccessKeyId', 'AKIAEXAMPLEALICE', 30],
        ['EventSource', 'ec2.amazonaws.com', 60],
      ])('finds events by %s', async (key, value, count) => {
        const events = await lookup(key, value);
        const own = events.filter((event) => event.EventSource === 'ec2.amazonaws.com');
        expect(own).toHaveLength(count);
        const order = own.map((event) => event.EventTime);
        expect(order).toEqual([...order].sort((one, other) => other - one));
        expect(JSON.parse(own[0]?.CloudTrailEvent ?? '')).toMatchObject({
          eventID: own[0]?.EventId,
        });
      });

      test('pages by the size that is asked for, and stops where it is told', async () => {
        const asked = 'cloudtrail lookup-events --page-size 7 --max-items 20';
        const page = await json<{ Events: Event[]; NextToken: string }>(aws(asked));
        expect(page.Events).toHaveLength(20);
        const rest = `cloudtrail lookup-events --page-size 7 --starting-token ${page.NextToken}`;
        const { Events } = await json<{ Events: Event[] }>(aws(rest));
        const ids = new Set([...page.Events, ...Events].map((event) => event.EventId));
        for (const id of eventIds) expect(ids).toContain(id);
      });

      test('keeps to a time range', async () => {
        const now = Date.now();
        const time = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
        const asked = `cloudtrail lookup-events --start-time ${time(30.5)} --end-time ${time(10.5)}`;
        const { Events } = await json<{ Events: Event[] }>(aws(asked));
        expect(Events).toHaveLength(20);
      });

      test('finds its own calls', async () => {
        const [call] = await lookup('EventName', 'CreateTrail');
        expect(call).toMatchObject({ EventSource: 'cloudtrail.amazonaws.com', Username: 'root' });
      });
    });

    test('describe-trails, get-trail-status and list-public-keys print what AWS prints', async () => {
      const { trailList } = await json<{ trailList: object[] }>(aws('cloudtrail describe-trails'));
      expect(trailList).toEqual([
        {
          Name: 'audit',
          S3BucketName: trail.bucket,
          IncludeGlobalServiceEvents: true,
          IsMultiRegionTrail: false,
          HomeRegion: 'us-east-1',
          TrailARN: trail.arn,
          LogFileValidationEnabled: true,
          HasCustomEventSelectors: false,
          HasInsightSelectors: false,
          IsOrganizationTrail: false,
        },
      ]);
      const status = await json(aws('cloudtrail get-trail-status --name audit'));
      const seconds = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(status).toEqual({
        IsLogging: true,
        LatestDeliveryTime: expect.any(Number),
        StartLoggingTime: expect.any(Number),
        LatestDigestDeliveryTime: expect.any(Number),
        LatestDeliveryAttemptTime: seconds,
        LatestNotificationAttemptTime: '',
        LatestNotificationAttemptSucceeded: '',
        LatestDeliveryAttemptSucceeded: seconds,
        TimeLoggingStarted: seconds,
        TimeLoggingStopped: '',
      });
      const { PublicKeyList } = await json<{ PublicKeyList: object[] }>(
        aws('cloudtrail list-public-keys'),
      );
      expect(PublicKeyList).toEqual([
        {
          Value: expect.stringMatching(/^MIIBCgKCAQEA/),
          ValidityStartTime: expect.any(Number),
          ValidityEndTime: expect.any(Number),
          Fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
        },
      ]);
    });

    test('tags are added, listed and removed', async () => {
      const tags = async () => {
        const asked = `cloudtrail list-tags --resource-id-list ${trail.arn}`;
        const listed = await json<{ ResourceTagList: { TagsList: object[] }[] }>(aws(asked));
        return listed.ResourceTagList[0]?.TagsList;
      };
      const change = (verb: string, list: string) =>
        aws(`cloudtrail ${verb}-tags --resource-id ${trail.arn} --tags-list ${list}`);
      expect(await change('add', 'Key=a,Value=1 Key=b,Value=2')).toMatchObject({
        code: 0,
        stdout: '',
      });
      expect(await tags()).toEqual([
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ]);
      expect(await change('remove', 'Key=a Key=b')).toMatchObject({ code: 0 });
      expect(await tags()).toEqual([]);
    });

    describe('tells a mistake, and ends with its code', () => {
      test.each(mistakes())('%s', async (line, kind, text) => {
        const ran = await aws(line);
        expect(ran.stderr).toContain(text);
        const version = tool.version.startsWith('aws-cli/2') ? 2 : 1;
        expect(ran.code).toBe(exitCodes[version][kind]);
        expect(ran.stdout).toBe('');
      });
    });
  });
}

type MistakeKind = 'refused' | 'misused' | 'failed';

const exitCodes = {
  1: { refused: 255, misused: 2, failed: 255 },
  2: { refused: 254, misused: 252, failed: 255 },
};

function mistakes(): [line: string, kind: MistakeKind, text: string][] {
  const made = '--s3-bucket-name logs-of-600000000001';
  const refused = (operation: string, code: string) =>
    `An error occurred (${code}) when calling the ${operation} operation: `;
  return [
    [
      `cloudtrail create-trail --name ab ${made}`,
      'refused',
      `${refused('CreateTrail', 'InvalidTrailNameException')}Trail name too short.`,
    ],
    [
      'cloudtrail create-trail --name abc --s3-bucket-name nowhere-at-all',
      'refused',
      `${refused('CreateTrail', 'S3BucketDoesNotExistException')}S3 bucket nowhere-at-all does not exist!`,
    ],
    [
      `cloudtrail create-trail --name audit ${made}`,
      'refused',
      refused('CreateTrail', 'TrailAlreadyExistsException'),
    ],
    [
      'cloudtrail get-trail --name nowhere',
      'refused',
      `${refused('GetTrail', 'TrailNotFoundException')}Unknown trail: nowhere for the user: ${account}`,
    ],
    [
      'cloudtrail delete-trail --name nowhere',
      'refused',
      `Unknown trail: arn:aws:cloudtrail:us-east-1:${account}:trail/nowhere for the user`,
    ],
    [
      'cloudtrail start-logging --name arn:aws:cloudtrail:nonsense',
      'refused',
      refused('StartLogging', 'CloudTrailARNInvalidException'),
    ],
    [
      'cloudtrail put-event-selectors --trail-name audit --event-selectors ReadWriteType=Sometimes',
      'refused',
      refused('PutEventSelectors', 'InvalidEventSelectorsException'),
    ],
    [
      'cloudtrail lookup-events --lookup-attributes AttributeKey=Colour,AttributeValue=x',
      'refused',
      refused('LookupEvents', 'InvalidLookupAttributesException'),
    ],
    [
      'cloudtrail lookup-events --start-time 2026-02-01 --end-time 2026-01-01',
      'refused',
      refused('LookupEvents', 'InvalidTimeRangeException'),
    ],
    [
      'cloudtrail list-tags --resource-id-list nonsense',
      'refused',
      refused('ListTags', 'CloudTrailARNInvalidException'),
    ],
    [
      'cloudtrail list-event-data-stores',
      'refused',
      `${refused('ListEventDataStores', 'UnsupportedOperationException')}ListEventDataStores is not supported yet`,
    ],
    ['s3api head-bucket --bucket nowhere-at-all', 'refused', 'Not Found'],
    ['cloudtrail create-trail --name abc', 'misused', '--s3-bucket-name'],
    [
      `cloudtrail validate-logs --start-time 2026-01-01 --trail-arn arn:aws:cloudtrail:us-east-1:${account}:trail/no`,
      'failed',
      'trail',
    ],
  ];
}

function record(eventID: string, index: number, now: Date) {
  const userName = index % 2 === 0 ? 'alice' : 'bob';
  const names = ['RunInstances', 'TerminateInstances', 'DescribeInstances'];
  const time = new Date(now.getTime() - index * 60_000);
  return {
    eventID,
    eventVersion: '1.11',
    eventTime: `${time.toISOString().slice(0, 19)}Z`,
    eventSource: 'ec2.amazonaws.com',
    eventName: names[index % 3],
    awsRegion: 'us-east-1',
    sourceIPAddress: '192.0.2.1',
    userAgent: 'test',
    userIdentity: {
      type: 'IAMUser',
      userName,
      accountId: account,
      accessKeyId: `AKIAEXAMPLE${userName.toUpperCase()}`,
    },
    requestParameters: null,
    responseElements: null,
    resources: [
      { type: 'AWS::EC2::Instance', ARN: `arn:aws:ec2:us-east-1:${account}:instance/i-${index}` },
    ],
    readOnly: index % 3 === 2,
    recipientAccountId: account,
  };
}
