import { type Refusal, refuse } from '../../../domain/refusal.ts';
import type { Bucket, BucketRows } from './bucket-rows.ts';
import type { CommitQueue } from './commit-queue.ts';
import { codeOf } from './error-code.ts';
import type { FilePlace } from './garbage-rows.ts';
import type { ObjectFiles } from './object-files.ts';
import type { HeldBodies } from './pending-bodies.ts';
import type { UploadRows } from './upload-rows.ts';
import type { VersionRows } from './version-rows.ts';

/** What the operations on buckets work with; assembled in folder-buckets.ts. */
export interface StoreParts {
  readonly files: ObjectFiles;
  readonly bodies: HeldBodies;
  readonly buckets: BucketRows;
  readonly versions: VersionRows;
  readonly uploads: UploadRows;
  readonly queue: CommitQueue;
  now(): number;
}

export function findBucket(parts: StoreParts, name: string): Bucket | Refusal {
  return parts.buckets.find(name) ?? noSuchBucket;
}

export const noSuchBucket = refuse('NoSuchBucket', 'The specified bucket does not exist');

/** A file of ours is still part of a version or of an upload. */
export function isClaimed(parts: StoreParts, file: FilePlace): boolean {
  const bucket = parts.buckets.find(file.bucket);
  if (bucket === undefined) return false;
  const to = `${file.key}\u0001`;
  let seq = Number.MAX_SAFE_INTEGER;
  for (;;) {
    const rows = parts.versions.all(bucket.id, { key: file.key, seq }, to, pageMax);
    if (rows.some((row) => row.path === file.path && !row.deleteMarker)) return true;
    const last = rows.at(-1);
    if (last === undefined) break;
    seq = last.seq;
  }
  const uploads = parts.uploads.all(bucket.id, { key: file.key, id: '' }, to, pageMax);
  return uploads.some((upload) => parts.uploads.partAt(upload.id, file.path));
}

/**
 * What the disk says, in S3's words. Undefined for everything else: that is a bug, and is thrown.
 * The folder of a bucket may go away, or become read-only, under a running server.
 */
export function refusalOfDisk(error: unknown): Refusal | undefined {
  const code = codeOf(error);
  if (goneCodes.has(code)) return refuse('NoSuchBucket', 'The folder of the bucket is gone');
  if (deniedCodes.has(code)) return refuse('AccessDenied', `The folder refuses: ${code}`);
  if (busyCodes.has(code)) return refuse('SlowDown', 'Please reduce your request rate.');
  if (fullCodes.has(code) || code === 'ERR_SQLITE_ERROR') {
    return refuse('ServiceUnavailable', `The data folder cannot be written: ${code}`);
  }
  return undefined;
}

/** The change, or the refusal that the disk gave instead. */
export async function orRefusal<Result>(work: Promise<Result>): Promise<Result | Refusal> {
  try {
    return await work;
  } catch (error) {
    const refusal = refusalOfDisk(error);
    if (refusal === undefined) throw error;
    return refusal;
  }
}

const pageMax = 1_000;
const goneCodes = new Set(['ENOENT', 'ENOTDIR']);
const deniedCodes = new Set(['EACCES', 'EPERM', 'EROFS']);
const busyCodes = new Set(['EBUSY', 'EMFILE', 'ENFILE']);
const fullCodes = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EFBIG']);
