import { StartLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { expect } from 'vitest';
import type { TestEngine } from './start-test-engine.ts';
import { startWithTrail } from './start-with-trail.ts';
import { eventIDs, publicKeysOf, verifyBucket } from './verify-bucket.ts';

export const hourSeconds = 3600;
type Start = Parameters<typeof startWithTrail>[0];

/** The trail `audit` that logs and validates, in a service of two Regions. */
export async function startLogging(trail: Start = {}, settings = {}) {
  const { engine, client, elsewhere } = await startWithTrail(
    { EnableLogFileValidation: true, ...trail },
    { settings: { regions: ['us-east-1', 'eu-west-1'], ...settings } },
  );
  await client.send(new StartLoggingCommand({ Name: 'audit' }));
  return { engine, client, elsewhere };
}

/** What lies in the bucket, sound; `ids` without the records of our own calls. */
export async function read(engine: TestEngine, bucket = 'logs') {
  const verified = await verifyBucket(engine.buckets, bucket, publicKeysOf(engine));
  expect(verified.flaws).toEqual([]);
  const ours = new Set(
    verified.logFiles.flatMap(({ records }) =>
      records
        .filter((one) => one.eventSource === 'cloudtrail.amazonaws.com')
        .map((one) => one.eventID),
    ),
  );
  const ids = eventIDs(verified.logFiles).filter((id) => !ours.has(id));
  return { ...verified, ids, allIds: eventIDs(verified.logFiles) };
}

export const flush = (engine: TestEngine, digests = true) => engine.background.flush({ digests });
export const idOf = (record: Record<string, unknown>) => record['eventID'] as string;
/** Prefix, organization, account, Region, trail and home Region, as the verifier names chains. */
export const chainName = (region: string) => `  123456789012 ${region} audit us-east-1`;

/** Digests as [start, end, first of a chain], for one Region. */
export function times(
  chains: ReadonlyMap<string, readonly { document: Times }[]>,
  region = 'us-east-1',
) {
  return (chains.get(chainName(region)) ?? []).map(({ document }) => [
    document.digestStartTime.slice(11, 19),
    document.digestEndTime.slice(11, 19),
    document.previousDigestSignature === null ? 'begins' : 'follows',
  ]);
}

interface Times {
  readonly digestStartTime: string;
  readonly digestEndTime: string;
  readonly previousDigestSignature: string | null;
}
