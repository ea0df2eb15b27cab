import {
  type OpenObject,
  openObject,
} from '@trailkeep/core/adapters/embedded/buckets/open-object.ts';
import type { StoredVersion } from '@trailkeep/core/adapters/embedded/buckets/stored-version.ts';
import { isRefusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { headersOfVersion } from './object-headers.ts';
import { type ByteRange, readRange, refusedByConditions } from './read-conditions.ts';
import { type BucketCall, numberIn, type S3Outcome } from './s3-call.ts';
import { invalidArgument, type S3Refusal } from './s3-refusals.ts';

export async function getObject(call: BucketCall): Promise<S3Outcome> {
  return readObject(call, true);
}

export async function headObject(call: BucketCall): Promise<S3Outcome> {
  return readObject(call, false);
}

async function readObject(call: BucketCall, withBody: boolean): Promise<S3Outcome> {
  const version = findVersion(call);
  if (isRefusal(version)) return version;
  const checksums = call.header('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
  const headers = headersOfVersion(call.bucket, version, checksums);
  const overridden = withOverrides(call, headers);
  if (isRefusal(overridden)) return overridden;
  const conditions = {
    ifMatch: call.header('if-match'),
    ifNoneMatch: call.header('if-none-match'),
    ifModifiedSince: call.header('if-modified-since'),
    ifUnmodifiedSince: call.header('if-unmodified-since'),
  };
  const refused = refusedByConditions(version, conditions, overridden);
  if (refused !== undefined) return refused;
  const opened = await openObject(call.parts, call.bucketName, version);
  if (isRefusal(opened)) return opened;
  const range = askedRange(call, version, opened.sizeBytes);
  const outcome = isRefusal(range) ? range : answer(version, opened, range, overridden, withBody);
  if (isRefusal(outcome) || outcome.body === undefined) await opened.close();
  return outcome;
}

function answer(
  version: StoredVersion,
  opened: OpenObject,
  range: AskedRange | undefined,
  headers: Record<string, string>,
  withBody: boolean,
): S3Outcome {
  const { start, end } = range ?? { start: 0, end: opened.sizeBytes - 1 };
  const sizeBytes = Math.max(end - start + 1, 0);
  const told: Record<string, string> = { ...headers, 'content-length': String(sizeBytes) };
  if (range !== undefined) {
    if (opened.sizeBytes > 0) told['content-range'] = `bytes ${start}-${end}/${opened.sizeBytes}`;
    const parts = version.facts.parts?.length;
    if (range.isPart && parts !== undefined) told['x-amz-mp-parts-count'] = String(parts);
    // The checksum is of the whole.
    if (!range.isPart) removeChecksums(told);
  }
  const status = range === undefined ? 200 : 206;
  if (!withBody || sizeBytes === 0) return { status, headers: told };
  return { status, headers: told, body: { stream: opened.stream(start, end), sizeBytes } };
}

function removeChecksums(headers: Record<string, string>): void {
  for (const name of Object.keys(headers)) {
    if (name.startsWith('x-amz-checksum-')) delete headers[name];
  }
}

/** The version that the request names, or the latest. A delete marker is refused as one. */
export function findVersion(call: BucketCall): StoredVersion | S3Refusal {
  const id = call.query.get('versionId');
  if (id === undefined) {
    const latest = call.parts.versions.latest(call.bucket.id, call.key);
    if (latest === undefined) return noSuchKey;
    return latest.deleteMarker ? { ...noSuchKey, headers: markerHeaders(latest) } : latest;
  }
  if (id === '') return invalidArgument('Version id cannot be the empty string', 'versionId', '');
  const found = call.parts.versions.find(call.bucket.id, call.key, id);
  if (found === undefined) {
    return refuse('NoSuchVersion', 'The specified version does not exist.');
  }
  if (!found.deleteMarker) return found;
  const message = 'The specified method is not allowed against this resource.';
  const headers = { ...markerHeaders(found), allow: 'DELETE' };
  return { ...refuse('MethodNotAllowed', message), headers };
}

function markerHeaders(marker: StoredVersion): Record<string, string> {
  return { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.version };
}

interface AskedRange extends ByteRange {
  readonly isPart: boolean;
}

function askedRange(
  call: BucketCall,
  version: StoredVersion,
  sizeBytes: number,
): AskedRange | undefined | S3Refusal {
  const part = numberIn(call, 'partNumber', { min: 1, max: 10_000 });
  if (isRefusal(part)) return part;
  const header = call.header('range');
  if (part === undefined) {
    const range = readRange(header, sizeBytes);
    return range === undefined || isRefusal(range) ? range : { ...range, isPart: false };
  }
  if (header !== undefined) {
    const message = 'Cannot specify both Range header and partNumber query parameter';
    return refuse('InvalidRequest', message);
  }
  return rangeOfPart(version, part, sizeBytes);
}

function rangeOfPart(
  version: StoredVersion,
  part: number,
  sizeBytes: number,
): AskedRange | S3Refusal {
  const parts = version.facts.parts ?? [{ number: 1, sizeBytes }];
  const at = parts.findIndex((one) => one.number === part);
  const found = parts[at];
  if (found === undefined) {
    return refuse('InvalidPartNumber', 'The requested partnumber is not satisfiable');
  }
  const start = parts.slice(0, at).reduce((sum, one) => sum + one.sizeBytes, 0);
  return { start, end: start + found.sizeBytes - 1, isPart: true };
}

/** response-content-type and its like, in a signed GET's query. */
function withOverrides(
  call: BucketCall,
  headers: Record<string, string>,
): Record<string, string> | S3Refusal {
  const overridden = { ...headers };
  for (const name of overridable) {
    const value = call.query.get(`response-${name}`);
    if (value === undefined) continue;
    // What Node would refuse to write into a header, line breaks before all.
    if (!headerText.test(value)) {
      return invalidArgument('Header value cannot be represented', `response-${name}`, name);
    }
    overridden[name] = value;
  }
  return overridden;
}

const headerText = /^[\t\x20-\x7e\x80-\xff]*$/;
const overridable = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];
const noSuchKey = refuse('NoSuchKey', 'The specified key does not exist.');
