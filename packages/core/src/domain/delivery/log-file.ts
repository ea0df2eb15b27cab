import { createHash } from 'node:crypto';
import type { EventCategory } from '../events/record.ts';

/** Folder names under AWSLogs/<account>/ (CloudTrail User Guide, "Finding your log files"). */
export type LogFileFolder = 'CloudTrail' | 'CloudTrail-Insight' | 'CloudTrail-NetworkActivity';

/**
 * Raw bytes of one log file: CloudTrail cuts at 50 MB, but DuckDB and others refuse a JSON
 * document over 16 MB, so files stay under that.
 */
export const logFileBytesMax = 15 * 1024 * 1024;
export const deliveryIntervalMs = 5 * 60_000;

export function folderOf(category: EventCategory): LogFileFolder {
  if (category === 'Insight') return 'CloudTrail-Insight';
  return category === 'NetworkActivity' ? 'CloudTrail-NetworkActivity' : 'CloudTrail';
}

export interface LogFilePlace {
  readonly prefix: string | undefined;
  readonly organizationId: string | undefined;
  readonly account: string;
  readonly region: string;
}

export interface LogFileName {
  readonly trailArn: string;
  readonly folder: LogFileFolder;
  /** When the delivery was planned, in milliseconds. */
  readonly at: number;
  /** Counts the files of one delivery. */
  readonly index: number;
  readonly firstEventID: string;
}

/**
 * `[prefix/]AWSLogs/[o-id/]<account>/<folder>/<region>/<YYYY>/<MM>/<DD>/
 * <account>_<folder>_<region>_<YYYYMMDDTHHmmZ>_<16 letters or digits>.json.gz`
 *
 * The sixteen characters come from the plan and the first record, so that a repeated delivery has
 * the same name, and they sort by time, because readers that remember the last key they saw
 * expect later files to sort after it.
 */
export function logFileKey(place: LogFilePlace, file: LogFileName): string {
  const { account, region } = place;
  const stamp = `${compactTime(file.at).slice(0, 13)}Z`;
  const name = `${account}_${file.folder}_${region}_${stamp}_${uniquePart(file)}.json.gz`;
  return `${folderKey(place, file.folder, file.at)}/${name}`;
}

/** The folder of a day, without a slash at its end. */
export function folderKey(place: LogFilePlace, folder: string, at: number): string {
  const { prefix, organizationId, account, region } = place;
  const day = compactTime(at);
  const parts = [prefix, 'AWSLogs', organizationId, account, folder, region];
  return [...parts, day.slice(0, 4), day.slice(4, 6), day.slice(6, 8)].filter(Boolean).join('/');
}

/** YYYYMMDDTHHMMSSZ in UTC. */
export function compactTime(at: number): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** YYYY-MM-DDTHH:MM:SSZ in UTC. */
export function secondTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function uniquePart(file: LogFileName): string {
  const hash = createHash('sha256').update(`${file.trailArn} ${file.firstEventID}`).digest();
  const tail = Number(hash.readBigUInt64BE() % BigInt(62 ** 7));
  return base62(file.at, 7) + base62(file.index, 2) + base62(tail, 7);
}

/** Digits in ASCII order, so that the text sorts as the number. */
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function base62(value: number, length: number): string {
  let text = '';
  for (let rest = value, place = 0; place < length; place += 1) {
    text = digits[rest % 62] + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}
