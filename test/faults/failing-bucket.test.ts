import { execFileSync } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type StartedServer, startServer } from '../support/start-server.ts';
import { expectDelivered } from './delivered.ts';
import { clientsOf, wait } from './endpoint.ts';
import { type FaultyS3, faultyS3, type S3Fault, s3Faults } from './faulty-s3.ts';
import { advance, flush, logTo, statusOf } from './logged-bucket.ts';
import { type Choices, roundsOf, seededChoices } from './seed.ts';
import { type Sender, sender } from './sent-records.ts';

const bucket = 'failing-logs';
const config = { regions: ['us-east-1'] };
const env = { AWS_ACCESS_KEY_ID: '123456789012', AWS_SECRET_ACCESS_KEY: 'any' };

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'trailkeep-bucket-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

interface Breakage {
  readonly what: string;
  readonly code: string;
  breakIt(endpoint: string): Promise<void>;
  repair(endpoint: string): Promise<void>;
}

const denial = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${bucket}/*`,
    },
  ],
};

const folder = () => join(dataDir, 'buckets/buckets', bucket);
const Bucket = bucket;

const breakages: readonly Breakage[] = [
  {
    what: 'that is deleted',
    code: 'NoSuchBucket',
    breakIt: async (at) => void (await clientsOf(at).s3.send(new DeleteBucketCommand({ Bucket }))),
    repair: async (at) => void (await clientsOf(at).s3.send(new CreateBucketCommand({ Bucket }))),
  },
  {
    what: 'whose policy denies',
    code: 'AccessDenied',
    async breakIt(at) {
      const Policy = JSON.stringify(denial);
      await clientsOf(at).s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    },
    repair: async (at) =>
      void (await clientsOf(at).s3.send(new DeleteBucketPolicyCommand({ Bucket }))),
  },
  {
    what: 'whose folder is a file',
    code: 'NoSuchBucket',
    async breakIt() {
      await rename(folder(), `${folder()}.aside`);
      await writeFile(folder(), 'not a folder');
    },
    async repair() {
      await rm(folder());
      await rename(`${folder()}.aside`, folder());
    },
  },
  {
    what: 'whose folder is read-only',
    code: 'AccessDenied',
    // Root writes where modes forbid it; not where the file system does.
    breakIt: async () => void execFileSync('chattr', ['+i', folder()]),
    repair: async () => void execFileSync('chattr', ['-i', folder()]),
  },
];

describe.each(breakages)('a bucket $what', (breakage) => {
  const missing = breakage.what.includes('read-only') ? whyNoReadOnlyFolders() : undefined;
  if (missing) process.stderr.write(`*** a read-only bucket folder DID NOT RUN: ${missing}\n`);

  test.skipIf(missing)('is owed its records, and gets each of them once', async () => {
    const records = sender('OwedTest');
    await withServer(async ({ endpoint }) => {
      await logTo(bucket, endpoint);
      await records.send(endpoint, 20);
      await breakage.breakIt(endpoint);
      expect(await flush(endpoint)).toMatchObject({ owing: 1 });
      const status = await statusOf(endpoint, bucket);
      expect(status.LatestDeliveryError).toBe(breakage.code);
      await records.send(endpoint, 20);
    });
    // After a restart, and after a kill during further attempts.
    const killed = await startServer({ dataDir, config });
    await records.send(killed.endpoint, 20);
    expect(await flush(killed.endpoint, true)).toMatchObject({ owing: 1 });
    const attempts = flushUntilGone(killed.endpoint);
    await wait(100);
    await killed.kill('SIGKILL');
    await attempts;
    const repaired = await startServer({ dataDir, config });
    await breakage.repair(repaired.endpoint);
    await records.send(repaired.endpoint, 20);
    const redelivering = flushUntilGone(repaired.endpoint);
    await wait(30);
    await repaired.kill('SIGKILL');
    await redelivering;
    await withServer(async ({ endpoint }) => {
      expect(await flush(endpoint, true)).toMatchObject({ owing: 0 });
      expect(records.acknowledged.size).toBe(80);
      await expectDelivered(endpoint, { bucket, from: records });
      const { LatestDeliveryError, LatestDeliveryTime } = await statusOf(endpoint, bucket);
      expect(LatestDeliveryError).toBeUndefined();
      expect(LatestDeliveryTime).toBeInstanceOf(Date);
    });
  });
});

function whyNoReadOnlyFolders(): string | undefined {
  try {
    const probe = execFileSync('mktemp', ['-d']).toString().trim();
    execFileSync('chattr', ['+i', probe], { stdio: 'pipe' });
    execFileSync('chattr', ['-i', probe], { stdio: 'pipe' });
    execFileSync('rmdir', [probe]);
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
}

async function withServer(use: (server: StartedServer) => Promise<void>): Promise<void> {
  const server = await startServer({ dataDir, config });
  try {
    await use(server);
    expect(await server.stop()).toEqual({ code: 0, signal: null });
  } finally {
    await server.kill();
  }
}

async function flushUntilGone(endpoint: string): Promise<void> {
  while (await flush(endpoint, true)) await wait(5);
}

describe('an S3 that fails as planned', () => {
  const schedules = roundsOf('TRAILKEEP_TEST_S3_SCHEDULES', 25);
  let backend: StartedServer;
  let proxy: FaultyS3;
  let faultShare = 0;
  let choices: Choices;

  beforeAll(async () => {
    choices = seededChoices('failing-s3');
    backend = await startServer();
    proxy = await faultyS3(backend.endpoint, plannedFault);
  });
  afterAll(async () => {
    await proxy?.close();
    await backend?.stop();
  });

  function plannedFault(method: string): S3Fault {
    if (!choices.chance(faultShare)) return 'none';
    // Half of the time one kind, so that retries meet it again.
    const fault = choices.chance(0.5) ? favourite : choices.oneOf(s3Faults);
    return method === 'PUT' || !fault.startsWith('stored') ? fault : 'none';
  }
  let favourite: S3Fault = 'none';

  test(`loses and doubles nothing in ${schedules} schedules`, async () => {
    const records = sender('S3Test');
    let server = await start();
    await logTo(bucket, server.endpoint, { s3Endpoint: backend.endpoint });
    let owingSeen = 0;
    for (let schedule = 0; schedule < schedules; schedule += 1) {
      favourite = choices.oneOf(s3Faults);
      faultShare = choices.oneOf([0.3, 0.6, 0.9, 1]);
      for (let step = 0; step < 3; step += 1) {
        await expectIngest(server.endpoint, records);
        const flushed = await flush(server.endpoint, choices.chance(0.5));
        owingSeen += flushed?.owing ?? 0;
      }
      if (choices.chance(0.3)) server = await killAndStart(server);
      faultShare = 0;
      await advance(server.endpoint, 3600);
      expect(await flush(server.endpoint, true)).toMatchObject({ owing: 0 });
      expect((await statusOf(server.endpoint, bucket)).LatestDeliveryError).toBeUndefined();
    }
    const from = records;
    const s3Endpoint = backend.endpoint;
    const verified = await expectDelivered(server.endpoint, { bucket, s3Endpoint, from });
    expect(proxy.keysOfDifferentBytes()).toEqual([]);
    expect(owingSeen).toBeGreaterThan(0);
    await server.stop();
    const counts = Object.fromEntries(proxy.counts);
    const figures = { schedules, ...verified, acknowledged: records.acknowledged.size, counts };
    process.stdout.write(`failing-s3: ${JSON.stringify(figures)}\n`);
  });

  function start(): Promise<StartedServer> {
    return startServer({ dataDir, config, env: { ...env, TRAILKEEP_S3_ENDPOINT: proxy.endpoint } });
  }

  /** Kills it while it delivers; what S3 got may be without an event then. */
  async function killAndStart(server: StartedServer): Promise<StartedServer> {
    const attempts = flushUntilGone(server.endpoint);
    await wait(choices.below(150));
    await server.kill('SIGKILL');
    await attempts;
    return start();
  }

  /** Ingest does not wait for S3. */
  async function expectIngest(endpoint: string, records: Sender): Promise<void> {
    const began = performance.now();
    expect((await records.send(endpoint, 1 + choices.below(20))).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(2000);
  }
});
