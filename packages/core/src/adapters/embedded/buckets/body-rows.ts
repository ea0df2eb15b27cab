import type { BucketIndex } from './bucket-index.ts';
import type { PendingBody } from './pending-book.ts';

/** The index's rows of bodies. Callers hold the transaction. */
export interface BodyRows {
  add(bucket: string, key: string, path: string, body: Buffer): number;
  read(id: number): Buffer;
  remove(id: number): void;
  removeAll(ids: readonly number[]): void;
  removeBucket(bucket: string): void;
  /** The object's bytes are to go elsewhere: the version says so, too. */
  move(one: PendingBody, path: string): void;
  /** Without the bytes. */
  all(): readonly BodyRow[];
}

export interface BodyRow {
  readonly id: number;
  readonly bucket: string;
  readonly key: string;
  readonly path: string;
  readonly bytes: number;
}

export function bodyRows(index: BucketIndex): BodyRows {
  const sql = statements(index);
  return {
    add: (bucket, key, path, body) => Number(sql.add.run(bucket, key, path, body).lastInsertRowid),
    read: (id) => {
      const { body } = sql.read.get(id) as { body: Uint8Array };
      return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    },
    remove: (id) => void sql.remove.run(id),
    removeAll: (ids) => {
      for (const [from, to] of runsOf(ids)) sql.removeRun.run(from, to);
    },
    removeBucket: (bucket) => void sql.removeBucket.run(bucket),
    move: ({ id, bucket, key, path }, to) => {
      sql.moveVersion.run(to, bucket, key, path);
      sql.move.run(to, id);
    },
    all: () => sql.all.all() as BodyRow[],
  };
}

function statements({ database }: BucketIndex) {
  return {
    add: database.prepare('INSERT INTO bodies (bucket, key, path, body) VALUES (?, ?, ?, ?)'),
    read: database.prepare('SELECT body FROM bodies WHERE id = ?'),
    remove: database.prepare('DELETE FROM bodies WHERE id = ?'),
    removeRun: database.prepare('DELETE FROM bodies WHERE id BETWEEN ? AND ?'),
    removeBucket: database.prepare('DELETE FROM bodies WHERE bucket = ?'),
    move: database.prepare('UPDATE bodies SET path = ? WHERE id = ?'),
    moveVersion: database.prepare(`UPDATE versions SET path = ?
      WHERE bucket = (SELECT id FROM buckets WHERE name = ?)
      AND key = ? AND ifnull(path, key) = ? AND marker = 0`),
    all: database.prepare(
      'SELECT id, bucket, key, path, length(body) AS bytes FROM bodies ORDER BY id',
    ),
  };
}

/** Ids that follow one another go with one statement. */
function runsOf(ids: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const id of [...ids].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] + 1 === id) last[1] = id;
    else runs.push([id, id]);
  }
  return runs;
}
