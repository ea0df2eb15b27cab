import { randomBytes } from 'node:crypto';
import { isRefusal, type Refusal, refuse } from '../../../domain/refusal.ts';
import type { Bucket } from './bucket-rows.ts';
import { setting } from './bucket-settings.ts';
import type { Applied } from './commit-queue.ts';
import type { FilePlace } from './garbage-rows.ts';
import { dropReceived, type Received } from './receive-file.ts';
import { findBucket, isClaimed, orRefusal, type StoreParts } from './store-parts.ts';
import type { ObjectFacts, StoredVersion, Tag } from './stored-version.ts';

export interface PutObject {
  readonly key: string;
  readonly received: Received;
  readonly facts: ObjectFacts;
  readonly tags?: readonly Tag[];
  readonly condition?: PutCondition;
  /** Another ETag than the MD5 of the bytes. */
  readonly etag?: string;
}

/** If-None-Match: * and If-Match. */
export type PutCondition = { readonly absent: true } | { readonly etag: string };

/** Stores an object; the received bytes are used up, whatever the outcome. */
export async function putObject(
  parts: StoreParts,
  put: PutObject,
  alongside?: (bucket: Bucket) => readonly FilePlace[],
): Promise<StoredVersion | Refusal> {
  const { bucket, id, body, file } = put.received;
  const candidates = parts.files.candidates(put.key, id);
  const bytes = { bucket, key: put.key, candidates, body, file };
  const apply = (linked: string): Applied<StoredVersion | Refusal> => {
    const found = findBucket(parts, bucket);
    if (isRefusal(found)) return { result: found };
    const path = body === undefined ? linked : freePath(parts, found, put.key, candidates);
    const written = applyPut(parts, found, put, path);
    if (isRefusal(written.result)) return written;
    return {
      ...written,
      path,
      garbage: [...(written.garbage ?? []), ...(alongside?.(found) ?? [])],
    };
  };
  const outcome = await orRefusal(parts.queue.submit({ bytes, apply }));
  if (isRefusal(outcome)) dropReceived(put.received);
  return outcome;
}

/** Versions of the same key have a path each: the key's own, until one of them has that. */
function freePath(
  parts: StoreParts,
  bucket: Bucket,
  key: string,
  candidates: readonly string[],
): string {
  const [first = '', other = first] = candidates;
  if (first === other || parts.versions.latest(bucket.id, key) === undefined) return first;
  return isClaimed(parts, { bucket: bucket.name, key, path: first }) ? other : first;
}

function applyPut(
  parts: StoreParts,
  bucket: Bucket,
  put: PutObject,
  path: string,
): Applied<StoredVersion | Refusal> {
  const latest = parts.versions.latest(bucket.id, put.key);
  const refused = refusedByCondition(latest, put.condition);
  if (refused !== undefined) return { result: refused };
  const encryption = put.facts.encryption ??
    setting(bucket, 'encryption') ?? { algorithm: 'AES256' };
  const place = nextVersion(parts, bucket, put.key, latest);
  const stored: StoredVersion = {
    key: put.key,
    seq: place.seq,
    version: place.version,
    latest: true,
    deleteMarker: false,
    sizeBytes: put.received.sizeBytes,
    etag: put.etag ?? put.received.md5,
    modifiedAt: parts.now(),
    path,
    facts: { ...put.facts, encryption },
    tags: put.tags ?? [],
  };
  parts.versions.insert(bucket.id, stored);
  return { result: stored, garbage: place.garbage };
}

export function refusedByCondition(
  latest: StoredVersion | undefined,
  condition: PutCondition | undefined,
): Refusal | undefined {
  if (condition === undefined) return undefined;
  const there = latest !== undefined && !latest.deleteMarker;
  if ('absent' in condition) return there ? preconditionFailed : undefined;
  if (!there) return refuse('NoSuchKey', 'The specified key does not exist.');
  return latest.etag === condition.etag ? undefined : preconditionFailed;
}

const preconditionFailed = refuse(
  'PreconditionFailed',
  'At least one of the pre-conditions you specified did not hold',
);

