import { randomUUID } from 'node:crypto';
import { CreateTrailCommand, StartLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { expect, test } from 'vitest';
import { sdkClient } from '../support/sdk-client.ts';
import { startTestEngine } from '../support/start-test-engine.ts';

test('a flush ends, and delivers all that came before it, while records keep coming', async () => {
  const engine = await startTestEngine();
  await engine.bucket('logs');
  const client = sdkClient(engine);
  await client.send(new CreateTrailCommand({ Name: 'audit', S3BucketName: 'logs' }));
  await client.send(new StartLoggingCommand({ Name: 'audit' }));
  let flushed = false;
  let batches = 0;
  const coming = (async () => {
    while (!flushed && batches < batchesMax) {
      await engine.accept(record());
      batches += 1;
    }
  })();
  const { logFiles } = await engine.background.flush({ digests: false });
  flushed = true;
  await coming;
  expect(logFiles).toBe(1);
  expect(batches).toBeLessThan(batchesMax);
});

/** Many times what comes in during one delivery. */
const batchesMax = 1000;

function record() {
  return {
    eventID: randomUUID(),
    eventTime: '2026-03-04T05:06:07Z',
    eventName: 'RunInstances',
    eventSource: 'ec2.amazonaws.com',
    awsRegion: 'us-east-1',
    recipientAccountId: '123456789012',
  };
}
