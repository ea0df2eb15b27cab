import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudTrailClient,
  CreateTrailCommand,
  LookupEventsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StartedServer, startServer } from '../support/start-server.ts';
import { verifyBucket } from '../support/verify-bucket.ts';

const rounds = Number(process.env['TRAILKEEP_TEST_KILL_ROUNDS'] ?? 50);
const writers = 4;
const batchRecords = 20;
const aliveMsMax = 500;
const account = '123456789012';
const regions = ['us-east-1', 'eu-west-1'];
const bucket = 'kill-logs';

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'trailkeep-kill-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

/**
 * The promise of a 2xx: kill -9 at random moments, in the middle of ingest, delivery and digests,
 * loses no record that was acknowledged and delivers none twice.
 */
test(`${rounds} rounds of kill -9 lose nothing that was acknowledged`, async () => {
  const acknowledged = new Set<string>();
  const sent = new Set<string>();
  await withServer(prepare);
  for (let round = 0; round < rounds; round += 1) {
    const server = await startServer({ dataDir });
    const work = [
      ...Array.from({ length: writers }, () => write(server, sent, acknowledged)),
      flushing(server),
    ];
    await wait(Math.random() * aliveMsMax);
    await server.kill('SIGKILL');
    await Promise.all(work);
  }
  expect(acknowledged.size).toBeGreaterThan(rounds * batchRecords);

  await withServer(async (server) => {
    await flush(server);
    const delivered = await verifyBucket(verifyOptions(server));
    const ids = delivered.records.map((record) => record.eventID);
    const written = ids.filter((id) => sent.has(id));
    expect(new Set(written).size, 'no record is delivered twice').toBe(written.length);
    const missing = [...acknowledged].filter((id) => !written.includes(id));
    expect(missing.slice(0, 5), 'every acknowledged record is in a log file').toEqual([]);
    await expectInHistory(server, [...acknowledged]);
  });
});

async function withServer(use: (server: StartedServer) => Promise<void>): Promise<void> {
  const server = await startServer({ dataDir });
  await use(server);
  await server.stop();
}

async function prepare(server: StartedServer): Promise<void> {
  const s3 = new S3Client({ ...clientSettings(server), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const trails = new CloudTrailClient(clientSettings(server));
  const settings = { EnableLogFileValidation: true, IsMultiRegionTrail: true };
  await trails.send(new CreateTrailCommand({ Name: 'kill', S3BucketName: bucket, ...settings }));
  await trails.send(new StartLoggingCommand({ Name: 'kill' }));
}

/** Sends until the server is gone; what was answered with 200 counts as acknowledged. */
async function write(server: StartedServer, sent: Set<string>, acknowledged: Set<string>) {
  for (;;) {
    const ids = Array.from({ length: batchRecords }, () => randomUUID());
    for (const id of ids) sent.add(id);
    const body = JSON.stringify({ Records: ids.map(recordOf) });
    const answer = await post(server, '/_trailkeep/events', body);
    if (answer === undefined) return;
    const accepted = JSON.parse(answer) as { accepted: number };
    expect(accepted.accepted).toBe(batchRecords);
    for (const id of ids) acknowledged.add(id);
  }
}

async function flushing(server: StartedServer): Promise<void> {
  while ((await post(server, '/_trailkeep/flush?digests=true', '')) !== undefined) {
    await wait(20);
  }
}

async function flush(server: StartedServer): Promise<void> {
  const answer = await post(server, '/_trailkeep/flush?digests=true', '');
  expect(JSON.parse(answer ?? '{}')).toMatchObject({ owing: 0 });
}

/** Undefined once the server was killed. */
async function post(server: StartedServer, path: string, body: string) {
  try {
    const response = await fetch(`${server.endpoint}${path}`, { method: 'POST', body });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    return text;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

async function expectInHistory(server: StartedServer, ids: readonly string[]): Promise<void> {
  const clients = regions.map((region) => new CloudTrailClient({ ...clientSettings(server), region }));
  const found = new Map<string, number>();
  for (const client of clients) {
    let NextToken: string | undefined;
    do {
      const page = await client.send(
        new LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'KillTest' }],
          NextToken,
        }),
      );
      for (const { EventId = '' } of page.Events ?? []) {
        found.set(EventId, (found.get(EventId) ?? 0) + 1);
      }
      NextToken = page.NextToken;
    } while (NextToken);
  }
  expect(ids.filter((id) => !found.has(id)).slice(0, 5), 'all are in the history').toEqual([]);
  const twice = [...found].filter(([, times]) => times > 1).map(([id]) => id);
  expect(twice, 'none is in the history twice').toEqual([]);
}

function recordOf(eventID: string, index: number) {
  return {
    eventID,
    eventTime: `${new Date().toISOString().slice(0, 19)}Z`,
    eventName: 'KillTest',
    eventSource: 'ec2.amazonaws.com',
    awsRegion: regions[index % regions.length],
    recipientAccountId: account,
    userIdentity: { type: 'IAMUser', userName: 'killer', accountId: account },
  };
}

function verifyOptions(server: StartedServer) {
  return { ...clientSettings(server), bucket };
}

function clientSettings(server: StartedServer) {
  const credentials = { accessKeyId: account, secretAccessKey: 'any' };
  return { endpoint: server.endpoint, region: 'us-east-1', credentials };
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
