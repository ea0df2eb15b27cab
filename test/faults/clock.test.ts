import { randomUUID } from 'node:crypto';
import { CreateTrailCommand, StartLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { expect, test } from 'vitest';
import { eventTimeOf, managementRecord } from '../support/records.ts';
import { sdkClient } from '../support/sdk-client.ts';
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts';
import {
  eventIDs,
  publicKeysOf,
  sealedFiles,
  type VerifiedBucket,
  verifyBucket,
} from '../support/verify-bucket.ts';
import { type Choices, roundsOf, seededChoices } from './seed.ts';

const jumps = roundsOf('TRAILKEEP_TEST_CLOCK_JUMPS', 200);
const bucket = 'logs';
const regions = ['us-east-1', 'eu-west-1'];
const hour = 3600;
const day = 24 * hour;

/** Seconds; the clock of a machine that was off, set by hand, or corrected a little. */
const kinds: readonly ((choices: Choices) => number)[] = [
  ({ below, chance }) => below(chance(0.2) ? 3 * day : 2 * hour),
  ({ below }) => below(3 * hour),
  () => -hour,
  ({ below }) => -below(90),
  ({ below }) => below(3),
  ({ below }) => below(2000) / 1000,
  ({ below }) => -below(2000) / 1000,
  () => 15 * 60,
  () => 60,
];

test(`digests touch and never overlap through ${jumps} jumps of the clock`, async () => {
  const choices = seededChoices('clock');
  let engine = await startTestEngine({ settings: { regions } });
  await engine.bucket(bucket);
  const client = sdkClient(engine);
  const settings = { S3BucketName: bucket, EnableLogFileValidation: true };
  await client.send(
    new CreateTrailCommand({ Name: 'audit', IsMultiRegionTrail: true, ...settings }),
  );
  await client.send(new StartLoggingCommand({ Name: 'audit' }));
  // What is delivered before the time at which logging was started is not of its digests.
  engine.clock.advance(10 * hour);
  await engine.background.flush({ digests: true });
  const sent: string[] = [];
  const failures: unknown[] = [];
  for (let jump = 0; jump < jumps; jump += 1) {
    const refusal = engine.clock.advance(choices.oneOf(kinds)(choices));
    expect(refusal).toBeUndefined();
    if (choices.chance(0.6)) sent.push(await accept(engine, choices.oneOf(regions)));
    if (choices.chance(0.6)) await engine.background.flush({ digests: choices.chance(0.7) });
    if (choices.chance(0.1)) {
      failures.push(...engine.failures);
      engine = await engine.reopen();
    }
  }
  // Time comes to where the clock was at its furthest, and everything is sealed.
  engine.clock.advance(4 * day);
  await engine.background.flush({ digests: true });
  expect([...failures, ...engine.failures]).toEqual([]);
  const verified = await verifyBucket(engine.buckets, bucket, publicKeysOf(engine));
  expect(verified.flaws).toEqual([]);
  const arrived = eventIDs(verified.logFiles).filter((id) => sent.includes(id));
  expect(arrived.sort()).toEqual(sent.sort());
  const sealed = [...sealedFiles(verified.chains.values())].sort();
  expect(sealed).toEqual(verified.logFiles.map(({ key }) => key).sort());
  expect(gapsIn(verified)).toEqual([]);
  expect(needlessIn(verified), 'digests of a moment and of nothing').toEqual([]);
  const digests = [...verified.chains.values()].map((chain) => chain.length);
  const figures = { jumps, records: sent.length, logFiles: verified.logFiles.length, digests };
  process.stdout.write(`clock: ${JSON.stringify(figures)}\n`);
});

async function accept(engine: TestEngine, awsRegion: string): Promise<string> {
  const eventID = randomUUID();
  const eventTime = eventTimeOf(engine.clock.now());
  await engine.accept(managementRecord({ eventID, awsRegion, eventTime }));
  return eventID;
}

/** The trail was never stopped: each digest begins where the one before it ended. */
function gapsIn({ chains }: VerifiedBucket): readonly string[] {
  return [...chains.values()].flatMap((chain) =>
    chain.flatMap(({ key, document }, index) => {
      const before = chain[index - 1]?.document.digestEndTime ?? document.digestStartTime;
      return document.digestStartTime === before ? [] : [`${key} does not begin at ${before}`];
    }),
  );
}

function needlessIn({ chains }: VerifiedBucket): readonly string[] {
  return [...chains.values()].flatMap((chain) =>
    chain.flatMap(({ key, document }) => {
      const lasts = Date.parse(document.digestEndTime) - Date.parse(document.digestStartTime);
      return lasts <= 1000 && document.logFiles.length === 0 ? [key] : [];
    }),
  );
}
