import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StartedServer, startServer } from '../support/start-server.ts';
import { bucketContents, type DeliveredRecord } from './bucket-contents.ts';
import { describeWith } from './describe-with.ts';
import { devLevers } from './dev-levers.ts';
import { type LoggedTrail, loggedTrail, recordsOf } from './logged-trail.ts';
import { readRecorded, recordedDataMissing } from './recorded-data.ts';
import { webhookReceiver } from './webhook-receiver.ts';

const account = '123456789012';
const topic = `arn:aws:sns:us-east-1:${account}:trails`;
const logGroup = `arn:aws:logs:us-east-1:${account}:log-group:trails:*`;
const role = `arn:aws:iam::${account}:role/trails`;
const regions = ['us-east-1', 'ap-northeast-2', 'us-gov-west-1', 'eu-central-1'];

let server: StartedServer;
let receiver: Awaited<ReturnType<typeof webhookReceiver>>;
let trail: LoggedTrail;
let logs: readonly string[];
let records: readonly DeliveredRecord[];
let folder: string;

beforeAll(async () => {
  receiver = await webhookReceiver();
  const webhooks = [
    { topicArn: topic, url: `${receiver.url}/topic` },
    { logGroupArn: logGroup, url: `${receiver.url}/logs` },
  ];
  server = await startServer({ config: { webhooks } });
  trail = await loggedTrail(server.endpoint, account, {
    IsMultiRegionTrail: true,
    SnsTopicName: 'trails',
    CloudWatchLogsLogGroupArn: logGroup,
    CloudWatchLogsRoleArn: role,
  });
  await twoHours();
  const contents = bucketContents(server.endpoint, trail.bucket);
  logs = (await contents.keys()).filter((key) => key.includes('/CloudTrail/'));
  records = await contents.records();
  folder = mkdtempSync(join(tmpdir(), 'trailkeep-readers-'));
  for (const key of logs) {
    mkdirSync(dirname(join(folder, key)), { recursive: true });
    writeFileSync(join(folder, key), (await contents.object(key)).body);
  }
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await receiver?.close();
  await server?.stop();
});

async function twoHours(): Promise<void> {
  const levers = devLevers(server.endpoint);
  for (let hour = 0; hour < 2; hour += 1) {
    const now = await levers.now();
    await levers.events(regions.flatMap((region) => recordsOf(account, now, region)));
    if (!recordedDataMissing && hour === 0) {
      const recorded = readRecorded('boogy_CloudTrail-Log-Parser');
      for (let from = 0; from < recorded.length; from += 500) {
        await levers.events(recorded.slice(from, from + 500));
      }
    }
    await levers.flush(true);
    await levers.advance(3600);
  }
}

/** As the programs have them that look for log files by their keys. */
const keyPatterns: Readonly<Record<string, RegExp>> = {
  'AWS CloudTrail Processing Library': /^.+_CloudTrail_[\w-]+_\d{8}T\d{4}Z_[\w]+\.json\.gz$/,
  'Datadog forwarder':
    /\d+_CloudTrail(|-Digest|-Insight)_\w{2}(|-gov|-cn)-\w{4,9}-\d_(|.+)\d{8}T\d{4,6}Z(|.+).json.gz$/,
  'Falco account': /AWSLogs\/(o-[a-z0-9]{10,32}\/)?\d{12}\//,
  'Falco interval': /_CloudTrail_[^_]+_([^_]+)Z_/,
  'Grafana Loki':
    /AWSLogs\/(?:o-\w+\/)?\d+\/CloudTrail\/\w+-\w+-(?:\w+-)?\d\/\d+\/\d+\/\d+\/\d+_CloudTrail_\w+-\w+-(?:\w+-)?\d_\d+T\d+Z_.+\.json\.gz/,
  'Wazuh folders': /^AWSLogs\/\d{12}\/CloudTrail\/[a-z0-9-]+\/\d{4}\/\d\d\/\d\d\//,
  Elastic: /\/CloudTrail\//,
  Tailpipe: /AWSLogs\/(.+\/)?\d+\/CloudTrail\/[\w-]+\/\d{4}\/\d{2}\/\d{2}\/.+\.json\.gz$/,
  trailscraper: /[0-9]+_CloudTrail_[a-z0-9-]+_[0-9TZ]+_[a-zA-Z0-9]+\.json\.gz/,
  'CloudTrail itself':
    /^AWSLogs\/(\d{12})\/CloudTrail\/([a-z]{2}(?:-gov)?-[a-z]+-\d)\/\d{4}\/\d\d\/\d\d\/\1_CloudTrail_\2_\d{8}T\d{4}Z_[A-Za-z0-9]{16}\.json\.gz$/,
};

test.each(Object.entries(keyPatterns))('%s finds the log files by their keys', (_, pattern) => {
  expect(logs.length).toBeGreaterThanOrEqual(2 * regions.length);
  expect(logs.filter((key) => !pattern.test(key))).toEqual([]);
});

