import { type ReadRecords, readRecords } from '../../../domain/events/read-records.ts';
import type { JournalBatch } from '../../../ports/journal.ts';
import { segmentJournal } from './segment-journal.ts';

/**
 * A process to be killed: appends for ever, several batches at a time, one id of each in a second
 * batch too, and prints a line of JSON for every pair of batches once both are durable.
 */
const [folder, prefix] = process.argv.slice(2) as [string, string];
const journal = await segmentJournal(folder, { segmentBytes: 100_000 });
let count = 0;

async function write(): Promise<void> {
  for (;;) {
    const ids = Array.from({ length: 5 }, () => `${prefix}-${count++}`);
    const more = [ids[2]!, `${prefix}-${count++}`];
    // Of one moment: a record whose time differs is another record, and no duplicate.
    const now = Date.now();
    const outcomes = await Promise.all([
      journal.append(batchOf(ids, now)),
      journal.append(batchOf(more, now)),
    ]);
    process.stdout.write(`${JSON.stringify({ ids: [...ids, ...more], outcomes })}\n`);
  }
}

function batchOf(ids: readonly string[], now: number): JournalBatch {
  const eventTime = new Date(now).toISOString();
  const eventSource = 's3.amazonaws.com';
  const records = ids.map((eventID) => ({
    eventID,
    eventTime,
    eventSource,
    eventName: 'PutObject',
    awsRegion: 'eu-central-1',
  }));
  const account = '111122223333';
  const context = {
    now,
    newEventID: () => '',
    mayWriteFor: () => true,
    defaultAccount: account,
  };
  const read = readRecords(Buffer.from(JSON.stringify(records)), context) as ReadRecords;
  return { ...read.batch, statePosition: 0, acceptedAt: now };
}

await Promise.all(Array.from({ length: 8 }, write));
