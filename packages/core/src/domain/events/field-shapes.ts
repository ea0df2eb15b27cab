import type { EventCategory } from './record.ts';

export const eventCategories: readonly EventCategory[] = [
  'Management',
  'Data',
  'NetworkActivity',
  'Insight',
];

/** What the texts that we rely on must look like. */
export const shapes = {
  eventID: /^[\x21-\x7e]{1,128}$/,
  eventVersion: /^\d{1,3}\.\d{1,3}$/,
  account: /^\d{12}$/,
  /** Not a list: new Regions come, and recordings of tests have Regions that no one knows. */
  awsRegion: /^[a-z][a-z0-9-]{1,38}[a-z0-9]$/,
  eventSource: /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
  eventName: /^[^\u0000-\u001f\u007f]{1,1024}$/,
  eventType: /^[A-Za-z]{1,64}$/,
  eventCategory: /^(?:Management|Data|NetworkActivity|Insight)$/,
} as const;

const kibibyte = 1024;
/** Limits as in the User Guide; in bytes of JSON text for objects, of UTF-8 for strings. */
export const objectBytesMax = {
  requestParameters: 100 * kibibyte,
  responseElements: 100 * kibibyte,
  serviceEventDetails: 100 * kibibyte,
  additionalEventData: 28 * kibibyte,
} as const;
export const stringBytesMax = kibibyte;
