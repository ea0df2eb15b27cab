import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BucketIndex } from './bucket-index.ts';
import { reservedFolder } from './friendly-path.ts';
import type { ObjectFiles } from './object-files.ts';
import { syncTree } from './synced-files.ts';

/**
 * Small objects are durable in the index first; their files are written without a sync, and
 * synced many at a time. Until then the index keeps the bytes, and a start after a power failure
 * writes the files again from them.
 */
export interface PendingBodies {
  /** In the transaction that adds the object. */
  add(bucket: string, key: string, path: string, body: Buffer): void;
  /** In the transaction that removes the file, so that no later start brings it back. */
  forget(bucket: string, path: string): void;
  /** After a transaction: notes what it added. Settles soon. */
  committed(): void;
  rolledBack(): void;
  /** Waits while too much is pending. Rejects when files cannot be synced. */
  room(): Promise<void>;
  /** Syncs every file that is pending, and lets its bytes go. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export function pendingBodies(
  index: BucketIndex,
  files: ObjectFiles,
  onError: (error: unknown) => void,
): PendingBodies {
  const sql = statements(index);
  const book = pendingBook();
  let timer: NodeJS.Timeout | undefined;
  let settling: Promise<void> | undefined;

  const settleNow = async () => {
    clearTimeout(timer);
    timer = undefined;
    const taken = book.all();
    if (taken.length === 0) return;
    const paths = taken.map(([path]) => join(files.root, path));
    await syncFiles(files, paths);
    index.transaction(() => {
      for (const [, { id }] of taken) sql.remove.run(id);
    });
    book.settled(taken);
  };
  const settle = () => {
    settling ??= settleNow().finally(() => {
      settling = undefined;
    });
    return settling;
  };
  const settleInBackground = () => void settle().catch(onError);
  return {
    add: (bucket, key, path, body) => {
      const done = sql.add.run(bucket, key, path, body);
      book.add(`${bucket}/${path}`, { id: Number(done.lastInsertRowid), bytes: body.length });
    },
    forget: (bucket, path) => {
      const id = book.forget(`${bucket}/${path}`);
      if (id !== undefined) sql.remove.run(id);
    },
    committed: () => {
      book.committed();
      if (book.bytes() >= settleBytesMin) settleInBackground();
      else if (book.count() > 0) timer ??= setTimeout(settleInBackground, settleAfterMs).unref();
    },
    rolledBack: () => book.rolledBack(),
    room: async () => {
      if (book.bytes() >= pendingBytesMax) await settle();
    },
    settle,
    close: async () => {
      clearTimeout(timer);
      await settling?.catch(onError);
      await settle();
    },
  };
}

interface Pending {
  readonly id: number;
  readonly bytes: number;
}

/** Which files are pending, by `bucket/path`; what a transaction changes counts once it holds. */
function pendingBook() {
  const pending = new Map<string, Pending>();
  let added = new Map<string, Pending>();
  let forgotten: string[] = [];
  let bytes = 0;
  const drop = (name: string) => {
    bytes -= pending.get(name)?.bytes ?? 0;
    pending.delete(name);
  };
  const forgetChanges = () => {
    added = new Map();
    forgotten = [];
  };
  return {
    bytes: () => bytes,
    count: () => pending.size,
    all: () => [...pending],
    add: (name: string, one: Pending) => void added.set(name, one),
    forget: (name: string) => {
      const found = added.get(name) ?? pending.get(name);
      if (found !== undefined) forgotten.push(name);
      return found?.id;
    },
    committed: () => {
      for (const [name, one] of added) {
        pending.set(name, one);
        bytes += one.bytes;
      }
      for (const name of forgotten) drop(name);
      forgetChanges();
    },
    rolledBack: forgetChanges,
    /** Unless the name stands for a newer file by now. */
    settled: (taken: readonly (readonly [string, Pending])[]) => {
      for (const [name, { id }] of taken) {
        if (pending.get(name)?.id === id) drop(name);
      }
    },
  };
}

function syncFiles(files: ObjectFiles, paths: readonly string[]): Promise<void> {
  return syncTree(files.root, paths, [...new Set(paths.map((path) => dirname(path)))]);
}

/** At the start: files of small objects that a power failure may have taken are written again. */
export async function recoverBodies(
  index: BucketIndex,
  files: ObjectFiles,
  claimed: (bucket: string, key: string, path: string) => boolean,
): Promise<void> {
  const rows = index.database.prepare('SELECT id, bucket, key, path, body FROM bodies ORDER BY id');
  const written: string[] = [];
  for (const row of rows.iterate() as Iterable<BodyRow>) {
    if (!existsSync(join(files.root, row.bucket))) continue;
    if (!claimed(row.bucket, row.key, row.path)) continue;
    const temporary = files.incoming(row.bucket, files.newId());
    writeFileSync(temporary, row.body, { flag: 'wx' });
    const file = files.at(row.bucket, row.path);
    files.makeParent(row.bucket, row.path);
    renameSync(temporary, file);
    written.push(file);
  }
  await syncFiles(files, written);
  index.transaction(() => index.database.exec('DELETE FROM bodies'));
}

/** At the start: what was still being received when the process ended is nobody's. */
export function sweepIncoming(root: string, buckets: readonly string[]): void {
  for (const bucket of buckets) {
    const folder = join(root, bucket, reservedFolder, 'incoming');
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true });
  }
}

function statements(index: BucketIndex) {
  return {
    add: index.database.prepare('INSERT INTO bodies (bucket, key, path, body) VALUES (?, ?, ?, ?)'),
    remove: index.database.prepare('DELETE FROM bodies WHERE id = ?'),
  };
}

interface BodyRow {
  id: number;
  bucket: string;
  key: string;
  path: string;
  body: Uint8Array;
}

const settleBytesMin = 8 * 1024 * 1024;
const settleAfterMs = 2_000;
const pendingBytesMax = 64 * 1024 * 1024;
