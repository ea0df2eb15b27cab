import { CreateTrailCommand, StartLoggingCommand } from '@aws-sdk/client-cloudtrail';
import type { DeliveryEvent } from '@trailkeep/core/domain/delivery/delivery.ts';
import { streamsOf } from '@trailkeep/core/streams/streams.ts';
import { deliverWindow } from '@trailkeep/core/workflows/deliver-log-files.ts';
import { redeliverLogFiles } from '@trailkeep/core/workflows/redeliver-log-files.ts';
import { routeTable } from '@trailkeep/core/workflows/route-table.ts';
import { expect, test } from 'vitest';
import { managementRecord } from '../support/records.ts';
import { sdkClient } from '../support/sdk-client.ts';
import { startTestEngine, type TestEngine, testStart } from '../support/start-test-engine.ts';

const bucket = 'logs';
const minute = 60_000;
const day = 24 * 60 * minute;
const denied = JSON.stringify({
  Statement: [{ Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: '*' }],
});

test('a refusing bucket is tried ever less often, once an hour at least, for 30 days', async () => {
  const engine = await startTestEngine();
  await engine.bucket(bucket);
  const client = sdkClient(engine);
  await client.send(new CreateTrailCommand({ Name: 'audit', S3BucketName: bucket }));
  await client.send(new StartLoggingCommand({ Name: 'audit' }));
  await engine.buckets.set(bucket, 'policy', denied);
  await engine.accept(managementRecord());
  const { journal, store } = engine.ingest;
  const { organizations, buckets: objects } = engine;
  const streams = streamsOf(store);
  const table = routeTable(store, organizations);
  const [shard = ''] = await journal.shards();
  // The engine's own clock stands still, so that nothing but this test delivers.
  expect(await deliverWindow({ streams, journal, objects, table }, shard, testStart)).toMatchObject(
    {
      files: 0,
      refusals: ['AccessDenied'],
    },
  );
  const ports = { streams, journal, objects, organizations };
  let owing = 1;
  let now = testStart;
  for (; owing > 0 && now < testStart + 31 * day; now += minute) {
    owing = await redeliverLogFiles(ports, shard, now);
  }
  const events = await eventsOf(engine);
  const tries = events.filter(({ type }) => type === 'RedeliveryRefused');
  const minutes = tries.map(({ at }) => (at - testStart) / minute);
  expect(minutes.slice(0, 9)).toEqual([1, 3, 7, 15, 31, 63, 123, 183, 243]);
  const waits = minutes.slice(8).map((at, index) => at - minutes[index + 7]!);
  expect(new Set(waits)).toEqual(new Set([60]));
  expect(tries.length).toBeGreaterThan(700);
  const end = events.at(-1);
  expect(end?.type).toBe('LogFilesAbandoned');
  expect((end!.at - testStart) / day).toBeCloseTo(30, 0);
  expect((end!.at - testStart) / day).toBeGreaterThan(30);
  process.stdout.write(`backoff: ${tries.length} tries in 30 days\n`);
});

async function eventsOf(engine: TestEngine): Promise<readonly DeliveryEvent[]> {
  const page = await engine.ingest.store.since('delivery', 0, 1000);
  return page.map(({ event }) => event as DeliveryEvent);
}
