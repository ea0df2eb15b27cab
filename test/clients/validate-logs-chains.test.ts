import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTrailCommand,
  DeleteTrailCommand,
  ListPublicKeysCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StartedServer, startServer } from '../support/start-server.ts';
import { awsCli } from './aws-cli.ts';
import { bucketContents } from './bucket-contents.ts';
import { awsNames, describeWith } from './describe-with.ts';
import { devLevers } from './dev-levers.ts';
import { hoursGoBy, type LoggedTrail, loggedTrail } from './logged-trail.ts';
import { s3Of } from './sdk-clients.ts';
import { type Validation, validateLogs } from './validate-logs.ts';

/** Chains of digests that begin, end and go on again: everything in them is valid, gaps are told. */

const gap = 'No log files were delivered by CloudTrail between';
let server: StartedServer;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'trailkeep-chains-'));
  server = await startServer({ dataDir });
});
afterAll(async () => {
  await server?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

for (const [digit, name] of awsNames.entries()) {
  describeWith(name, 'validate-logs', (tool) => {
    // Each version of aws-cli has accounts of its own: what happens to a trail happens once.
    const account = (index: number) => `${digit}0000000000${index}`;
    const validated = async ({ arn, from, account, bucket }: LoggedTrail, byBucket = false) => {
      const aws = awsCli(tool.path, server.endpoint, { account });
      const trail = { arn, from, to: await devLevers(server.endpoint).now() };
      return validateLogs(aws, byBucket ? { ...trail, bucket } : trail);
    };

    describe('of a trail', () => {
      test('tells the gap in which logging was stopped', async () => {
        const trail = await loggedTrail(server.endpoint, account(1));
        await hours(trail, 1);
        await trail.client.send(new StopLoggingCommand({ Name: trail.name }));
        await hours(trail, 2);
        await trail.client.send(new StartLoggingCommand({ Name: trail.name }));
        await hours(trail, 1);
        const seen = await validated(trail);
        await expectAllValid(trail, seen);
        expect(seen.stderr).toContain(gap);
      });

      test('tells the gap in which validation was switched off', async () => {
        const trail = await loggedTrail(server.endpoint, account(2));
        await hours(trail, 1);
        await validation(trail, false);
        await hours(trail, 2);
        await validation(trail, true);
        await hours(trail, 1);
        const seen = await validated(trail);
        const logs = (await delivered(trail)).logs.length;
        expect(seen).toMatchObject({ code: 0, invalid: [], stderr: expect.stringContaining(gap) });
        const [, count] = /^(\d+)\/\1 log files valid/.exec(seen.logs) ?? [];
        expect(Number(count), 'files of the time without validation are in no digest').toBe(
          logs - 2,
        );
      });

      test('is valid by its bucket after it was deleted', async () => {
        const trail = await loggedTrail(server.endpoint, account(3));
        await hours(trail, 1);
        await trail.client.send(new DeleteTrailCommand({ Name: trail.name }));
        await hours(trail, 1);
        await expectAllValid(trail, await validated(trail, true));
        const unknown = await validated(trail);
        expect(unknown.code).toBe(255);
        expect(unknown.stderr).toContain('A trail could not be found');
      });

      test('is valid with the trail of the same name that was there before', async () => {
        const trail = await loggedTrail(server.endpoint, account(4));
        await hours(trail, 1);
        await trail.client.send(new DeleteTrailCommand({ Name: trail.name }));
        await hours(trail, 1);
        const again = { S3BucketName: trail.bucket, EnableLogFileValidation: true };
        await trail.client.send(new CreateTrailCommand({ Name: trail.name, ...again }));
        await trail.client.send(new StartLoggingCommand({ Name: trail.name }));
        await hours(trail, 1);
        const seen = await validated(trail);
        await expectAllValid(trail, seen);
        expect(seen.stderr).toContain(gap);
      });

      test('is valid when it is encrypted with a KMS key', async () => {
        const KmsKeyId = `arn:aws:kms:us-east-1:${account(5)}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
        const trail = await loggedTrail(server.endpoint, account(5), { KmsKeyId });
        await hours(trail, 1);
        await expectAllValid(trail, await validated(trail));
        const { logs, digests } = await delivered(trail);
        const s3 = s3Of(server.endpoint, trail.account);
        for (const Key of [logs[0], digests[0]]) {
          const head = await s3.send(new HeadObjectCommand({ Bucket: trail.bucket, Key }));
          expect(head).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KmsKeyId });
        }
      });
    });

    test('is valid across a restart and a kill, without a gap', async () => {
      const trail = await loggedTrail(server.endpoint, account(6));
      await hours(trail, 1);
      expect(await server.stop()).toEqual({ code: 0, signal: null });
      server = await startServer({ dataDir });
      await hours(trail, 1);
      await server.kill('SIGKILL');
      server = await startServer({ dataDir });
      await hours(trail, 1);
      const seen = await validated(trail);
      await expectAllValid(trail, seen);
      expect(seen.stderr).not.toContain(gap);
    });

    test('is valid across a change of the signing key', async () => {
      const trail = await loggedTrail(server.endpoint, account(7));
      await hours(trail, 1);
      await devLevers(server.endpoint).advance(40 * 86_400);
      await hours(trail, 1);
      const seen = await validated(trail);
      await expectAllValid(trail, seen);
      const keys = new Set((await digestsOf(trail)).map((one) => one.digestPublicKeyFingerprint));
      expect(keys.size).toBeGreaterThan(1);
      const times = { StartTime: trail.from, EndTime: await devLevers(server.endpoint).now() };
      const { PublicKeyList = [] } = await trail.client.send(new ListPublicKeysCommand(times));
      const listed = PublicKeyList.map((key) => key.Fingerprint);
      expect(listed).toEqual(expect.arrayContaining([...keys]));
    });
  });
}

function hours(trail: LoggedTrail, count: number): Promise<void> {
  return hoursGoBy(server.endpoint, [trail.account], count);
}

async function validation(trail: LoggedTrail, EnableLogFileValidation: boolean): Promise<void> {
  await trail.client.send(new UpdateTrailCommand({ Name: trail.name, EnableLogFileValidation }));
}

async function delivered({ bucket, account }: LoggedTrail) {
  const keys = await bucketContents(server.endpoint, bucket, account).keys();
  const logs = keys.filter((key) => key.includes('/CloudTrail/'));
  const digests = keys.filter((key) => key.includes('/CloudTrail-Digest/'));
  return { logs, digests };
}

async function digestsOf(trail: LoggedTrail) {
  const contents = bucketContents(server.endpoint, trail.bucket, trail.account);
  const { digests } = await delivered(trail);
  const documents = await Promise.all(digests.map((key) => contents.document(key)));
  return documents.map((text) => JSON.parse(text) as { digestPublicKeyFingerprint: string });
}

async function expectAllValid(trail: LoggedTrail, seen: Validation): Promise<void> {
  const { logs, digests } = await delivered(trail);
  expect(logs.length).toBeGreaterThan(0);
  expect(digests.length).toBeGreaterThan(0);
  expect(seen).toMatchObject({
    code: 0,
    invalid: [],
    digests: `${digests.length}/${digests.length} digest files valid`,
    logs: `${logs.length}/${logs.length} log files valid`,
  });
}
