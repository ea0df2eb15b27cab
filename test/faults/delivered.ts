import { execFileSync } from 'node:child_process';
import {
  type Event,
  ListPublicKeysCommand,
  type LookupAttributeKey,
  LookupEventsCommand,
} from '@aws-sdk/client-cloudtrail';
import { s3ObjectStore } from '@trailkeep/core/adapters/aws/s3-object-store.ts';
import { expect } from 'vitest';
import { awsCli } from '../clients/aws-cli.ts';
import { validateLogs } from '../clients/validate-logs.ts';
import {
  keysOf as allKeysOf,
  eventIDs,
  sealedFiles,
  verifyBucket,
} from '../support/verify-bucket.ts';
import type { PublicKeys } from '../support/verify-digests.ts';
import { account, clientsOf, homeRegion } from './endpoint.ts';
import { accountFor, nothingWrong, type Sender } from './sent-records.ts';

type Accounted = Pick<Sender, 'sent' | 'acknowledged'>;

export interface Delivered {
  readonly bucket: string;
  readonly from: Accounted;
  /** Where the bucket is, if not at the endpoint of the trail. */
  readonly s3Endpoint?: string;
}

/**
 * Every acknowledged record is in one log file of the bucket, none is in two or twice in one; the
 * digests are whole, and each log file is in one of them.
 */
export async function expectDelivered(
  endpoint: string,
  { bucket, from, s3Endpoint = endpoint }: Delivered,
): Promise<{ logFiles: number; digests: number; records: number }> {
  const credentials = { accessKeyId: account, secretAccessKey: 'any' };
  const s3 = s3ObjectStore({ endpoint: s3Endpoint, region: homeRegion, credentials });
  const { flaws, logFiles, chains } = await verifyBucket(s3, bucket, publicKeysAt(endpoint));
  s3.close();
  const ids = eventIDs(logFiles);
  expect(accountFor(from, ids), 'records in log files').toEqual(nothingWrong);
  expect(flaws, 'flaws of log files and digests').toEqual([]);
  const sealed = [...sealedFiles(chains.values())].sort();
  expect(sealed, 'each log file is in one digest').toEqual(logFiles.map(({ key }) => key).sort());
  const digests = [...chains.values()].reduce((sum, chain) => sum + chain.length, 0);
  return { logFiles: logFiles.length, digests, records: ids.length };
}

/** Every key of a bucket at the endpoint. */
export async function keysOf(endpoint: string, bucket: string): Promise<readonly string[]> {
  const credentials = { accessKeyId: account, secretAccessKey: 'any' };
  const s3 = s3ObjectStore({ endpoint, region: homeRegion, credentials });
  const keys = await allKeysOf(s3, bucket);
  s3.close();
  return keys;
}

function publicKeysAt(endpoint: string): PublicKeys {
  return async (region, StartTime, EndTime) => {
    const { trails } = clientsOf(endpoint, { region });
    const command = new ListPublicKeysCommand({ StartTime, EndTime });
    const { PublicKeyList = [] } = await trails.send(command);
    return new Map(PublicKeyList.map((key) => [key.Fingerprint!, Buffer.from(key.Value!)]));
  };
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
