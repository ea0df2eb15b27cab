import type { Refusal } from '../refusal.ts';
import { formatEventTime } from './event-time.ts';

/** A call of Trailkeep's own API, answered or refused. */
export interface OwnCall {
  /** The API's name for it, such as `CreateTrail`. */
  readonly operation: string;
  /** Request and response as the API has them; undefined when there is nothing (yet) to show. */
  readonly input: unknown;
  readonly output?: unknown;
  readonly refusal?: Refusal | undefined;
  readonly caller: OwnCaller;
  readonly region: string;
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly requestId: string;
  readonly eventId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The Host header. */
  readonly host: string;
  /** Present when the call came over TLS. */
  readonly tlsDetails?: { readonly tlsVersion: string; readonly cipherSuite: string } | undefined;
}

export interface OwnCaller {
  readonly account: string;
  readonly arn: string;
  readonly accessKeyId: string;
  readonly principalId: string;
  readonly type: string;
  readonly userName?: string | undefined;
}

/**
 * The CloudTrail record of the call, as compact JSON of 256 KB at most: member names with the first
 * letter lowered, no response for what only reads, refusals as errorCode and errorMessage.
 * PutAuditEvents is a data event of its channel. Seen in recordings of CreateTrail, DeleteTrail,
 * PutEventSelectors and LookupEvents; CloudTrail User Guide, "CloudTrail log file examples".
 */
export function ownCallRecord(call: OwnCall): string {
  const readOnly = /^(Get|List|Describe|Lookup|Search)/.test(call.operation);
  const dataEvent = call.operation === 'PutAuditEvents';
  const answered = call.refusal === undefined && !readOnly;
  const record = {
    eventVersion: '1.11',
    userIdentity: identityOf(call.caller),
    eventTime: formatEventTime(call.at),
    eventSource: `${dataEvent ? 'cloudtrail-data' : 'cloudtrail'}.amazonaws.com`,
    eventName: call.operation,
    awsRegion: call.region,
    sourceIPAddress: call.sourceIp,
    userAgent: cut(call.userAgent),
    errorCode: call.refusal?.refused,
    errorMessage: call.refusal === undefined ? undefined : cut(call.refusal.message),
    requestParameters: shown(dataEvent ? channelOf(call.input) : call.input),
    responseElements: answered ? shown(call.output) : null,
    requestID: call.requestId,
    eventID: call.eventId,
    readOnly,
    resources: dataEvent ? channelResource(call) : undefined,
    eventType: 'AwsApiCall',
    managementEvent: !dataEvent,
    recipientAccountId: call.caller.account,
    eventCategory: dataEvent ? 'Data' : 'Management',
    tlsDetails: tlsOf(call),
  };
  return JSON.stringify(record, (_, value) => (typeof value === 'string' ? whole(value) : value));
}

function identityOf(caller: OwnCaller): object {
  const { type, principalId, arn, account, accessKeyId, userName } = caller;
  return { type, principalId, arn, accountId: account, accessKeyId, userName };
}

function tlsOf({ tlsDetails, host }: OwnCall): object | undefined {
  return tlsDetails === undefined ? undefined : { ...tlsDetails, clientProvidedHostHeader: host };
}

/** The events that were put are records of their own: the call shows only where they went. */
function channelOf(input: unknown): object {
  const { channelArn, externalId } = (input ?? {}) as Record<string, unknown>;
  return { channelArn, externalId };
}

function channelResource({ input, caller }: OwnCall): readonly object[] | undefined {
  const { channelArn } = (input ?? {}) as Record<string, unknown>;
  if (typeof channelArn !== 'string') return undefined;
  return [{ accountId: caller.account, type: 'AWS::CloudTrail::Channel', ARN: cut(channelArn) }];
}

/** Parameters as CloudTrail shows them; null for none, and for more than 100 KB. */
function shown(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return null;
  const lowered = lowerNames(value);
  const json = JSON.stringify(lowered);
  return json === '{}' || Buffer.byteLength(json) > 100 * 1024 ? null : lowered;
}

function lowerNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerNames);
  if (value instanceof Date) return formatDate(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [lowerFirst(name), lowerNames(member)]),
  );
}

function lowerFirst(name: string): string {
  return name.slice(0, 1).toLowerCase() + name.slice(1);
}

/** Times in parameters are written by Java: `Aug 2, 2024, 8:23:24 AM`, in UTC. */
function formatDate(date: Date): string | null {
  if (Number.isNaN(date.getTime())) return null;
  const day = `${months[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}`;
  const hours = date.getUTCHours();
  const minutesAndSeconds = date.toISOString().slice(-10, -5);
  return `${day}, ${hours % 12 || 12}:${minutesAndSeconds} ${hours < 12 ? 'AM' : 'PM'}`;
}

/** Half a surrogate pair is no character: no reader of records takes it. */
function whole(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** 1 KB is the limit of userAgent and errorMessage; 256 characters of up to 4 bytes keep it. */
function cut(text: string): string {
  return Buffer.byteLength(text) <= 1024 ? text : text.slice(0, 256);
}
