import { bodyRows } from './body-rows.ts';
import type { BucketIndex } from './bucket-index.ts';
import { fileMaker } from './make-files.ts';
import type { ObjectFiles } from './object-files.ts';
import { type PendingBook, pendingBook } from './pending-book.ts';
import { madeFilesSyncer, makeSome, pendingWork, settle } from './pending-work.ts';

/**
 * Small objects are durable in the index first. Their files are made soon after, in the
 * background, and synced many at a time; until then the index keeps the bytes, and a start makes
 * the files that are missing. While a file is not there, the object is read from here.
 */
export interface PendingBodies extends HeldBodies {
  /** In the transaction that adds the object. */
  add(bucket: string, key: string, path: string, body: Buffer): void;
  /** In the transaction that removes the object. False when it had no file to remove yet. */
  forget(bucket: string, path: string): boolean;
  /** In the transaction that removes all objects of the bucket. */
  forgetBucket(bucket: string): void;
  /** After a transaction: notes what it changed. The files follow soon. */
  committed(): void;
  rolledBack(): void;
  /** Waits while too much is pending. Rejects when files cannot be synced. */
  room(): Promise<void>;
  /** Why files of the bucket cannot be made; undefined when they can. Tried again in seconds. */
  failure(bucket: string): unknown;
  /** An object at this path has its bytes in the index. */
  holds(bucket: string, path: string): boolean;
  /** At the start: what the last process did not come to. */
  restore(claimed: (bucket: string, key: string, path: string) => boolean): void;
  /** Makes and syncs every file that is pending now. Rejects when some cannot be made. */
  settle(): Promise<void>;
  /** Settles; what cannot be made is reported, and stays for the next start. */
  close(): Promise<void>;
}

export interface HeldBodies {
  /** The bytes of an object whose file is not there yet. */
  read(bucket: string, path: string): Buffer | undefined;
}

export function pendingBodies(
  index: BucketIndex,
  files: ObjectFiles,
  onError: (error: unknown) => void,
): PendingBodies {
  const rows = bodyRows(index);
  const book = pendingBook();
  const maker = fileMaker({ index, rows, files, book, onError });
  const syncer = madeFilesSyncer({ index, rows, files, book });
  const work = pendingWork({ book, maker, syncer, onError });
  return {
    add: (bucket, key, path, body) => {
      const id = rows.add(bucket, key, path, body);
      const state = { made: false, mayBeOurs: false };
      book.add({ id, bucket, key, path, bytes: body.length, ...state });
    },
    forget: (bucket, path) => {
      const one = book.forget(bucket, path);
      if (one !== undefined) rows.remove(one.id);
      return one === undefined || one.made;
    },
    forgetBucket: (bucket) => {
      rows.removeBucket(bucket);
      book.forgetBucket(bucket);
    },
    committed: () => {
      book.committed();
      work.soon();
    },
    rolledBack: () => book.rolledBack(),
    room: async () => {
      while (tooManyUnmade(book) && maker.hasWork()) await makeSome(maker);
      if (book.madeBytes() >= madeBytesMax) await syncer.sync();
    },
    failure: (bucket) => maker.failure(bucket),
    read: (bucket, path) => {
      const one = book.find(bucket, path);
      return one === undefined || one.made ? undefined : rows.read(one.id);
    },
    holds: (bucket, path) => book.find(bucket, path) !== undefined,
    restore: (claimed) => {
      const found = rows.all();
      const kept = found.filter((row) => claimed(row.bucket, row.key, row.path));
      for (const row of kept) book.insert({ ...row, made: false, mayBeOurs: true });
      const ids = new Set(kept.map((row) => row.id));
      const gone = found.filter((row) => !ids.has(row.id));
      if (gone.length > 0) index.transaction(() => rows.removeAll(gone.map((row) => row.id)));
      work.soon();
    },
    settle: () => settle({ book, maker, syncer }),
    close: async () => {
      await work.stop();
      await settle({ book, maker, syncer }).catch(onError);
    },
  };
}

function tooManyUnmade(book: PendingBook): boolean {
  return book.unmadeCount() >= unmadeMax || book.unmadeBytes() >= unmadeBytesMax;
}

/** Beyond these, puts wait until files are made or synced. */
const unmadeMax = 16_384;
const unmadeBytesMax = 32 * 1024 * 1024;
const madeBytesMax = 64 * 1024 * 1024;
