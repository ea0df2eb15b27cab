import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { expect, test } from 'vitest';
import { managementRecord } from '../support/records.ts';
import { sdkClient } from '../support/sdk-client.ts';
import { startTestEngine } from '../support/start-test-engine.ts';

/** More than a segment of the journal holds, so that one can be given back. */
const batches = 9;
const batchRecords = 80;
const padding = 'x'.repeat(95_000);

test('records are found after a restart that no segment of the history holds yet', async () => {
  let engine = await startTestEngine();
  const first = managementRecord({ eventName: 'First' });
  await engine.accept(first);
  for (let batch = 0; batch < batches; batch += 1) {
    const records = Array.from({ length: batchRecords }, () =>
      managementRecord({ requestParameters: { padding } }),
    );
    await engine.accept(...records);
  }
  await engine.background.flush({ digests: false });
  await engine.accept(managementRecord());
  await engine.background.flush({ digests: false });
  engine = await engine.reopen();
  const attribute = { AttributeKey: 'EventName' as const, AttributeValue: 'First' };
  const found = await sdkClient(engine).send(
    new LookupEventsCommand({ LookupAttributes: [attribute] }),
  );
  expect(found.Events?.map(({ EventId }) => EventId)).toEqual([first['eventID']]);
});
