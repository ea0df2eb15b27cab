import { parseEventTime } from './event-time.ts';
import type { RecordFacts } from './record.ts';
import { factsOf } from './record-facts.ts';

/** The facts of a record that was accepted before: `bytes[start, end)` is as it was stored. */
export function readStoredFacts(bytes: Buffer, start: number, end: number): RecordFacts {
  const record = JSON.parse(bytes.toString('utf8', start, end)) as Record<string, unknown>;
  const eventTime = parseEventTime(record['eventTime'] as string);
  if (eventTime === undefined) throw new Error('A stored record has no valid eventTime.');
  return factsOf(record, eventTime);
}