test('later files of an account and Region sort after earlier ones', async () => {
  const files = await Promise.all(
    logs.map(async (key) => {
      const object = await bucketContents(server.endpoint, trail.bucket).object(key);
      return { key, at: object.LastModified?.getTime() ?? 0 };
    }),
  );
  for (const region of regions) {
    const of = files.filter(({ key }) => key.includes(`/${region}/`));
    const byTime = [...of].sort(
      (one, other) => one.at - other.at || (one.key < other.key ? -1 : 1),
    );
    expect(of.map(({ key }) => key)).toEqual(byTime.map(({ key }) => key));
  }
});

test('log files are stored as gzipped JSON that readers inflate by themselves', async () => {
  const { ContentType, ContentEncoding } = await bucketContents(
    server.endpoint,
    trail.bucket,
  ).object(logs[0] ?? '');
  expect({ ContentType, ContentEncoding }).toEqual({
    ContentType: 'application/json',
    ContentEncoding: 'gzip',
  });
});

test('every record has what the strictest reader needs', () => {
  expect(records.length).toBeGreaterThanOrEqual(6 * regions.length);
  for (const record of records) expect(complaintAbout(record), JSON.stringify(record)).toBe('');
});

test('a file holds records of the account and Region of its key', async () => {
  const contents = bucketContents(server.endpoint, trail.bucket);
  for (const key of logs) {
    const { Records } = JSON.parse(await contents.document(key)) as { Records: DeliveredRecord[] };
    const places = new Set(Records.map((one) => `${one.recipientAccountId}/${one.awsRegion}`));
    const [, owner, , region] = key.split('/');
    expect([...places]).toEqual([`${owner}/${region}`]);
  }
});

test('a topic is told of each log file once, as SNS tells its subscribers', () => {
  const notices = receiver.got('/topic');
  for (const { headers, body } of notices) {
    expect(headers).toMatchObject({
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-topic-arn': topic,
    });
    expect(body).toMatchObject({
      Type: 'Notification',
      TopicArn: topic,
      MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      Message: expect.any(String),
    });
  }
  const messages = notices.map(({ body }) => JSON.parse(body.Message));
  expect(messages.map((message) => Object.keys(message))).toEqual(
    messages.map(() => ['s3Bucket', 's3ObjectKey']),
  );
  expect(new Set(messages.map((message) => message.s3Bucket))).toEqual(new Set([trail.bucket]));
  expect(messages.flatMap((message) => message.s3ObjectKey).sort()).toEqual([...logs].sort());
});

test('a log group is told of each record once, by account and Region', () => {
  const notices = receiver.got('/logs');
  const told = notices.flatMap(({ body }) => {
    const [, owner, region] = /^(\d{12})_CloudTrail_([a-z0-9-]+)$/.exec(body.logStream) ?? [];
    expect(body.logGroup).toBe('trails');
    return body.logEvents.map((event: { timestamp: number; message: string }) => {
      const record = JSON.parse(event.message) as DeliveredRecord;
      expect([record.recipientAccountId, record.awsRegion]).toEqual([owner, region]);
      expect(event.timestamp).toBe(Date.parse(record.eventTime));
      return record.eventID;
    });
  });
  expect(told.sort()).toEqual(records.map((record) => record.eventID).sort());
});

describeWith('boto3', 'a reader in Python', ({ path }) => {
  test('reads the files with gzip and json', async () => {
    expect(await counted(path, 'gzip')).toEqual(countedHere());
  });
});

describeWith('duckdb', 'DuckDB', ({ path }) => {
  test('reads the files with read_json', async () => {
    expect(await counted(path, 'duckdb')).toEqual(countedHere());
  });
});

async function counted(python: string, reader: string): Promise<Record<string, number>> {
  const script = resolve(import.meta.dirname, 'read_log_files.py');
  const { stdout } = await promisify(execFile)(python, [script, reader, folder]);
  return JSON.parse(stdout);
}

function countedHere(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { eventName } of records) counts[eventName] = (counts[eventName] ?? 0) + 1;
  return counts;
}

const always = 'eventVersion userIdentity eventTime eventSource eventName awsRegion'.split(' ');
const objects = 'requestParameters responseElements additionalEventData tlsDetails'.split(' ');

/** The sum of what the readers of consumers' programs were seen to stumble over. */
function complaintAbout(record: DeliveredRecord): string {
  const complaints = [
    ...always.filter((name) => record[name] === undefined || record[name] === null),
    ...objects.filter((name) => record[name] !== undefined && typeof record[name] !== 'object'),
    ...['readOnly', 'managementEvent'].filter(
      (name) => record[name] !== undefined && typeof record[name] !== 'boolean',
    ),
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(record.eventTime) ? '' : 'eventTime',
    /^\d{12}$/.test(record.recipientAccountId) ? '' : 'recipientAccountId',
    typeof record['eventType'] === 'string' ? '' : 'eventType',
    typeof record['eventCategory'] === 'string' ? '' : 'eventCategory',
    typeof record.eventID === 'string' ? '' : 'eventID',
  ];
  return complaints.filter(Boolean).join(', ');
}
