import type { StoredVersion } from '@trailkeep/core/adapters/embedded/buckets/stored-version.ts';
import { refuse } from '@trailkeep/core/domain/refusal.ts';
import { refuseWith, type S3Refusal } from './s3-refusals.ts';

export interface ReadConditions {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifModifiedSince?: string;
  readonly ifUnmodifiedSince?: string;
}

/**
 * RFC 9110's order, as S3 has it: If-Match that holds makes If-Unmodified-Since moot, If-None-Match
 * makes If-Modified-Since moot. `headers` go with a 304.
 */
export function refusedByConditions(
  version: StoredVersion,
  conditions: ReadConditions,
  headers: Readonly<Record<string, string>>,
): S3Refusal | undefined {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  // Last-Modified has whole seconds.
  const modified = Math.floor(version.modifiedAt / 1000) * 1000;
  if (ifMatch !== undefined) {
    if (!namesEtag(ifMatch, version.etag)) return failed('If-Match');
  } else if (isBefore(ifUnmodifiedSince, modified)) return failed('If-Unmodified-Since');
  const { etag, 'last-modified': lastModified, 'x-amz-version-id': versionId } = headers;
  const kept = { etag, 'last-modified': lastModified, 'x-amz-version-id': versionId };
  const notModified = {
    ...refuse('NotModified', 'Not Modified'),
    headers: Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)),
  } as S3Refusal;
  if (ifNoneMatch !== undefined) {
    return namesEtag(ifNoneMatch, version.etag) ? notModified : undefined;
  }
  const since = ifModifiedSince === undefined ? Number.NaN : Date.parse(ifModifiedSince);
  return !Number.isNaN(since) && modified <= since ? notModified : undefined;
}

function namesEtag(list: string, etag: string): boolean {
  return list
    .split(',')
    .map((one) => one.trim().replace(/^W\//, ''))
    .some((one) => one === '*' || one.replace(/^"(.*)"$/, '$1') === etag);
}

function isBefore(date: string | undefined, modified: number): boolean {
  const time = date === undefined ? Number.NaN : Date.parse(date);
  return !Number.isNaN(time) && modified > time;
}

function failed(condition: string): S3Refusal {
  const message = 'At least one of the pre-conditions you specified did not hold';
  return refuseWith('PreconditionFailed', message, { Condition: condition });
}

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** One range, or undefined for the whole: S3 does not serve several, and ignores nonsense. */
export function readRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | undefined | S3Refusal {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (found === null || (found[1] === '' && found[2] === '')) return undefined;
  const [, first = '', last = ''] = found;
  const start = first === '' ? Math.max(sizeBytes - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  if (start < sizeBytes && !(first === '' && Number(last) === 0)) return { start, end };
  return refuseWith('InvalidRange', 'The requested range is not satisfiable', {
    RangeRequested: header ?? '',
    ActualObjectSize: sizeBytes,
  });
}
