import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isRefusal, type Refusal, refuse } from '../../../domain/refusal.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { ObjectStore } from '../../../ports/object-store.ts';
import { type BucketIndex, openBucketIndex } from './bucket-index.ts';
import { type Bucket, bucketRows } from './bucket-rows.ts';
import { type BucketSettings, type SettingName, settingText } from './bucket-settings.ts';
import { commitQueue } from './commit-queue.ts';
import { type MayDeliver, notDenied } from './delivery-policy.ts';
import { type Expired, expireObjects } from './expire-objects.ts';
import { sweepGarbage } from './garbage-rows.ts';
import { type Intents, openIntents, sweepIncoming, sweepIntents } from './intents.ts';
import { afterAllKeys } from './key-order.ts';
import { removeUploads } from './multipart.ts';
import { objectFiles } from './object-files.ts';
import { objectStorePort } from './object-store-port.ts';
import { type PendingBodies, pendingBodies } from './pending-bodies.ts';
import { findBucket, isClaimed, orRefusal, type StoreParts } from './store-parts.ts';
import { uploadRows } from './upload-rows.ts';
import { versionRows } from './version-rows.ts';

/**
 * Buckets in a folder: objects are plain files under `<dir>/buckets/<bucket>/`, and
 * `<dir>/buckets.sqlite` says which of them are objects and all else about them. A file put there
 * by hand is no object. An object is durable when its put resolves; after a crash at any moment
 * there is the object from before or the new one, never a part of it. The file of an object up to
 * 64 KiB follows within a second or so; until then it is read from the index. One process at a
 * time.
 */
export interface FolderBuckets extends ObjectStore {
  /** For the S3 gateway: listings, versions, uploads and settings work on these. */
  readonly parts: StoreParts;
  createBucket(bucket: NewBucket): Promise<Bucket | Refusal>;
  /** Refuses a bucket that holds versions or delete markers. */
  deleteBucket(name: string): Promise<Refusal | undefined>;
  /** An undefined value removes the setting. */
  set<Name extends SettingName>(
    bucket: string,
    name: Name,
    value: BucketSettings[Name] | undefined,
  ): Promise<Refusal | undefined>;
  /** Carries out the lifecycle rules as of `now`, in milliseconds. */
  expireObjects(now: number): Promise<Expired>;
  /** Makes and syncs the files of small objects, whose bytes the index keeps until then. */
  settle(): Promise<void>;
  /** Removes every bucket and object. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export interface NewBucket {
  readonly name: string;
  /** 12 digits: the owner. */
  readonly account: string;
  readonly region: string;
  /** Over those of new buckets: closed to the public, ACLs off. */
  readonly settings?: Partial<BucketSettings>;
}

export interface FolderBucketsOptions {
  readonly clock: Clock;
  readonly mayDeliver?: MayDeliver;
  /** What could not be removed or synced in the background; it is tried again. */
  readonly onError?: (error: unknown) => void;
}

export async function folderBuckets(
  dir: string,
  options: FolderBucketsOptions,
): Promise<FolderBuckets> {
  mkdirSync(join(dir, 'buckets'), { recursive: true });
  const index = openBucketIndex(join(dir, 'buckets.sqlite'));
  try {
    return openBuckets(dir, index, options);
  } catch (error) {
    index.close();
    throw error;
  }
}

function openBuckets(
  dir: string,
  index: BucketIndex,
  options: FolderBucketsOptions,
): FolderBuckets {
  const onError = options.onError ?? reportError;
  const files = objectFiles(join(dir, 'buckets'));
  const bodies = pendingBodies(index, files, onError);
  const buckets = bucketRows(index.database);
  const rows = { versions: versionRows(index.database), uploads: uploadRows(index.database) };
  const intentsFile = join(dir, 'buckets.intents');
  const readOnly = { files, bodies, buckets, ...rows, now: () => options.clock.now() };
  recover(index, bodies, { ...readOnly, queue: noQueue }, intentsFile);
  const intents = openIntents(intentsFile);
  const onRollback = () => buckets.reload();
  const queue = commitQueue({ index, files, bodies, intents, onRollback, onLeftOver: onError });
  const parts = { ...readOnly, queue };
  const closing = { index, bodies, intents };
  return {
    ...objectStorePort(parts, options.mayDeliver ?? notDenied),
    parts,
    createBucket: (bucket) => createBucket(parts, bucket),
    deleteBucket: (name) => deleteBucket(parts, name),
    set: (bucket, name, value) => setSetting(parts, bucket, name, value),
    expireObjects: (now) => expireObjects(parts, now),
    settle: () => bodies.settle(),
    clear: () => clear(parts),
    close: () => close(parts, closing),
  };
}

