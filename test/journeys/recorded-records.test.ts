import { CreateTrailCommand, StartLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { recordedRecords } from '@trailkeep/core/domain/events/recorded.fixture.ts';
import { expect, test } from 'vitest';
import { managementRecord } from '../support/records.ts';
import { sdkClient } from '../support/sdk-client.ts';
import { startTestEngine } from '../support/start-test-engine.ts';
import { eventIDs, publicKeysOf, sealedFiles, verifyBucket } from '../support/verify-bucket.ts';

/** One of them is a template without an eventID, by which no record can be found again. */
const recorded = recordedRecords().filter((line) => line.includes('"eventID"'));
/** A month after the newest of the recorded records. */
const now = Date.UTC(2024, 11, 15, 10);
const account = '123456789012';

interface Recorded {
  readonly eventID: string;
  readonly recipientAccountId?: string;
  readonly awsRegion: string;
  readonly eventSource: string;
}

const facts = recorded.map((line) => {
  const { recipientAccountId = account, ...record } = JSON.parse(line) as Recorded;
  return { ...record, recipientAccountId };
});

/** Three trails: of one Region and account, of every Region, and of an organization of them all. */
async function startWithTrails() {
  const accounts = [...new Set(facts.map((record) => record.recipientAccountId))];
  const organization = {
    id: 'o-exampleorg1',
    managementAccountId: account,
    accounts: accounts.map((id) => ({ id })),
  };
  const engine = await startTestEngine({ now, settings: { organization, regions: ['us-east-1'] } });
  const client = sdkClient(engine);
  for (const [Name, more] of [
    ['one-region', { EnableLogFileValidation: true }],
    [
      'every-region',
      { EnableLogFileValidation: true, IsMultiRegionTrail: true, S3KeyPrefix: 'every' },
    ],
    ['organization', { IsMultiRegionTrail: true, IsOrganizationTrail: true }],
  ] as const) {
    await engine.bucket(`logs-${Name}`);
    const trail = { Name, S3BucketName: `logs-${Name}`, ...more };
    await client.send(new CreateTrailCommand(trail));
    await client.send(new StartLoggingCommand({ Name }));
  }
  return engine;
}

test.runIf(recorded.length > 0)(
  'thousands of real records reach each trail that wants them, once, in sound files and digests',
  async () => {
    const engine = await startWithTrails();
    const third = Math.ceil(recorded.length / 3);
    for (let hour = 0; hour < 3; hour += 1) {
      await engine.accept(...recorded.slice(hour * third, (hour + 1) * third));
      await engine.background.flush({ digests: false });
      engine.clock.advance(3600);
      await engine.background.flush({ digests: false });
    }
    const wanted: Readonly<Record<string, (record: (typeof facts)[number]) => boolean>> = {
      'one-region': (one) => one.recipientAccountId === account && one.awsRegion === 'us-east-1',
      'every-region': (one) => one.recipientAccountId === account,
      organization: () => true,
    };
    for (const [name, wants] of Object.entries(wanted)) {
      const bucket = `logs-${name}`;
      const verified = await verifyBucket(engine.buckets, bucket, publicKeysOf(engine));
      expect(verified.flaws).toEqual([]);
      const known = new Set(facts.map((record) => record.eventID));
      const ids = eventIDs(verified.logFiles).filter((id) => known.has(id));
      expect([...ids].sort()).toEqual(
        facts
          .filter(wants)
          .map((one) => one.eventID)
          .sort(),
      );
      // The organization's records are of forty Regions, each of which would need a key pair.
      if (name === 'organization') continue;
      const sealed = [...sealedFiles(verified.chains.values())].sort();
      expect(sealed).toEqual(verified.logFiles.map((file) => file.key).sort());
    }
    expect(engine.failures).toEqual([]);
  },
);

test.runIf(recorded.length > 0)('records that are sent again are delivered once', async () => {
  const engine = await startWithTrails();
  const sample = recorded.slice(0, 200);
  await engine.accept(...sample);
  await engine.background.flush({ digests: false });
  expect(
    await engine.accept(...sample, managementRecord({ eventTime: '2024-12-15T10:00:00Z' })),
  ).toBe(1);
  await engine.background.flush({ digests: false });
  const { logFiles } = await verifyBucket(
    engine.buckets,
    'logs-organization',
    publicKeysOf(engine),
  );
  const ids = eventIDs(logFiles);
  expect(new Set(ids).size).toBe(ids.length);
});
