import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { syntheticRecords } from './synthetic-records.ts';

/**
 * The records of the benchmark: recorded ones where they are (`../shared/data`), else made-up ones
 * of like size and shape. Record number n has an eventID, a time, an account and a Region of its
 * own, stamped into the bytes of template n; everything else is as it was recorded. All are
 * complete management events, so every record is delivered and indexed.
 */
export interface Template {
  readonly bytes: Buffer;
  readonly idAt: number;
  readonly timeAt: number;
  readonly accountAt: number;
  readonly regionAt: number;
  readonly facts: TemplateFacts;
}

/** What LookupEvents asks for. */
export interface TemplateFacts {
  readonly EventName: string;
  readonly EventSource: string;
  readonly ReadOnly: string | undefined;
  readonly Username: string | undefined;
  readonly AccessKeyId: string | undefined;
  readonly resources: readonly { readonly ARN?: string; readonly type?: string }[];
}

/** A run of records sent together: the time that theirs lie shortly before, and where they are. */
export interface Round {
  readonly first: number;
  readonly count: number;
  /** Seconds since the epoch. */
  readonly at: number;
  /** How many pairs of account and Region the records go to, in turn; 1 is the trail's own. */
  readonly places: number;
}

export const homeAccount = '123456789012';
export const homeRegion = 'us-east-1';
/** Of one length, as they are stamped into place. */
export const stampedRegions = [
  homeRegion,
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
] as const;

const dataDir = join(process.cwd(), '../shared/data');
const recordBytesMax = 16 * 1024;
const spreadSeconds = 240;

export function corpusName(): string {
  return existsSync(dataDir) ? 'recorded (../shared/data)' : 'synthetic';
}

/** Hundreds of them, so that requests of 100 begin at template 0 again. */
export function readTemplates(): readonly Template[] {
  const records = existsSync(dataDir) ? recordedRecords() : syntheticRecords(5_000);
  const templates = records.flatMap((record) => templateOf(record) ?? []);
  return templates.slice(0, Math.floor(templates.length / 100) * 100);
}

/** Writes record number `n` of the round at `at`; answers where it ends. */
export function writeRecord(
  into: Buffer,
  at: number,
  template: Template,
  n: number,
  round: Round,
): number {
  const end = at + template.bytes.copy(into, at);
  stampRecord(into, at, template, n, round);
  return end;
}

/** Gives the record at `at` the number's own eventID, time and place. */
export function stampRecord(
  into: Buffer,
  at: number,
  template: Template,
  n: number,
  round: Round,
): void {
  into.write(idOf(n), at + template.idAt, 'latin1');
  into.write(timeTextOf(timeOf(n, round)), at + template.timeAt, 'latin1');
  if (round.places === 1) return;
  const { account, region } = placeOf(n, round.places);
  into.write(account, at + template.accountAt, 'latin1');
  into.write(region, at + template.regionAt, 'latin1');
}

/** Seconds since the epoch: a few minutes' worth, up to the round's time, out of order. */
export function timeOf(n: number, round: Round): number {
  return round.at - (mixed(n ^ 0x5bd1e995) % spreadSeconds);
}

export function placeOf(n: number, places: number): { account: string; region: string } {
  const place = n % places;
  const region = stampedRegions[place % stampedRegions.length]!;
  return { account: accountOf(Math.floor(place / stampedRegions.length)), region };
}

/** The accounts of an organization whose management account is the home account. */
export function accountOf(n: number): string {
  return n === 0 ? homeAccount : String(200_000_000_000 + n);
}

/** Looks random, as eventIDs do, so that it compresses like one; the number can be read from it. */
export function idOf(n: number): string {
  const a = hex(mixed(n));
  const b = hex(mixed(n + 0x40000000));
  const c = hex(mixed(n + 0x80000000));
  const d = hex(mixed(n + 0xc0000000));
  return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`;
}

/** The record's number, or undefined when it is not an id of ours. */
export function numberOfId(id: string): number | undefined {
  let x = Number.parseInt(id.slice(0, 8), 16);
  x ^= x >>> 16;
  x = Math.imul(x, 0x7ed1b41d);
  x ^= (x >>> 13) ^ (x >>> 26);
  x = Math.imul(x, 0xa5cb9243);
  x = (x ^ (x >>> 16)) >>> 0;
  return idOf(x) === id ? x : undefined;
}

/** MurmurHash3's finalizer, which can be undone. */
function mixed(n: number): number {
  let x = n | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

function hex(n: number): string {
  return n.toString(16).padStart(8, '0');
}

const timeTexts = new Map<number, string>();

function timeTextOf(seconds: number): string {
  const known = timeTexts.get(seconds);
  if (known !== undefined) return known;
  if (timeTexts.size > 10_000) timeTexts.clear();
  const text = `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
  timeTexts.set(seconds, text);
  return text;
}

function recordedRecords(): readonly Record<string, unknown>[] {
  return readdirSync(dataDir)
    .filter((name) => name.endsWith('.ndjson.gz'))
    .sort()
    .flatMap((name) =>
      gunzipSync(readFileSync(join(dataDir, name)))
        .toString()
        .split('\n'),
    )
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const marks = {
  eventID: '00000000-0000-4000-8000-000000000000',
  eventTime: '2000-01-01T00:00:00Z',
  recipientAccountId: homeAccount,
  awsRegion: homeRegion,
} as const;

/** Undefined for records that would be changed on their way in, or are not API calls' at all. */
function templateOf(recorded: Record<string, unknown>): Template | undefined {
  const record = {
    ...recorded,
    eventVersion: recorded['eventVersion'] ?? '1.08',
    ...marks,
    managementEvent: true,
    eventCategory: 'Management',
    requestParameters: recorded['requestParameters'] ?? null,
    responseElements: recorded['responseElements'] ?? null,
  };
  const bytes = Buffer.from(JSON.stringify(record));
  const places = Object.entries(marks).map(([name, mark]) => {
    const at = bytes.indexOf(`"${name}":"${mark}"`);
    return at === bytes.lastIndexOf(`"${name}":"${mark}"`) ? at + name.length + 4 : -1;
  });
  const [idAt = -1, timeAt = -1, accountAt = -1, regionAt = -1] = places;
  const long = cutStrings.some((name) => String(recorded[name] ?? '').length > 1000);
  if (places.some((at) => at < 5) || long || bytes.length > recordBytesMax) return undefined;
  if (typeof recorded['eventSource'] !== 'string') return undefined;
  return { bytes, idAt, timeAt, accountAt, regionAt, facts: factsOf(record) };
}

const cutStrings = ['userAgent', 'errorCode', 'errorMessage', 'requestID'];

function factsOf(record: Record<string, unknown>): TemplateFacts {
  const identity = (record['userIdentity'] ?? {}) as Record<string, string | undefined>;
  const principal = identity['principalId']?.split(':')[1];
  const type = identity['type'];
  return {
    EventName: String(record['eventName']),
    EventSource: String(record['eventSource']),
    ReadOnly: record['readOnly'] === undefined ? undefined : String(record['readOnly']),
    Username: type === 'AssumedRole' ? principal : type === 'IAMUser' ? identity['userName'] : '',
    AccessKeyId: identity['accessKeyId'],
    resources: (record['resources'] ?? []) as TemplateFacts['resources'],
  };
}
