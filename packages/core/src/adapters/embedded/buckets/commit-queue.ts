import type { BucketIndex } from './bucket-index.ts';
import { type FilePlace, type GarbageRows, garbageRows } from './garbage-rows.ts';
import type { Intents } from './intents.ts';
import { type ObjectFiles, unlinkIfThere } from './object-files.ts';
import type { PendingBodies } from './pending-bodies.ts';

/** Every change of the buckets goes through here, in order, many to a transaction. */
export interface CommitQueue {
  /** Resolves when the change is durable; rejects when it did not happen. */
  submit<Result>(change: Change<Result>): Promise<Result>;
  /** Waits for what was submitted. */
  idle(): Promise<void>;
}

export interface Change<Result> {
  /** Bytes to keep: a file is linked before `apply` runs, a body is kept in the index by it. */
  readonly bytes?: NewBytes;
  /** Runs before the transaction: folders to make. Their names are synced before it. */
  before?(): void;
  /** In the transaction; `path` is where the bytes are, for a body the first candidate. */
  apply(path: string): Applied<Result>;
  /** After the transaction. */
  after?(): void;
}

export interface NewBytes {
  readonly bucket: string;
  readonly key: string;
  readonly candidates: readonly string[];
  readonly body?: Buffer;
  readonly file?: string;
}

export interface Applied<Result> {
  readonly result: Result;
  /** Where the new bytes are kept; a body may choose. Without it they are not needed. */
  readonly path?: string;
  /** What was replaced or removed. */
  readonly garbage?: readonly FilePlace[];
  /** A bucket that lost all its objects. */
  readonly emptied?: string;
}

export interface CommitParts {
  readonly index: BucketIndex;
  readonly files: ObjectFiles;
  readonly bodies: PendingBodies;
  readonly intents: Intents;
  /** Brings memory back in line with the index after a transaction that did not hold. */
  onRollback(): void;
  /** A file that should go could not be removed: durable all the same, tried again at a start. */
  onLeftOver(error: unknown): void;
}

export function commitQueue(parts: CommitParts): CommitQueue {
  const garbage = garbageRows(parts.index);
  const waiting: Waiting[] = [];
  let draining: Promise<void> | undefined;

  const drain = async () => {
    while (waiting.length > 0) {
      // One turn of the event loop, so that whatever is ready now shares the transaction.
      await new Promise(setImmediate);
      const group = waiting.splice(0, groupChangesMax);
      await commitGroup(parts, garbage, group);
    }
    draining = undefined;
  };
  return {
    submit: (change) =>
      new Promise((resolve, reject) => {
        if (waiting.length >= waitingChangesMax) {
          reject(new QueueFull());
          return;
        }
        const settle = { resolve: resolve as (value: unknown) => void, reject };
        waiting.push({ change, path: '', removals: [], ...settle });
        draining ??= drain();
      }),
    idle: async () => {
      await draining;
    },
  };
}

/** More changes wait than may. */
export class QueueFull extends Error {
  readonly code = 'EBUSY';
}

