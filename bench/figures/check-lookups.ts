import { numberOfId, readTemplates, timeOf } from '../records.ts';
import type { FilledServer } from './filled-server.ts';
import {
  type AttributeName,
  attributeNames,
  countWith,
  type LookupInput,
  lookupInputs,
  valuesOf,
} from './lookup-inputs.ts';

interface FoundEvent {
  readonly EventId: string;
  readonly EventTime: number;
  readonly EventSource: string;
}

const inputsEach = 8;
const pageMax = 50;

/** Throws unless pages hold what they should: as many as there are, all matching, newest first. */
export async function checkLookups(filled: FilledServer): Promise<void> {
  for (const name of attributeNames) {
    for (const input of lookupInputs(filled, name, inputsEach)) {
      const page = await filled.server.call('LookupEvents', input);
      const wrong = whatIsWrong(filled, name, input, page['Events'] as FoundEvent[]);
      if (wrong) throw new Error(`LookupEvents of ${JSON.stringify(input)}: ${wrong}`);
    }
  }
}

function whatIsWrong(
  filled: FilledServer,
  name: AttributeName,
  { LookupAttributes: [{ AttributeValue: value }], StartTime, EndTime }: LookupInput,
  events: readonly FoundEvent[],
): string | undefined {
  let before = Number.POSITIVE_INFINITY;
  for (const { EventId, EventTime, EventSource } of events) {
    if (EventTime > before) return `${EventId} is newer than the one before it`;
    if (EventTime < StartTime || EventTime > EndTime) return `${EventId} is out of the range`;
    before = EventTime;
    const n = numberOfId(EventId);
    // The benchmark's own calls were recorded too.
    if (n === undefined && EventSource === 'cloudtrail.amazonaws.com') continue;
    if (n === undefined || !matches(filled, n, name, value, EventTime)) {
      return `${EventId} does not match`;
    }
  }
  const all = filled.rounds.reduce((sum, { count }) => sum + count, 0);
  const isWhole = StartTime === filled.start;
  const expected = isWhole ? Math.min(pageMax, countWith(all, name, value)) : 0;
  if (events.length < expected) return `${events.length} found in place of ${expected}`;
  return undefined;
}

const templates = readTemplates();

function matches(
  { rounds }: FilledServer,
  n: number,
  name: AttributeName,
  value: string,
  time: number,
): boolean {
  const round = rounds.find(({ first, count }) => n >= first && n < first + count);
  if (round === undefined || timeOf(n, round) !== time) return false;
  if (name === 'EventId') return numberOfId(value) === n;
  return valuesOf(templates[n % templates.length]!.facts, name).includes(value);
}
