import { checkMembers, invalid, isObject, matches, missing } from './check-members.ts';
import { formatEventTime, parseEventTime } from './event-time.ts';
import { eventCategories, objectBytesMax, shapes, stringBytesMax } from './field-shapes.ts';
import { recordBytesMax } from './record.ts';
import { type RecordText, type Rejection, reject } from './record-text.ts';

/** What completing a record needs to know beyond the record. */
export interface ReadContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly newEventID: () => string;
  /** May the caller write records of this account (12 digits)? */
  readonly mayWriteFor: (account: string) => boolean;
  /** The account of a record that names none. */
  readonly defaultAccount: string;
}

/** Clocks run apart; a record from further ahead is a mistake that would sort above all others. */
export const futureMax = 5 * 60_000;
/**
 * From this age on a record says that it is late (`addendum.reason` DELIVERY_DELAY). CloudTrail
 * delivers "typically within 15 minutes of an API call"; replays of history are marked this way.
 */
export const lateAfter = 15 * 60_000;
export const lateAddendum = '{"reason":"DELIVERY_DELAY"}';

/** What must change in a record, as JSON text by member name; `undefined` takes a member out. */
export type Edits = Map<string, string | undefined>;

export interface Completion {
  /** The record's members after the edits. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly eventTime: number;
  readonly edits: Edits;
}

/**
 * Checks a record and says what it lacks. What CloudTrail always writes is filled in; text where
 * a boolean belongs is put right; what is too large is cut as CloudTrail cuts it; what cannot be
 * made right is rejected. Source: CloudTrail User Guide, "CloudTrail record contents".
 */
export function completeRecord(record: RecordText, context: ReadContext): Completion | Rejection {
  const draft: Draft = { record, value: { ...record.value }, edits: new Map() };
  const eventTime = completeTime(draft, context.now);
  if (typeof eventTime !== 'number') return eventTime;
  const rejection =
    completeNames(draft) ??
    completeKind(draft) ??
    completeFlags(draft) ??
    completeIdentity(draft, context) ??
    checkMembers(draft.value) ??
    completeParameters(draft) ??
    cutToSize(draft);
  if (rejection !== undefined) return rejection;
  if (draft.value['eventID'] === undefined) put(draft, 'eventID', context.newEventID());
  if (context.now - eventTime > lateAfter && isAbsent(draft, 'addendum')) {
    put(draft, 'addendum', JSON.parse(lateAddendum));
  }
  return { value: draft.value, eventTime, edits: draft.edits };
}

/** The size of the record as it will be stored is the last word. */
export function checkSize(bytes: number): Rejection | undefined {
  if (bytes <= recordBytesMax) return undefined;
  return reject('EventTooLarge', `The record has ${bytes} bytes; at most ${recordBytesMax} fit.`);
}

interface Draft {
  readonly record: RecordText;
  readonly value: Record<string, unknown>;
  readonly edits: Edits;
}

function completeTime(draft: Draft, now: number): number | Rejection {
  const given = draft.value['eventTime'];
  if (given === undefined || given === null) return missing('eventTime');
  const time = typeof given === 'string' ? parseEventTime(given) : undefined;
  if (time === undefined) {
    return reject('InvalidEventTime', 'eventTime must be a time such as 2026-01-31T23:59:59Z.');
  }
  const seconds = Math.floor(time / 1000) * 1000;
  if (seconds - now > futureMax) {
    return reject('EventTimeInFuture', 'eventTime is more than 5 minutes in the future.');
  }
  const strict = formatEventTime(seconds);
  if (given !== strict) put(draft, 'eventTime', strict);
  return seconds;
}

function completeNames(draft: Draft): Rejection | undefined {
  const { value } = draft;
  const eventID = value['eventID'] ?? undefined;
  if (eventID === undefined) delete value['eventID'];
  else if (!matches(eventID, shapes.eventID)) {
    return invalid('eventID', 'must be 1 to 128 visible ASCII characters');
  }
  if (isAbsent(draft, 'eventVersion')) put(draft, 'eventVersion', '1.11');
  else if (!matches(value['eventVersion'], shapes.eventVersion)) {
    return invalid('eventVersion', 'must be a version such as 1.11');
  }
  if (isAbsent(draft, 'awsRegion')) return missing('awsRegion');
  if (!matches(value['awsRegion'], shapes.awsRegion)) {
    return invalid('awsRegion', 'must be a Region such as eu-central-1');
  }
  return undefined;
}

/** eventType and eventCategory, and the names that all but Insights have. */
function completeKind(draft: Draft): Rejection | undefined {
  const { value } = draft;
  if (isAbsent(draft, 'eventType')) put(draft, 'eventType', 'AwsApiCall');
  else if (!matches(value['eventType'], shapes.eventType)) {
    return invalid('eventType', 'must be a name such as AwsApiCall');
  }
  if (isAbsent(draft, 'eventCategory')) put(draft, 'eventCategory', categoryOf(value));
  else if (!matches(value['eventCategory'], shapes.eventCategory)) {
    return invalid('eventCategory', `must be one of ${eventCategories.join(', ')}`);
  }
  if (value['eventCategory'] === 'Insight') return checkInsight(draft);
  if (isAbsent(draft, 'eventSource')) return missing('eventSource');
  if (isAbsent(draft, 'eventName')) return missing('eventName');
  return checkSourceAndName(value['eventSource'], value['eventName']);
}

/** An Insights record has its name and source one level down. */
function checkInsight(draft: Draft): Rejection | undefined {
  const { value } = draft;
  const details = value['insightDetails'];
  if (!isObject(details)) return missing('insightDetails');
  return checkSourceAndName(
    value['eventSource'] ?? details['eventSource'],
    value['eventName'] ?? details['eventName'],
  );
}

function checkSourceAndName(source: unknown, name: unknown): Rejection | undefined {
  if (!matches(source, shapes.eventSource)) {
    return invalid('eventSource', 'must be a host name such as s3.amazonaws.com');
  }
  if (!matches(name, shapes.eventName)) {
    return invalid('eventName', 'must be 1 to 1,024 characters, none of them a control character');
  }
  return undefined;
}

function categoryOf(value: Readonly<Record<string, unknown>>): string {
  const { eventType } = value;
  if (eventType === 'AwsCloudTrailInsight') return 'Insight';
  if (eventType === 'AwsVpceEvent' || eventType === 'AwsVpceEvents') return 'NetworkActivity';
  const { managementEvent } = value;
  return managementEvent === false || managementEvent === 'false' ? 'Data' : 'Management';
}

function completeFlags(draft: Draft): Rejection | undefined {
  const { value } = draft;
  for (const name of ['readOnly', 'managementEvent'] as const) {
    if (isAbsent(draft, name)) takeOut(draft, name);
    else if (value[name] === 'true' || value[name] === 'false') {
      put(draft, name, value[name] === 'true');
    } else if (typeof value[name] !== 'boolean') return invalid(name, 'must be true or false');
  }
  const category = value['eventCategory'];
  if (
    value['managementEvent'] === undefined &&
    (category === 'Management' || category === 'Data')
  ) {
    put(draft, 'managementEvent', category === 'Management');
  }
  const console = value['sessionCredentialFromConsole'];
  if (console === true) put(draft, 'sessionCredentialFromConsole', 'true');
  if (console === false) takeOut(draft, 'sessionCredentialFromConsole');
  return undefined;
}

function completeIdentity(draft: Draft, context: ReadContext): Rejection | undefined {
  const { value } = draft;
  const insight = value['eventCategory'] === 'Insight';
  if (isAbsent(draft, 'userIdentity')) {
    if (!insight) put(draft, 'userIdentity', { type: 'Unknown' });
  } else if (!isObject(value['userIdentity'])) {
    return invalid('userIdentity', 'must be an object');
  }
  if (isAbsent(draft, 'recipientAccountId')) {
    const own = isObject(value['userIdentity']) ? value['userIdentity']['accountId'] : undefined;
    put(draft, 'recipientAccountId', matches(own, shapes.account) ? own : context.defaultAccount);
  }
  const account = value['recipientAccountId'];
  if (!matches(account, shapes.account)) return invalid('recipientAccountId', 'must be 12 digits');
  if (!context.mayWriteFor(account)) {
    return reject('AccessDenied', `You may not write records of account ${account}.`);
  }
  return undefined;
}

/** API calls always show both, if only as null; other events have them when they have a meaning. */
function completeParameters(draft: Draft): Rejection | undefined {
  const { value } = draft;
  const category = value['eventCategory'];
  if (value['eventType'] !== 'AwsApiCall') return undefined;
  if (category !== 'Management' && category !== 'Data') return undefined;
  if (value['requestParameters'] === undefined) put(draft, 'requestParameters', null);
  if (value['responseElements'] === undefined) put(draft, 'responseElements', null);
  return undefined;
}

/** Objects over their limit are left out, strings over theirs are cut; in bytes of JSON text. */
function cutToSize(draft: Draft): undefined {
  for (const [name, bytesMax] of Object.entries(objectBytesMax)) {
    const span = draft.record.members.get(name);
    if (span === undefined || draft.edits.has(name)) continue;
    if (Buffer.byteLength(draft.record.text.slice(span.start, span.end)) <= bytesMax) continue;
    if (name === 'requestParameters' || name === 'responseElements') put(draft, name, null);
    else takeOut(draft, name);
  }
  for (const name of cutMembers) {
    const value = draft.value[name];
    if (typeof value === 'string' && Buffer.byteLength(value) > stringBytesMax) {
      put(draft, name, cutString(value));
    }
  }
  return undefined;
}

/** At most `stringBytesMax` bytes of UTF-8, never half a character. */
function cutString(value: string): string {
  const bytes = Buffer.from(value);
  let end = stringBytesMax;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

function put(draft: Draft, name: string, value: unknown): void {
  draft.value[name] = value;
  draft.edits.set(name, JSON.stringify(value));
}

function takeOut(draft: Draft, name: string): void {
  if (draft.value[name] === undefined) return;
  delete draft.value[name];
  draft.edits.set(name, undefined);
}

function isAbsent(draft: Draft, name: string): boolean {
  return draft.value[name] === undefined || draft.value[name] === null;
}

const cutMembers = ['userAgent', 'errorCode', 'errorMessage', 'requestID'] as const;