interface Waiting {
  readonly change: Change<unknown>;
  path: string;
  failed?: { error: unknown };
  applied?: Applied<unknown>;
  /** Files to remove after the transaction. */
  removals: FilePlace[];
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

async function commitGroup(
  parts: CommitParts,
  garbage: GarbageRows,
  group: readonly Waiting[],
): Promise<void> {
  try {
    await parts.bodies.room();
    await placeGroup(parts, group);
    parts.index.transaction(() => applyGroup(parts, garbage, group));
  } catch (error) {
    undoGroup(parts, garbage, group);
    for (const one of group) one.reject(one.failed?.error ?? error);
    return;
  }
  parts.bodies.committed();
  for (const one of group) finish(parts, garbage, one);
  clearIntents(parts, group);
}

async function placeGroup(parts: CommitParts, group: readonly Waiting[]): Promise<void> {
  const linked = group.flatMap(({ change }) => (change.bytes?.file ? [change.bytes] : []));
  if (linked.length > 0) parts.intents.write(linked);
  const failures = failuresOfBuckets(parts, group);
  for (const one of group) {
    try {
      one.change.before?.();
      if (one.change.bytes !== undefined) one.path = placeBytes(parts, one.change.bytes, failures);
    } catch (error) {
      one.failed = { error };
    }
  }
  const needsNames = group.some(({ change }) => change.before ?? change.bytes?.file);
  if (needsNames) await parts.files.sync([]);
}

/**
 * Bodies become files later. Where that fails, or would, they are refused now: whoever puts them
 * hears of it, and no more of them pile up.
 */
function failuresOfBuckets(
  { bodies, files }: CommitParts,
  group: readonly Waiting[],
): Map<string, unknown> {
  const failures = new Map<string, unknown>();
  for (const { change } of group) {
    if (change.bytes?.body === undefined || failures.has(change.bytes.bucket)) continue;
    const { bucket } = change.bytes;
    failures.set(bucket, bodies.failure(bucket));
    try {
      files.checkBucket(bucket);
    } catch (error) {
      failures.set(bucket, error);
    }
  }
  return failures;
}

function placeBytes(parts: CommitParts, bytes: NewBytes, failures: Map<string, unknown>): string {
  const { bucket, candidates, file } = bytes;
  if (file !== undefined) return parts.files.link(bucket, candidates, file);
  const failure = failures.get(bucket);
  if (failure !== undefined) throw failure;
  const [path] = candidates;
  if (path === undefined) throw new Error('Bytes have a place');
  return path;
}

function applyGroup(parts: CommitParts, garbage: GarbageRows, group: readonly Waiting[]): void {
  garbage.dropDone();
  for (const one of group) {
    if (one.failed !== undefined) continue;
    one.applied = one.change.apply(one.path);
    one.removals = keepBytes(parts, one.change.bytes, one);
    const { emptied } = one.applied;
    if (emptied !== undefined) parts.bodies.forgetBucket(emptied);
    for (const file of one.applied.garbage ?? []) {
      if (parts.bodies.forget(file.bucket, file.path)) one.removals.push(file);
    }
    for (const file of one.removals) garbage.add(file);
  }
}

/** Gives back what there is to remove: a file that is not needed. */
function keepBytes(
  parts: CommitParts,
  bytes: NewBytes | undefined,
  { applied, path: linkedPath }: Waiting,
): FilePlace[] {
  if (bytes === undefined) return [];
  const { bucket, key, body } = bytes;
  if (applied?.path === undefined) {
    return body === undefined ? [{ bucket, key, path: linkedPath }] : [];
  }
  if (body !== undefined) parts.bodies.add(bucket, key, applied.path, body);
  return [];
}

function finish(parts: CommitParts, garbage: GarbageRows, one: Waiting): void {
  try {
    if (one.change.bytes?.file !== undefined) unlinkIfThere(one.change.bytes.file);
    for (const file of one.removals) {
      parts.files.remove(file.bucket, file.path);
      garbage.removed(file);
    }
    if (one.applied !== undefined) one.change.after?.();
  } catch (error) {
    parts.onLeftOver(error);
  }
  if (one.failed !== undefined) one.reject(one.failed.error);
  else one.resolve(one.applied?.result);
}

function clearIntents(parts: CommitParts, group: readonly Waiting[]): void {
  if (group.some(({ change }) => change.bytes?.file !== undefined)) parts.intents.clear();
}

function undoGroup(parts: CommitParts, garbage: GarbageRows, group: readonly Waiting[]): void {
  parts.bodies.rolledBack();
  garbage.rolledBack();
  parts.onRollback();
  for (const { change, path } of group) {
    try {
      if (change.bytes?.file === undefined) continue;
      unlinkIfThere(change.bytes.file);
      if (path !== '') parts.files.remove(change.bytes.bucket, path);
    } catch (error) {
      parts.onLeftOver(error);
    }
  }
  clearIntents(parts, group);
}

const groupChangesMax = 256;
/** Each waiting put holds its bytes: the bound is what keeps memory bounded. */
const waitingChangesMax = 20_000;
