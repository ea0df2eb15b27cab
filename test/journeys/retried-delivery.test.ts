import {
  CreateTrailCommand,
  StartLoggingCommand,
  StopLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { routeTable } from '@trailkeep/core/workflows/route-table.ts';
import { expect, test } from 'vitest';
import { sdkClient } from '../support/sdk-client.ts';
import { startTestEngine } from '../support/start-test-engine.ts';

test('a delivery that is tried again goes by the trails as they stood, not as they are', async () => {
  const engine = await startTestEngine();
  await engine.bucket('logs');
  const client = sdkClient(engine);
  const { store } = engine.ingest;
  const positions: number[] = [];
  const note = async () => void positions.push(await store.position());
  await client.send(new CreateTrailCommand({ Name: 'audit', S3BucketName: 'logs' }));
  await note();
  await client.send(new StartLoggingCommand({ Name: 'audit' }));
  await note();
  await client.send(new StopLoggingCommand({ Name: 'audit' }));
  await note();
  const table = routeTable(store, engine.organizations);
  const routes = async (position: number) => {
    await table.advance(position);
    return (await table.groups('123456789012', 'us-east-1')).length;
  };
  const [created = 0, started = 0, stopped = 0] = positions;
  for (const [position, expected] of [
    [created, 0],
    [started, 1],
    [stopped, 0],
    [started, 1],
    [created, 0],
    [stopped, 0],
  ] as const) {
    expect(await routes(position)).toBe(expected);
  }
});
