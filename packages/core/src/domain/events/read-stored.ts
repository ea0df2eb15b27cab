import { parseEventTime } from './event-time.ts';
import type { RecordFacts, RecordSpan } from './record.ts';
import { factsOf } from './record-facts.ts';
import { threadScanner } from './scanner/record-scanner.ts';

/**
 * The records of a batch that was accepted before, found again from their bytes: `ends` says where
 * each one ends, in order; one comma stands between neighbours.
 */
export function readStoredRecords(bytes: Buffer, ends: Iterable<number>): readonly RecordSpan[] {
  const scanner = threadScanner();
  scanner.begin(bytes);
  const records: RecordSpan[] = [];
  let start = 0;
  for (const end of ends) {
    const scanned = scanner.scan(start);
    const facts = scanned?.end === end ? scanned.facts : plainFacts(bytes, start, end);
    records.push({ start, end, facts });
    start = end + 1;
  }
  return records;
}

function plainFacts(bytes: Buffer, start: number, end: number): RecordFacts {
  const record = JSON.parse(bytes.toString('utf8', start, end)) as Record<string, unknown>;
  const eventTime = parseEventTime(record['eventTime'] as string);
  if (eventTime === undefined) throw new Error('A stored record has no valid eventTime.');
  return factsOf(record, eventTime);
}
