import { isRefusal } from '../../../domain/refusal.ts';
import type { Bucket } from './bucket-rows.ts';
import {
  type Lifecycle,
  type LifecycleFilter,
  type LifecycleRule,
  setting,
} from './bucket-settings.ts';
import { afterAllKeys, afterPrefix } from './key-order.ts';
import { abortUpload } from './multipart.ts';
import { changeObject, removeObject } from './object-changes.ts';
import type { StoreParts } from './store-parts.ts';
import type { StoredVersion } from './stored-version.ts';
import { seqMax } from './version-rows.ts';

/** How much a run did; repeated at once, a run does nothing. */
export interface Expired {
  readonly removed: number;
  readonly transitioned: number;
  readonly uploadsAborted: number;
}

/**
 * Carries out the lifecycle rules of all buckets as of `now` (milliseconds). An action is due at
 * the first midnight UTC after its days are over, as S3 has it:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
export async function expireObjects(parts: StoreParts, now: number): Promise<Expired> {
  const done = { removed: 0, transitioned: 0, uploadsAborted: 0 };
  for (const bucket of parts.buckets.all()) {
    const lifecycle = setting(bucket, 'lifecycle');
    if (lifecycle === undefined || !lifecycle.rules.some((rule) => rule.enabled)) continue;
    await expireBucket({ parts, bucket, lifecycle, now, done });
    for (const rule of lifecycle.rules) {
      if (rule.enabled) done.uploadsAborted += await abortOldUploads(parts, bucket, rule, now);
    }
  }
  return done;
}

interface Run {
  readonly parts: StoreParts;
  readonly bucket: Bucket;
  readonly lifecycle: Lifecycle;
  readonly now: number;
  readonly done: { removed: number; transitioned: number };
}

/** Key by key, newest version first: what became of a version depends on those after it. */
async function expireBucket(run: Run): Promise<void> {
  let place = { key: '', seq: seqMax };
  let newer: { key: string; count: number; since: number } = { key: '', count: 0, since: 0 };
  for (;;) {
    const rows = run.parts.versions.all(run.bucket.id, place, afterAllKeys, rowsMax);
    const last = rows.at(-1);
    if (last === undefined) return;
    for (const row of rows) {
      if (row.key !== newer.key) newer = { key: row.key, count: 0, since: 0 };
      if (row.latest) await expireLatest(run, row);
      else {
        await expireNoncurrent(run, row, newer);
        newer.count += 1;
      }
      newer.since = row.modifiedAt;
    }
    place = last;
  }
}

async function expireLatest(run: Run, row: StoredVersion): Promise<void> {
  const rules = run.lifecycle.rules.filter((rule) => rule.enabled && applies(rule.filter, row));
  if (row.deleteMarker) {
    const wanted = rules.some((rule) => rule.expiration?.expiredObjectDeleteMarker);
    if (wanted && isOnlyVersion(run, row)) await remove(run, row, row.version);
    return;
  }
  const expires = rules.some(
    ({ expiration }) => expiration && isDue(expiration, row.modifiedAt, run.now),
  );
  if (expires) return remove(run, row);
  const moves = rules.flatMap((rule) =>
    rule.transitions.filter((one) => isDue(one, row.modifiedAt, run.now) && mayMove(rule, row)),
  );
  const target = moves.at(-1)?.storageClass;
  if (target === undefined || target === row.facts.storageClass) return;
  const moved = await changeObject(run.parts, run.bucket.name, row, (version) => ({
    ...version,
    facts: { ...version.facts, storageClass: target },
  }));
  if (!isRefusal(moved)) run.done.transitioned += 1;
}

async function expireNoncurrent(
  run: Run,
  row: StoredVersion,
  newer: { readonly count: number; readonly since: number },
): Promise<void> {
  const due = run.lifecycle.rules.some((rule) => {
    const noncurrent = rule.noncurrentExpiration;
    if (!rule.enabled || noncurrent === undefined || !applies(rule.filter, row)) return false;
    if (newer.count < (noncurrent.newerVersions ?? 0)) return false;
    return isDue({ days: noncurrent.days }, newer.since, run.now);
  });
  if (due) await remove(run, row, row.version);
}

async function remove(run: Run, row: StoredVersion, version?: string): Promise<void> {
  const removed = await removeObject(run.parts, run.bucket.name, {
    key: row.key,
    version,
    // Whoever wrote the object anew in the meantime keeps it.
    ifSeq: row.seq,
  });
  if (!isRefusal(removed)) run.done.removed += 1;
}

function isOnlyVersion(run: Run, row: StoredVersion): boolean {
  const end = `${row.key}\u0001`;
  return run.parts.versions.all(run.bucket.id, { key: row.key, seq: seqMax }, end, 2).length === 1;
}

function applies(filter: LifecycleFilter, row: StoredVersion): boolean {
  if (!row.key.startsWith(filter.prefix ?? '')) return false;
  if (row.deleteMarker) return filter.tags.length === 0;
  if (row.sizeBytes <= (filter.sizeGreaterThan ?? -1)) return false;
  if (row.sizeBytes >= (filter.sizeLessThan ?? Number.POSITIVE_INFINITY)) return false;
  return filter.tags.every((tag) =>
    row.tags.some((one) => one.key === tag.key && one.value === tag.value),
  );
}

/** Small objects stay where they are, unless a rule itself speaks of sizes. */
function mayMove({ filter }: LifecycleRule, row: StoredVersion): boolean {
  const bySize = filter.sizeGreaterThan ?? filter.sizeLessThan;
  if (bySize !== undefined) return true;
  return row.sizeBytes >= transitionBytesMin;
}

function isDue(
  when: { readonly days?: number; readonly date?: number },
  since: number,
  now: number,
): boolean {
  if (when.date !== undefined) return now >= when.date;
  if (when.days === undefined) return false;
  return now >= Math.ceil((since + when.days * dayMs) / dayMs) * dayMs;
}

async function abortOldUploads(
  parts: StoreParts,
  bucket: Bucket,
  rule: LifecycleRule,
  now: number,
): Promise<number> {
  const days = rule.abortUploadsAfterDays;
  if (days === undefined) return 0;
  const prefix = rule.filter.prefix ?? '';
  let place = { key: prefix, id: '' };
  let aborted = 0;
  for (;;) {
    const uploads = parts.uploads.all(bucket.id, place, afterPrefix(prefix), rowsMax);
    const last = uploads.at(-1);
    if (last === undefined) return aborted;
    for (const { id, key, startedAt } of uploads) {
      if (!isDue({ days }, startedAt, now)) continue;
      const refused = await abortUpload(parts, { bucket: bucket.name, key, uploadId: id });
      if (refused === undefined) aborted += 1;
    }
    place = last;
  }
}

const rowsMax = 500;
const dayMs = 24 * 60 * 60 * 1000;
const transitionBytesMin = 128 * 1024;
