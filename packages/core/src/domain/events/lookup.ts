import { type Refusal, refuse } from '../refusal.ts';

export const historyDays = 90;
export const lookupPageMax = 50;

export const lookupAttributeKeys = [
  'EventId',
  'EventName',
  'ReadOnly',
  'Username',
  'ResourceType',
  'ResourceName',
  'EventSource',
  'AccessKeyId',
] as const;

const insightAttributeKeys = ['EventId', 'EventName', 'EventSource'];
const valueLengthMax = 2000;

export interface Lookup {
  readonly LookupAttributes?: readonly { AttributeKey?: string; AttributeValue?: string }[];
  readonly StartTime?: Date;
  readonly EndTime?: Date;
  readonly EventCategory?: string;
  readonly MaxResults?: number;
}

type LookupCode =
  | 'InvalidLookupAttributesException'
  | 'InvalidTimeRangeException'
  | 'InvalidMaxResultsException'
  | 'InvalidEventCategoryException';

/** API reference, LookupEvents; constraints on its members. */
export function checkLookup(lookup: Lookup): Refusal<LookupCode> | undefined {
  const { StartTime, EndTime, MaxResults, EventCategory } = lookup;
  if (EventCategory !== undefined && EventCategory !== 'insight') {
    return refuse(
      'InvalidEventCategoryException',
      `The event category ${EventCategory.slice(0, 40)} is not valid. The only valid category is insight.`,
    );
  }
  if (MaxResults !== undefined && !(Number.isInteger(MaxResults) && inPage(MaxResults))) {
    return refuse(
      'InvalidMaxResultsException',
      `The maximum number of results must be from 1 to ${lookupPageMax}.`,
    );
  }
  if (StartTime && EndTime && StartTime.getTime() > EndTime.getTime()) {
    return refuse('InvalidTimeRangeException', 'The start time must not be after the end time.');
  }
  return checkAttributes(lookup);
}

function inPage(results: number): boolean {
  return results >= 1 && results <= lookupPageMax;
}

function checkAttributes({ LookupAttributes: list = [], EventCategory }: Lookup) {
  const invalid = (sentence: string) => refuse('InvalidLookupAttributesException', sentence);
  if (list.length > 1) {
    return invalid(`LookupEvents takes one lookup attribute; ${list.length} were given.`);
  }
  const [attribute] = list;
  if (!attribute) return undefined;
  const { AttributeKey: key = '', AttributeValue: value = '' } = attribute;
  const keys = EventCategory === 'insight' ? insightAttributeKeys : lookupAttributeKeys;
  if (!(keys as readonly string[]).includes(key)) {
    return invalid(
      `The attribute key ${key.slice(0, 40)} is not valid. Use one of: ${keys.join(', ')}.`,
    );
  }
  if (value.length === 0 || weightedLength(value) > valueLengthMax) {
    return invalid(
      `The attribute value is not valid: it must have 1 to ${valueLengthMax} characters, of which underscores, spaces, commas and line breaks count double.`,
    );
  }
  return undefined;
}

function weightedLength(value: string): number {
  return value.length + (value.match(/[_ ,\n]/g)?.length ?? 0);
}
