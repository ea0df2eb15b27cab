import { createHash } from 'node:crypto';
import { crc32, inflateRawSync } from 'node:zlib';

export interface LogFilePlaceRead {
  readonly prefix: string | undefined;
  readonly organizationId: string | undefined;
  readonly account: string;
  readonly folder: string;
  readonly region: string;
}

export interface LogFileRead extends LogFilePlaceRead {
  readonly key: string;
  readonly records: readonly LoggedRecord[];
  /** SHA-256 of the uncompressed file, lower-case hex. */
  readonly hash: string;
}

export interface LoggedRecord {
  readonly eventID: string;
  readonly eventTime: string;
  readonly awsRegion: string;
  readonly recipientAccountId: string;
  readonly eventCategory: string;
  readonly eventName?: string;
  readonly eventSource?: string;
}

const logFileKey =
  /^(?:(.+)\/)?AWSLogs\/(?:(o-[a-z0-9]{10,32})\/)?(\d{12})\/(CloudTrail|CloudTrail-Insight|CloudTrail-NetworkActivity)\/([a-z0-9-]+)\/(\d{4})\/(\d{2})\/(\d{2})\/\3_\4_\5_\6\7\8T\d{4}Z_[A-Za-z0-9]{16}\.json\.gz$/;

/** Where a log file belongs, by its key; undefined when the key is not a log file's. */
export function placeOfLogFile(key: string): LogFilePlaceRead | undefined {
  const [, prefix, organizationId, account, folder, region] = logFileKey.exec(key) ?? [];
  if (!account || !folder || !region) return undefined;
  return { prefix, organizationId, account, folder, region };
}

/** Reads a log file as the strictest reader does; says what is wrong with it. */
export function readLogFile(key: string, body: Buffer): LogFileRead | string {
  const place = placeOfLogFile(key);
  if (!place) return `${key} is not the key of a log file`;
  const bytes = onlyGzipMember(body);
  if (typeof bytes === 'string') return `${key}: ${bytes}`;
  const text = bytes.toString();
  if (!text.startsWith('{"Records":[{') || !text.endsWith('}]}')) {
    return `${key} is not {"Records":[...]} and nothing else`;
  }
  const { Records: records, ...others } = JSON.parse(text) as { Records: LoggedRecord[] };
  if (Object.keys(others).length > 0) return `${key} has other members than Records`;
  const flaw = records.map((record) => flawOf(record, place)).find(Boolean);
  if (flaw) return `${key}: ${flaw}`;
  return { ...place, key, records, hash: createHash('sha256').update(bytes).digest('hex') };
}

const folders: Readonly<Record<string, string>> = {
  Management: 'CloudTrail',
  Data: 'CloudTrail',
  NetworkActivity: 'CloudTrail-NetworkActivity',
  Insight: 'CloudTrail-Insight',
};

function flawOf(record: LoggedRecord, place: LogFilePlaceRead): string | undefined {
  const { eventID, eventTime, awsRegion, recipientAccountId, eventCategory } = record;
  if (awsRegion !== place.region || recipientAccountId !== place.account) {
    return `${eventID} is of ${recipientAccountId} in ${awsRegion}`;
  }
  if (folders[eventCategory] !== place.folder) return `${eventID} is a ${eventCategory} event`;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(eventTime)) return `${eventID} is of ${eventTime}`;
  return undefined;
}

/** The bytes of a file that is one gzip member with nothing after it (RFC 1952), or its flaw. */
export function onlyGzipMember(file: Buffer): Buffer | string {
  const header = file.subarray(0, 4).toString('hex');
  if (header !== '1f8b0800') return `begins with ${header}, not with a plain gzip header`;
  const { buffer, engine } = inflateRawSync(file.subarray(10), { info: true }) as unknown as {
    buffer: Buffer;
    engine: { bytesWritten: number };
  };
  const trailer = 10 + engine.bytesWritten;
  if (file.length !== trailer + 8) return `has ${file.length - trailer - 8} bytes after its end`;
  if (file.readUInt32LE(trailer + 4) !== buffer.length) return 'says a wrong size';
  if (crc32 && file.readUInt32LE(trailer) !== crc32(buffer)) return 'has a wrong checksum';
  return buffer;
}
