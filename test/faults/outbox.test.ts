import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type StartedServer, startServer } from '../support/start-server.ts';
import { keysOf } from './delivered.ts';
import { account, wait } from './endpoint.ts';
import { advance, flush, logTo, statusOf } from './logged-bucket.ts';
import { roundsOf, seededChoices } from './seed.ts';
import { sender } from './sent-records.ts';
import { type Manner, type WebhookReceiver, webhookReceiver } from './webhook-receiver.ts';

const rounds = roundsOf('TRAILKEEP_TEST_OUTBOX_ROUNDS', 20);
const bucket = 'announced-logs';
const topicArn = `arn:aws:sns:us-east-1:${account}:log-files`;
const logGroupArn = `arn:aws:logs:us-east-1:${account}:log-group:events:*`;
const trail = {
  SnsTopicName: 'log-files',
  CloudWatchLogsLogGroupArn: logGroupArn,
  CloudWatchLogsRoleArn: `arn:aws:iam::${account}:role/events`,
  IsMultiRegionTrail: true,
};

let dataDir: string;
let receiver: WebhookReceiver;
let server: StartedServer;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'trailkeep-outbox-'));
  receiver = await webhookReceiver();
  server = await start();
  await logTo(bucket, server.endpoint, { trail });
});
afterEach(async () => {
  await server?.kill();
  await receiver?.close();
  await rm(dataDir, { recursive: true, force: true });
  await rm(`${dataDir}.config.json`, { force: true });
});

test(`every log file is announced through ${rounds} rounds of refusals and kills`, async () => {
  const choices = seededChoices('outbox');
  const records = sender('OutboxTest');
  const manners: readonly Manner[] = ['takes', 'refuses', 'forbids', 'resets', 'takes-and-resets'];
  let kills = 0;
  for (let round = 0; round < rounds; round += 1) {
    receiver.behave(choices.oneOf(manners));
    const away = choices.chance(0.2);
    if (away) await receiver.goAway();
    for (let step = 0; step < 3; step += 1) {
      await records.send(server.endpoint, 1 + choices.below(5));
      await flush(server.endpoint);
    }
    if (choices.chance(0.4)) {
      await records.send(server.endpoint, 1);
      await killDuring(flush(server.endpoint), choices.below(60));
      kills += 1;
    }
    if (away) await receiver.comeBack();
    await advance(server.endpoint, 600);
  }
  receiver.behave('takes');
  await settle();
  const files = (await keysOf(server.endpoint, bucket)).filter((key) => /CloudTrail\//.test(key));
  const announced = new Set(receiver.announced);
  expect(files.filter((key) => !announced.has(key))).toEqual([]);
  const logged = new Set(receiver.logged);
  expect([...records.acknowledged].filter((id) => !logged.has(id))).toEqual([]);
  const doubled = receiver.announced.length - announced.size;
  const figures = { rounds, kills, files: files.length, doubled, requests: receiver.requests() };
  process.stdout.write(`outbox: ${JSON.stringify(figures)}\n`);
});

describe('the status of a trail', () => {
  test.each([
    ['refuses', 'InternalError'],
    ['forbids', 'AuthorizationError'],
    ['resets', 'NetworkError'],
  ] as const)('tells of a receiver that %s, until it takes', async (manner, code) => {
    receiver.behave(manner);
    await sender('StatusTest').send(server.endpoint, 1);
    await flush(server.endpoint);
    expect(await statusOf(server.endpoint, bucket)).toMatchObject({
      LatestNotificationError: code,
      LatestCloudWatchLogsDeliveryError: code,
    });
    receiver.behave('takes');
    await settle();
    const status = await statusOf(server.endpoint, bucket);
    expect(status.LatestNotificationError).toBeUndefined();
    expect(status.LatestCloudWatchLogsDeliveryError).toBeUndefined();
    expect(status.LatestNotificationTime).toBeInstanceOf(Date);
    expect(status.LatestCloudWatchLogsDeliveryTime).toBeInstanceOf(Date);
  });
});

test('a receiver that hangs holds up neither delivery nor ingest', async () => {
  receiver.behave('hangs');
  const records = sender('HangTest');
  for (const region of ['us-east-1', 'eu-west-1', 'us-west-2']) {
    await records.send(server.endpoint, 1, { region });
  }
  const flushing = flush(server.endpoint);
  await filesReach(3);
  // The first flush still waits for the receiver; what is due by the clock is delivered all the
  // same.
  await records.send(server.endpoint, 1, { region: 'sa-east-1' });
  await advance(server.endpoint, 360);
  await filesReach(4);
  const began = performance.now();
  await flushing;
  expect(performance.now() - began, 'three files wait once').toBeLessThan(25_000);
  receiver.behave('takes');
  await settle();
  expect(new Set(receiver.announced).size).toBeGreaterThanOrEqual(4);
});

async function filesReach(count: number): Promise<void> {
  for (let looks = 0; looks < 100; looks += 1) {
    const keys = await keysOf(server.endpoint, bucket);
    if (keys.filter((key) => key.includes('/CloudTrail/')).length >= count) return;
    await wait(50);
  }
  throw new Error(`there were no ${count} log files within 5 seconds`);
}

/** Until nothing waits: the backoff of a notice is ten minutes at most. */
async function settle(): Promise<void> {
  for (let before = -1; before !== receiver.requests(); ) {
    before = receiver.requests();
    await advance(server.endpoint, 601);
    await flush(server.endpoint);
  }
}

async function killDuring(work: Promise<unknown>, afterMs: number): Promise<void> {
  await wait(afterMs);
  await server.kill('SIGKILL');
  await work;
  server = await start();
}

function start(): Promise<StartedServer> {
  const webhooks = [
    { topicArn, url: receiver.url },
    { logGroupArn, url: receiver.url },
  ];
  return startServer({ dataDir, config: { regions: ['us-east-1'], webhooks } });
}
