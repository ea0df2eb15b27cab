import { execFileSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import {
  type Event,
  type LookupAttributeKey,
  LookupEventsCommand,
} from '@aws-sdk/client-cloudtrail';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { awsCli } from '../clients/aws-cli.ts';
import { validateLogs } from '../clients/validate-logs.ts';
import { account, clientsOf, homeRegion } from './endpoint.ts';
import { accountFor, nothingWrong, type Sender } from './sent-records.ts';

type Accounted = Pick<Sender, 'sent' | 'acknowledged'>;

/** Every acknowledged record is in one log file of the bucket; none is in two, or twice in one. */
export async function expectDelivered(
  endpoint: string,
  expected: { bucket: string; from: Accounted },
): Promise<{ logFiles: number; records: number }> {
  const files = await logFilesOf(endpoint, expected.bucket);
  const ids = files.flatMap(({ records }) => records.map(({ eventID }) => eventID));
  expect(accountFor(expected.from, ids), 'records in log files').toEqual(nothingWrong);
  return { logFiles: files.length, records: ids.length };
}

export interface LogFile {
  readonly key: string;
  readonly records: readonly { readonly eventID: string; readonly awsRegion: string }[];
}

/** The bucket's log files, digests aside. */
export async function logFilesOf(endpoint: string, bucket: string): Promise<readonly LogFile[]> {
  const { s3 } = clientsOf(endpoint);
  const keys = (await keysOf(endpoint, bucket)).filter((key) => key.includes('/CloudTrail/'));
  const files: LogFile[] = [];
  for (const key of keys) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const text = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString();
    files.push({ key, records: (JSON.parse(text) as { Records: LogFile['records'] }).Records });
  }
  return files;
}

export async function keysOf(endpoint: string, Bucket: string): Promise<readonly string[]> {
  const { s3 } = clientsOf(endpoint);
  const keys: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
    keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return keys;
}

/** Every acknowledged record is found by LookupEvents, once. */
export async function expectInHistory(
  endpoint: string,
  expected: { eventName: string; regions: readonly string[]; from: Accounted },
): Promise<void> {
  const attribute = { key: 'EventName' as const, value: expected.eventName };
  const ids: string[] = [];
  for (const region of expected.regions) {
    ids.push(...(await lookUp(endpoint, region, attribute)).map(({ EventId = '' }) => EventId));
  }
  expect(accountFor(expected.from, ids), 'records in the history').toEqual(nothingWrong);
}

/** All pages of LookupEvents. */
export async function lookUp(
  endpoint: string,
  region: string,
  { key, value }: { key: LookupAttributeKey; value: string },
  caller: string = account,
): Promise<readonly Event[]> {
  const { trails } = clientsOf(endpoint, { account: caller, region });
  const LookupAttributes = [{ AttributeKey: key, AttributeValue: value }];
  const found: Event[] = [];
  let NextToken: string | undefined;
  do {
    const page = await trails.send(new LookupEventsCommand({ LookupAttributes, NextToken }));
    found.push(...(page.Events ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

/**
 * `aws cloudtrail validate-logs` finds nothing invalid and as many log files as were delivered;
 * says so and answers undefined where there is no aws-cli.
 */
export async function expectValidByAwsCli(
  endpoint: string,
  chains: { trail: string; regions: readonly string[]; from: Date; to: Date },
): Promise<{ digests: number; logFiles: number } | undefined> {
  const aws = awsOnPath();
  if (aws === undefined) return undefined;
  const arn = `arn:aws:cloudtrail:${homeRegion}:${account}:trail/${chains.trail}`;
  const { from, to } = chains;
  let digests = 0;
  let logFiles = 0;
  for (const region of chains.regions) {
    const run = await validateLogs(awsCli(aws, endpoint), { arn, from, to, region });
    expect(run, `validate-logs in ${region}`).toMatchObject({ code: 0, invalid: [] });
    digests += run.valid.filter((address) => address.includes('/CloudTrail-Digest/')).length;
    logFiles += run.valid.filter((address) => address.includes('/CloudTrail/')).length;
  }
  return { digests, logFiles };
}

function awsOnPath(): string | undefined {
  try {
    execFileSync('aws', ['--version'], { stdio: 'pipe' });
    return 'aws';
  } catch (error) {
    process.stderr.write(`*** validate-logs DID NOT RUN: ${(error as Error).message}\n`);
    return undefined;
  }
}
