import {
  type OpenObject,
  openObject,
} from '@trailkeep/core/adapters/embedded/buckets/open-object.ts';
import { receiveFile } from '@trailkeep/core/adapters/embedded/buckets/receive-file.ts';
import type { StoredVersion } from '@trailkeep/core/adapters/embedded/buckets/stored-version.ts';
import { isRefusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { type ChecksumAlgorithm, newChecksum } from './checksums.ts';
import { putBytesMax, type ReceivedObject } from './put-object.ts';
import { refusedByConditions } from './read-conditions.ts';
import type { BucketCall } from './s3-call.ts';
import { accessDenied, invalidArgument, type S3Refusal } from './s3-refusals.ts';
import { decode } from './s3-request.ts';

export interface CopySource {
  readonly bucketName: string;
  readonly version: StoredVersion;
  /** Whether x-amz-copy-source-version-id is told. */
  readonly keepsVersions: boolean;
}

/** The object that x-amz-copy-source names, its conditions met. */
export function findCopySource(call: BucketCall): CopySource | S3Refusal {
  const header = call.header('x-amz-copy-source') ?? '';
  const named = readSource(header);
  if (named === undefined) {
    const message = 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey';
    return invalidArgument(message, 'x-amz-copy-source', header);
  }
  const bucket = call.parts.buckets.find(named.bucket);
  if (bucket === undefined) {
    return refuse('NoSuchBucket', 'The specified bucket does not exist');
  }
  if (!call.may(bucket, 's3:GetObject', named.key)) return accessDenied;
  const version =
    named.version === undefined
      ? call.parts.versions.latest(bucket.id, named.key)
      : call.parts.versions.find(bucket.id, named.key, named.version);
  if (version === undefined || version.deleteMarker) return missing(named.version !== undefined);
  const conditions = {
    ifMatch: call.header('x-amz-copy-source-if-match'),
    ifNoneMatch: call.header('x-amz-copy-source-if-none-match'),
    ifModifiedSince: call.header('x-amz-copy-source-if-modified-since'),
    ifUnmodifiedSince: call.header('x-amz-copy-source-if-unmodified-since'),
  };
  const refused = refusedByConditions(version, conditions, {});
  if (refused !== undefined) {
    const message = 'At least one of the pre-conditions you specified did not hold';
    return refuse('PreconditionFailed', message);
  }
  return { bucketName: bucket.name, version, keepsVersions: bucket.settings.has('versioning') };
}

function missing(named: boolean): S3Refusal {
  return named
    ? refuse('NoSuchVersion', 'The specified version does not exist.')
    : refuse('NoSuchKey', 'The specified key does not exist.');
}

function readSource(header: string): { bucket: string; key: string; version?: string } | undefined {
  const [path = '', query] = header.split('?versionId=', 2);
  const decoded = decode(path)?.replace(/^\//, '');
  const slash = decoded?.indexOf('/') ?? -1;
  if (decoded === undefined || slash < 1 || slash === decoded.length - 1) return undefined;
  const version = query === undefined ? undefined : decode(query);
  return { bucket: decoded.slice(0, slash), key: decoded.slice(slash + 1), version };
}

/** Copies the source's bytes, or a range of them, into the bucket's folder. */
export async function receiveCopy(
  call: BucketCall,
  source: CopySource,
  more: { readonly range?: string; readonly algorithm?: ChecksumAlgorithm },
): Promise<ReceivedObject | S3Refusal> {
  const opened = await openObject(call.parts, source.bucketName, source.version);
  if (isRefusal(opened)) return opened;
  const range = copyRange(more.range, opened.sizeBytes);
  const tooLarge = !isRefusal(range) && range.end - range.start >= putBytesMax;
  if (isRefusal(range) || tooLarge) {
    await opened.close();
    const message =
      'The specified copy source is larger than the maximum allowable size: 5368709120';
    return isRefusal(range) ? range : refuse('InvalidRequest', message);
  }
  const incoming = receiveFile(call.parts.files, call.bucketName);
  const checksum = more.algorithm && newChecksum(more.algorithm);
  try {
    for await (const chunk of chunksOf(opened, range)) {
      checksum?.update(chunk);
      await incoming.write(chunk);
    }
    const received = await incoming.finish();
    if (more.algorithm === undefined || checksum === undefined) return { received };
    const value = checksum.value();
    return { received, checksum: { algorithm: more.algorithm, value, type: 'FULL_OBJECT' } };
  } catch (error) {
    await incoming.discard();
    throw error;
  }
}

async function* chunksOf(
  opened: OpenObject,
  range: { start: number; end: number },
): AsyncGenerator<Buffer> {
  if (range.end < range.start) {
    await opened.close();
    return;
  }
  for await (const chunk of opened.stream(range.start, range.end)) yield chunk as Buffer;
}

function copyRange(
  header: string | undefined,
  sizeBytes: number,
): { start: number; end: number } | S3Refusal {
  if (header === undefined) return { start: 0, end: sizeBytes - 1 };
  const found = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header);
  const [start, end] = [Number(found?.[1]), Number(found?.[2])];
  if (found === null || start > end) {
    const message = 'The x-amz-copy-source-range value must be of the form bytes=first-last';
    return invalidArgument(message, 'x-amz-copy-source-range', header);
  }
  if (end < sizeBytes) return { start, end };
  const message = `Range specified is not valid for source object of size: ${sizeBytes}`;
  return invalidArgument(message, 'x-amz-copy-source-range', header);
}
