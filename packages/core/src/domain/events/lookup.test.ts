import { expect, test } from 'vitest';
import { checkLookup, type Lookup, lookupAttributeKeys } from './lookup.ts';
import { lookupRate } from './lookup-rate.ts';

const attribute = (AttributeKey: string, AttributeValue: string): Lookup => ({
  LookupAttributes: [{ AttributeKey, AttributeValue }],
});
const hour = (hours: number) => new Date(Date.UTC(2026, 0, 1, hours));

test.each<Lookup>([
  {},
  { LookupAttributes: [] },
  { MaxResults: 1 },
  { MaxResults: 50 },
  { StartTime: hour(1), EndTime: hour(1) },
  { EventCategory: 'insight' },
  { ...attribute('EventName', 'RunInstances'), EventCategory: 'insight' },
  attribute('EventName', 'a'.repeat(2000)),
  attribute('Username', '_'.repeat(1000)),
  ...lookupAttributeKeys.map((key) => attribute(key, 'value')),
])('%j can be looked up', (lookup) => {
  expect(checkLookup(lookup)).toBeUndefined();
});

const two = [
  { AttributeKey: 'EventName', AttributeValue: 'a' },
  { AttributeKey: 'EventName', AttributeValue: 'b' },
];

test.each<[Lookup, string]>([
  [{ LookupAttributes: two }, 'InvalidLookupAttributesException'],
  [attribute('AwsRegion', 'us-east-1'), 'InvalidLookupAttributesException'],
  [attribute('EventName', ''), 'InvalidLookupAttributesException'],
  [attribute('EventName', 'a'.repeat(2001)), 'InvalidLookupAttributesException'],
  [attribute('EventName', '_'.repeat(1001)), 'InvalidLookupAttributesException'],
  [attribute('EventName', ' ,\n'.repeat(334)), 'InvalidLookupAttributesException'],
  [{ ...attribute('Username', 'a'), EventCategory: 'insight' }, 'InvalidLookupAttributesException'],
  [{ MaxResults: 0 }, 'InvalidMaxResultsException'],
  [{ MaxResults: 51 }, 'InvalidMaxResultsException'],
  [{ MaxResults: 1.5 }, 'InvalidMaxResultsException'],
  [{ StartTime: hour(2), EndTime: hour(1) }, 'InvalidTimeRangeException'],
  [{ EventCategory: 'management' }, 'InvalidEventCategoryException'],
  [{ EventCategory: 'Insight' }, 'InvalidEventCategoryException'],
])('%j is refused with %s', (lookup, code) => {
  expect(checkLookup(lookup)?.refused).toBe(code);
});

test('two lookups a second are let through for each caller', () => {
  const rate = lookupRate();
  const answers = [0, 1, 2, 999, 1000, 1001, 1002].map((now) => rate.take('one', now));
  expect(answers).toEqual([true, true, false, false, true, true, false]);
  expect(rate.take('another', 2)).toBe(true);
});
