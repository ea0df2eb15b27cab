import type { BucketIndex } from './bucket-index.ts';
import type { ObjectFiles } from './object-files.ts';

export interface FilePlace {
  readonly bucket: string;
  readonly key: string;
  readonly path: string;
}

/** Rows say what to remove, also after a crash between the transaction and the removal. */
export interface GarbageRows {
  add(file: FilePlace): void;
  removed(file: FilePlace): void;
  dropDone(): void;
  rolledBack(): void;
}

export function garbageRows(index: BucketIndex): GarbageRows {
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

/**
 * At the start: removes what a change had let go when the process ended. A body that is held for
 * a file's path is none of it: the file there is the one before.
 */
export function sweepGarbage(
  index: BucketIndex,
  files: ObjectFiles,
  claimed: (bucket: string, key: string, path: string) => boolean,
  holds: (bucket: string, path: string) => boolean,
): void {
  const rows = index.database.prepare('SELECT bucket, key, path FROM garbage').all() as FilePlace[];
  for (const { bucket, key, path } of rows) {
    if (!claimed(bucket, key, path) || holds(bucket, path)) files.remove(bucket, path);
  }
  index.transaction(() => index.database.exec('DELETE FROM garbage'));
}
