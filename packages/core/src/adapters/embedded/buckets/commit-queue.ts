import type { BucketIndex } from './bucket-index.ts';
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
  /** Bytes that become a file before `apply` runs. */
  readonly bytes?: NewBytes;
  /** Runs before the transaction: folders to make. Their names are synced before it. */
  before?(): void;
  /** In the transaction; `path` is where the bytes are now. May not wait. */
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
  /** Files that are not needed: what was replaced, or new bytes that were refused. */
  readonly garbage?: readonly FilePlace[];
}

export interface FilePlace {
  readonly bucket: string;
  readonly key: string;
  readonly path: string;
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
        waiting.push({ change, path: '', resolve: resolve as (value: unknown) => void, reject });
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
  parts.intents.clear();
}

async function placeGroup(parts: CommitParts, group: readonly Waiting[]): Promise<void> {
  const withBytes = group.flatMap(({ change }) => (change.bytes ? [change.bytes] : []));
  if (withBytes.length > 0) parts.intents.write(withBytes);
  for (const one of group) {
    try {
      one.change.before?.();
      if (one.change.bytes !== undefined) one.path = placeBytes(parts.files, one.change.bytes);
    } catch (error) {
      one.failed = { error };
    }
  }
  const needsNames = group.some(({ change }) => change.before ?? change.bytes?.file);
  if (needsNames) await parts.files.syncNames();
}

function placeBytes(files: ObjectFiles, bytes: NewBytes): string {
  if (bytes.body !== undefined) return files.write(bytes.bucket, bytes.candidates, bytes.body);
  if (bytes.file === undefined) throw new Error('Bytes are a body or a file');
  return files.link(bytes.bucket, bytes.candidates, bytes.file);
}

function applyGroup(parts: CommitParts, garbage: GarbageRows, group: readonly Waiting[]): void {
  garbage.dropDone();
  for (const one of group) {
    if (one.failed !== undefined) continue;
    one.applied = one.change.apply(one.path);
    const bytes = one.change.bytes;
    const wasted = one.applied.garbage?.some(
      (file) => file.bucket === bytes?.bucket && file.path === one.path,
    );
    if (bytes?.body !== undefined && !wasted) {
      parts.bodies.add(bytes.bucket, bytes.key, one.path, bytes.body);
    }
    for (const file of one.applied.garbage ?? []) {
      parts.bodies.forget(file.bucket, file.path);
      garbage.add(file);
    }
  }
}

function finish(parts: CommitParts, garbage: GarbageRows, one: Waiting): void {
  try {
    if (one.change.bytes?.file !== undefined) unlinkIfThere(one.change.bytes.file);
    for (const file of one.applied?.garbage ?? []) {
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

function undoGroup(parts: CommitParts, garbage: GarbageRows, group: readonly Waiting[]): void {
  parts.bodies.rolledBack();
  garbage.rolledBack();
  parts.onRollback();
  for (const { change, path } of group) {
    try {
      if (change.bytes?.file !== undefined) unlinkIfThere(change.bytes.file);
      if (change.bytes !== undefined && path !== '') parts.files.remove(change.bytes.bucket, path);
    } catch (error) {
      parts.onLeftOver(error);
    }
  }
  parts.intents.clear();
}

interface GarbageRows {
  add(file: FilePlace): void;
  removed(file: FilePlace): void;
  dropDone(): void;
  rolledBack(): void;
}

/** Rows say what to remove, also after a crash between the transaction and the removal. */
function garbageRows(index: BucketIndex): GarbageRows {
  const insert = index.database.prepare('INSERT INTO garbage (bucket, key, path) VALUES (?, ?, ?)');
  const drop = index.database.prepare('DELETE FROM garbage WHERE id = ?');
  const ids = new Map<string, number>();
  let done: number[] = [];
  let dropped: number[] = [];
  const nameOf = (file: FilePlace) => `${file.bucket}/${file.path}`;
  return {
    add: (file) => {
      const row = insert.run(file.bucket, file.key, file.path);
      ids.set(nameOf(file), Number(row.lastInsertRowid));
    },
    removed: (file) => {
      const id = ids.get(nameOf(file));
      if (id !== undefined) done.push(id);
      ids.delete(nameOf(file));
    },
    dropDone: () => {
      for (const id of done) drop.run(id);
      dropped = done;
      done = [];
    },
    rolledBack: () => {
      done = [...dropped, ...done];
      dropped = [];
    },
  };
}

/** At the start: removes what a change had let go when the process ended. */
export function sweepGarbage(
  index: BucketIndex,
  files: ObjectFiles,
  claimed: (bucket: string, key: string, path: string) => boolean,
): void {
  const rows = index.database.prepare('SELECT bucket, key, path FROM garbage').all() as FilePlace[];
  for (const { bucket, key, path } of rows) {
    if (!claimed(bucket, key, path)) files.remove(bucket, path);
  }
  index.transaction(() => index.database.exec('DELETE FROM garbage'));
}

const groupChangesMax = 256;
/** Each waiting put holds its bytes: the bound is what keeps memory bounded. */
const waitingChangesMax = 20_000;
