import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { program, type StartedServer, startServer } from '../support/start-server.ts';
import { type AwsCli, awsCli, json } from './aws-cli.ts';
import { bucketContents } from './bucket-contents.ts';
import { awsNames, describeWith, describeWithAnyAws } from './describe-with.ts';
import { type DevLevers, devLevers } from './dev-levers.ts';
import { readRecorded, recordedDataMissing, recordedFile, recordedSets } from './recorded-data.ts';
import { validateLogs } from './validate-logs.ts';

const account = '123456789012';
const organizationId = 'o-exampleorgid';
const victim = '123837392027';
const odd = { account: '056392974792', region: 'sagov-westsouth-1r' };
const hour = 3600;

const trails = [
  { name: 'one-region', bucket: 'one-region-logs', options: '' },
  { name: 'prefixed', bucket: 'prefixed-logs', options: '--s3-key-prefix audit/cloud' },
  { name: 'everywhere', bucket: 'everywhere-logs', options: '--is-multi-region-trail' },
  {
    name: 'organization',
    bucket: 'organization-logs',
    options: '--is-multi-region-trail --is-organization-trail',
  },
] as const;
type TrailName = (typeof trails)[number]['name'];

let server: StartedServer;
let levers: DevLevers;
let from: Date;
let to: Date;
const arns = new Map<TrailName, string>();

if (recordedDataMissing) {
  process.stderr.write(`*** validate-logs of recorded data DID NOT RUN: ${recordedDataMissing}\n`);
}

describe.skipIf(recordedDataMissing)('recorded data, delivered over three hours', () => {
  beforeAll(async () => {
    server = await startServer({ config: config() });
    levers = devLevers(server.endpoint);
    from = new Date((await levers.now()).getTime() - 60_000);
  });
  afterAll(() => server?.stop());

  describeWithAnyAws('set up by aws-cli alone', (tool) => {
    beforeAll(async () => {
      const aws = awsCli(tool.path, server.endpoint);
      for (const trail of trails) arns.set(trail.name, await madeTrail(aws, trail));
      for (const name of recordedSets) {
        await replay(recordedFile(name));
        await levers.flush(true);
        await levers.advance(hour);
      }
      await levers.flush(true);
      to = await levers.now();
    });

    validates();

    test('every management record of the member account is in the log files once', async () => {
      const delivered = await bucketContents(server.endpoint, 'organization-logs').records(
        `AWSLogs/${organizationId}/${victim}/`,
      );
      const expected = readRecorded('invictus-ir_aws_dataset').filter(isManagement);
      const ids = delivered.map((record) => record.eventID).sort();
      expect(ids).toEqual([...new Set(expected.map((record) => record.eventID))].sort());
    });
  });
});

/** Each version of aws-cli judges the same buckets. */
function validates(): void {
  for (const name of awsNames) {
    describeWith(name, 'validate-logs', (tool) => {
      const validate = async (trail: TrailName, where: Partial<typeof odd> = {}) => {
        const aws = awsCli(tool.path, server.endpoint);
        const arn = arns.get(trail)!;
        const seen = await validateLogs(aws, { arn, from, to, ...where });
        expect(seen.invalid, seen.stderr).toEqual([]);
        expect(seen.code, seen.stderr).toBe(0);
        return seen;
      };
      const counted = async (trail: TrailName, prefix: string, region: string) => {
        const contents = bucketContents(server.endpoint, `${trail}-logs`);
        const digests = await contents.keys(`${prefix}/CloudTrail-Digest/${region}/`);
        const logs = await contents.keys(`${prefix}/CloudTrail/${region}/`);
        expect(digests.length).toBeGreaterThanOrEqual(3);
        return {
          digests: `${digests.length}/${digests.length} digest files valid`,
          logs: `${logs.length}/${logs.length} log files valid`,
          valid: expect.arrayContaining(logs.map((key) => `s3://${trail}-logs/${key}`)),
        };
      };

      test('finds every file of a trail of one Region valid', async () => {
        const expected = await counted('one-region', `AWSLogs/${account}`, 'us-east-1');
        expect(await validate('one-region')).toMatchObject(expected);
      });

      test('finds every file of a trail with a prefix valid', async () => {
        const expected = await counted('prefixed', `audit/cloud/AWSLogs/${account}`, 'us-east-1');
        expect(await validate('prefixed')).toMatchObject(expected);
      });

      test('finds every file of a multi-Region trail valid in its home Region', async () => {
        const expected = await counted('everywhere', `AWSLogs/${account}`, 'us-east-1');
        expect(await validate('everywhere')).toMatchObject(expected);
      });

      test('finds the digests of a quiet Region of a multi-Region trail valid', async () => {
        const region = 'eu-central-1';
        const seen = await validate('everywhere', { region });
        const contents = bucketContents(server.endpoint, 'everywhere-logs');
        const { length } = await contents.keys(`AWSLogs/${account}/CloudTrail-Digest/${region}/`);
        expect(length).toBeGreaterThanOrEqual(3);
        expect(seen.digests).toBe(`${length}/${length} digest files valid`);
      });

      test('finds every file of a member account of an organization trail valid', async () => {
        const prefix = `AWSLogs/${organizationId}/${victim}`;
        const expected = await counted('organization', prefix, 'us-east-1');
        expect(await validate('organization', { account: victim })).toMatchObject(expected);
      });

      test('finds every file of a member account in a Region that no one knows valid', async () => {
        const prefix = `AWSLogs/${organizationId}/${odd.account}`;
        const expected = await counted('organization', prefix, odd.region);
        expect(expected.logs).not.toMatch(/^0/);
        expect(await validate('organization', odd)).toMatchObject(expected);
      });
    });
  }
}

async function madeTrail(aws: AwsCli, trail: (typeof trails)[number]): Promise<string> {
  const { name, bucket, options } = trail;
  expect(await aws(`s3 mb s3://${bucket}`)).toMatchObject({
    code: 0,
    stdout: `make_bucket: ${bucket}\n`,
  });
  const made = `--name ${name} --s3-bucket-name ${bucket} --enable-log-file-validation`;
  const { TrailARN } = await json<{ TrailARN: string }>(
    aws(`cloudtrail create-trail ${made} ${options}`),
  );
  expect(await aws(`cloudtrail start-logging --name ${name}`)).toMatchObject({ code: 0 });
  return TrailARN;
}

async function replay(file: string): Promise<void> {
  const args = [program(), 'replay', file, '--endpoint', server.endpoint, '--quiet', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(JSON.parse(stdout)).toMatchObject({ rejected: 0, unreadable: [] });
}

/** Few accounts and Regions, as each of them gets a digest an hour. */
function config() {
  const accounts = [{ id: victim }, { id: odd.account }];
  return {
    organization: { id: organizationId, managementAccountId: account, accounts },
    regions: ['us-east-1', 'eu-central-1'],
  };
}

function isManagement(record: { managementEvent?: boolean; eventCategory?: string }): boolean {
  return record.managementEvent !== false && record.eventCategory !== 'Data';
}