/** Makes room for a new latest version: what goes before it, and under which name it goes in. */
function nextVersion(
  parts: StoreParts,
  bucket: Bucket,
  key: string,
  latest: StoredVersion | undefined,
): { seq: number; version: string; garbage: FilePlace[] } {
  const seq = (latest?.seq ?? 0) + 1;
  if (setting(bucket, 'versioning') === 'Enabled') {
    if (latest !== undefined) parts.versions.demote(bucket.id, key);
    return { seq, version: newVersionId(), garbage: [] };
  }
  const replaced =
    latest === undefined || latest.version === 'null'
      ? latest
      : parts.versions.find(bucket.id, key, 'null');
  if (latest !== undefined && latest !== replaced) parts.versions.demote(bucket.id, key);
  if (replaced !== undefined) parts.versions.remove(bucket.id, key, replaced.seq);
  return { seq, version: 'null', garbage: filesOf(bucket, replaced) };
}

function filesOf(bucket: Bucket, version: StoredVersion | undefined): FilePlace[] {
  if (version === undefined || version.deleteMarker) return [];
  return [{ bucket: bucket.name, key: version.key, path: version.path }];
}

export interface RemoveObject {
  readonly key: string;
  /** Only this version; without it the object, by a delete marker where versions are kept. */
  readonly version?: string;
  /** If-Match. */
  readonly etag?: string;
  /** Only while this is the version that would be removed, or hidden by a delete marker. */
  readonly ifSeq?: number;
}

export interface Removed {
  readonly version?: string;
  readonly deleteMarker: boolean;
}

/** Removing what is not there succeeds, as it does in S3. */
export async function removeObject(
  parts: StoreParts,
  bucketName: string,
  ask: RemoveObject,
): Promise<Removed | Refusal> {
  const apply = (): Applied<Removed | Refusal> => {
    const bucket = findBucket(parts, bucketName);
    if (isRefusal(bucket)) return { result: bucket };
    const latest = parts.versions.latest(bucket.id, ask.key);
    const refused =
      ask.etag === undefined ? undefined : refusedByCondition(latest, { etag: ask.etag });
    if (refused !== undefined) return { result: refused };
    if (ask.version === undefined && ask.ifSeq !== undefined && latest?.seq !== ask.ifSeq) {
      return { result: preconditionFailed };
    }
    return ask.version === undefined
      ? applyRemove(parts, bucket, ask.key, latest)
      : applyRemoveVersion(parts, bucket, ask.key, ask.version);
  };
  return orRefusal(parts.queue.submit({ apply }));
}

function applyRemove(
  parts: StoreParts,
  bucket: Bucket,
  key: string,
  latest: StoredVersion | undefined,
): Applied<Removed> {
  if (setting(bucket, 'versioning') === undefined) {
    if (latest !== undefined) parts.versions.remove(bucket.id, key, latest.seq);
    return { result: { deleteMarker: false }, garbage: filesOf(bucket, latest) };
  }
  const place = nextVersion(parts, bucket, key, latest);
  parts.versions.insert(bucket.id, {
    key,
    seq: place.seq,
    version: place.version,
    latest: true,
    deleteMarker: true,
    sizeBytes: 0,
    etag: '',
    modifiedAt: parts.now(),
    path: key,
    facts: {},
    tags: [],
  });
  return { result: { version: place.version, deleteMarker: true }, garbage: place.garbage };
}

function applyRemoveVersion(
  parts: StoreParts,
  bucket: Bucket,
  key: string,
  version: string,
): Applied<Removed> {
  const found = parts.versions.find(bucket.id, key, version);
  if (found === undefined) return { result: { version, deleteMarker: false } };
  parts.versions.remove(bucket.id, key, found.seq);
  if (found.latest) parts.versions.promote(bucket.id, key);
  return {
    result: { version, deleteMarker: found.deleteMarker },
    garbage: filesOf(bucket, found),
  };
}

/** Changes what is known about a version, not its bytes. */
export async function changeObject(
  parts: StoreParts,
  bucketName: string,
  ask: { readonly key: string; readonly version: string },
  change: (version: StoredVersion) => StoredVersion,
): Promise<StoredVersion | Refusal> {
  const apply = (): Applied<StoredVersion | Refusal> => {
    const bucket = findBucket(parts, bucketName);
    if (isRefusal(bucket)) return { result: bucket };
    const found = parts.versions.find(bucket.id, ask.key, ask.version);
    if (found === undefined) {
      return { result: refuse('NoSuchVersion', 'The specified version does not exist.') };
    }
    const changed = change(found);
    parts.versions.update(bucket.id, changed);
    return { result: changed };
  };
  return orRefusal(parts.queue.submit({ apply }));
}

/** 32 characters, as S3's are; no order is in them. */
function newVersionId(): string {
  return randomBytes(24).toString('base64url');
}
