import { createHash } from 'node:crypto';
import { formatEventTime, parseEventTime } from '@trailkeep/core/domain/events/event-time.ts';
import { type JsonObject, parsed, type RecordItem } from './read-record-file.ts';

/** How records are changed on their way; everything else in them stays as it is, to the byte. */
export interface RecordChanges {
  /** Added to every eventTime; whole seconds, in milliseconds. */
  readonly shiftMilliseconds: number;
  /** The recipientAccountId that every record gets. */
  readonly account?: string;
  /** Records get other eventIDs, the same ones again for the same record and shift. */
  readonly newIds: boolean;
}

/**
 * The record to send. What wraps a record is taken off: `CloudTrailEvent` of lookup-events,
 * `message` of CloudWatch Logs, `detail` of EventBridge. A record without eventID gets one that
 * depends on its text, its place in the file and the shift: a repeated replay is known as repeated.
 */
export function prepareRecord(item: RecordItem, changes: RecordChanges): RecordItem {
  const record = unwrapped(item);
  if ('code' in record) return record;
  const { index, value } = record;
  let { text } = record;
  if (changes.newIds || value['eventID'] === undefined || value['eventID'] === null) {
    const id = uuidOf(`${changes.shiftMilliseconds}:${index}:${text}`);
    text = withMember(text, 'eventID', id);
  }
  const eventTime = eventTimeOf(record);
  if (changes.shiftMilliseconds !== 0 && eventTime !== undefined) {
    const shifted = formatEventTime(eventTime + changes.shiftMilliseconds);
    text = withMember(text, 'eventTime', shifted);
  }
  if (changes.account !== undefined && value['recipientAccountId'] !== changes.account) {
    text = withMember(text, 'recipientAccountId', changes.account);
  }
  return { index, text, value };
}

/** Milliseconds since the epoch, when the item is a record that has an eventTime. */
export function eventTimeOf(item: RecordItem): number | undefined {
  const record = unwrapped(item);
  if ('code' in record) return undefined;
  const eventTime = record.value['eventTime'];
  return typeof eventTime === 'string' ? parseEventTime(eventTime) : undefined;
}

function unwrapped(item: RecordItem): RecordItem {
  if ('code' in item || item.value['eventName'] !== undefined) return item;
  const { index, value, text } = item;
  const inner = value['CloudTrailEvent'] ?? value['message'];
  if (typeof inner === 'string') return { index, ...parsed(inner) };
  const detail = value['detail'];
  if (typeof value['detail-type'] !== 'string' || !isObject(detail)) return item;
  const place = memberPlace(text, 'detail');
  return place === undefined ? item : { index, value: detail, text: text.slice(...place) };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON text of an object with one of its members replaced, or put first when it has none. */
function withMember(text: string, name: string, value: string): string {
  const place = memberPlace(text, name);
  const json = JSON.stringify(value);
  if (place !== undefined) return text.slice(0, place[0]) + json + text.slice(place[1]);
  const rest = text.slice(1);
  return `{${JSON.stringify(name)}:${json}${/^\s*\}/.test(rest) ? '' : ','}${rest}`;
}

/** Where the value of an object's own member lies in JSON text that is known to be well-formed. */
function memberPlace(text: string, name: string): [number, number] | undefined {
  const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/g;
  let depth = 0;
  let key = '';
  let isKey = true;
  let start = -1;
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    const [sign] = token;
    const ends = depth === 1 && (sign === ',' || sign === '}');
    if (ends && start !== -1) return [start, trimmedEnd(text, token.index)];
    if (sign === '{' || sign === '[') depth++;
    else if (sign === '}' || sign === ']') depth--;
    else if (depth === 1 && sign === ',') isKey = true;
    else if (depth === 1 && sign === ':') {
      isKey = false;
      if (key === name) start = valueStart(text, token.index + 1);
    } else if (depth === 1 && isKey) key = JSON.parse(sign) as string;
  }
  return undefined;
}

function valueStart(text: string, from: number): number {
  let at = from;
  while (/\s/.test(text[at] ?? '')) at++;
  return at;
}

function trimmedEnd(text: string, end: number): number {
  let at = end;
  while (/\s/.test(text[at - 1] ?? '')) at--;
  return at;
}

/** Version 8 of RFC 9562: a UUID whose bits are our own affair. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`];
  return [...parts, variant + hex.slice(17, 20), hex.slice(20, 32)].join('-');
}