function recover(
  index: BucketIndex,
  bodies: PendingBodies,
  parts: StoreParts,
  intentsFile: string,
): void {
  const claimed = (bucket: string, key: string, path: string) =>
    isClaimed(parts, { bucket, key, path });
  const { root } = parts.files;
  sweepIntents(intentsFile, root, claimed);
  sweepIncoming(
    root,
    parts.buckets.all().map((bucket) => bucket.name),
  );
  bodies.restore(claimed);
  sweepGarbage(index, parts.files, claimed, bodies.holds);
}

/** Nothing is submitted before the recovery is done. */
const noQueue = {
  submit: () => Promise.reject(new Error('The buckets are not open yet')),
  idle: () => Promise.resolve(),
};

async function createBucket(parts: StoreParts, bucket: NewBucket): Promise<Bucket | Refusal> {
  const { name, account, region } = bucket;
  if (!bucketName.test(name)) {
    return refuse('InvalidBucketName', 'The specified bucket is not valid.');
  }
  const given = Object.entries({ ...newBucketSettings, ...bucket.settings }) as [
    SettingName,
    never,
  ][];
  const settings = new Map(given.map(([key, value]) => [key as string, settingText(key, value)]));
  const apply = () => {
    const found = parts.buckets.find(name);
    if (found !== undefined) return { result: existing(found, account) };
    const made = parts.buckets.insert({ name, account, region, createdAt: parts.now(), settings });
    return { result: made };
  };
  const before = () => parts.files.makeBucketFolder(name);
  return orRefusal(parts.queue.submit<Bucket | Refusal>({ before, apply }));
}

function existing(found: Bucket, account: string): Refusal {
  return found.account === account
    ? refuse(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
      )
    : refuse(
        'BucketAlreadyExists',
        'The requested bucket name is not available. The bucket namespace is shared by all ' +
          'users of the system. Please select a different name and try again.',
      );
}

async function deleteBucket(parts: StoreParts, name: string): Promise<Refusal | undefined> {
  let removed = false;
  const apply = () => {
    const bucket = findBucket(parts, name);
    if (isRefusal(bucket)) return { result: bucket };
    if (parts.versions.any(bucket.id)) {
      return { result: refuse('BucketNotEmpty', 'The bucket you tried to delete is not empty') };
    }
    const garbage = removeUploads(parts, bucket, afterAllKeys);
    parts.buckets.remove(bucket);
    removed = true;
    return { result: undefined, garbage };
  };
  const after = () => {
    if (removed) parts.files.removeBucketFolder(name);
  };
  return orRefusal(parts.queue.submit<Refusal | undefined>({ apply, after }));
}

async function setSetting<Name extends SettingName>(
  parts: StoreParts,
  bucketName: string,
  name: Name,
  value: BucketSettings[Name] | undefined,
): Promise<Refusal | undefined> {
  const apply = () => {
    const bucket = findBucket(parts, bucketName);
    if (isRefusal(bucket)) return { result: bucket };
    parts.buckets.set(bucket, name, value === undefined ? undefined : settingText(name, value));
    return { result: undefined };
  };
  return orRefusal(parts.queue.submit<Refusal | undefined>({ apply }));
}

async function clear(parts: StoreParts): Promise<void> {
  for (const { name, id } of parts.buckets.all()) {
    await parts.queue.submit({
      apply: () => {
        parts.versions.removeAll(id);
        return { result: undefined, emptied: name };
      },
    });
    const refused = await deleteBucket(parts, name);
    if (refused !== undefined) throw new Error(`${refused.refused}: ${refused.message}`);
    parts.files.eraseBucketFolder(name);
  }
}

async function close(
  parts: StoreParts,
  open: { index: BucketIndex; bodies: PendingBodies; intents: Intents },
): Promise<void> {
  await parts.queue.idle();
  await open.bodies.close();
  open.intents.close();
  open.index.close();
}

function reportError(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}

/** As S3 has made buckets since April 2023. */
const newBucketSettings: Partial<BucketSettings> = {
  ownership: 'BucketOwnerEnforced',
  publicAccessBlock: {
    blockPublicAcls: true,
    ignorePublicAcls: true,
    blockPublicPolicy: true,
    restrictPublicBuckets: true,
  },
};

/** Names become folder names; S3's other rules about names are the gateway's. */
const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
