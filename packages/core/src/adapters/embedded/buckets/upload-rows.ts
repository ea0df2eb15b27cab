import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { ObjectFacts, Tag } from './stored-version.ts';

/** A multipart upload that was begun and neither completed nor aborted. */
export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly startedAt: number;
  readonly facts: ObjectFacts;
  readonly tags: readonly Tag[];
  /** The checksum that every part carries, when the upload was begun with one. */
  readonly checksum?: UploadChecksum;
}

export interface UploadChecksum {
  readonly algorithm: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

export interface UploadPart {
  readonly number: number;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedAt: number;
  /** Base64, of the algorithm the upload was begun with. */
  readonly checksum?: string;
  readonly path: string;
}

export interface UploadRows {
  insert(bucket: number, upload: Upload): void;
  find(bucket: number, key: string, id: string): Upload | undefined;
  /** In the order of keys and then ids, after (key, id). */
  all(bucket: number, after: UploadPlace, to: string, limit: number): readonly Upload[];
  remove(id: string): void;
  putPart(upload: string, part: UploadPart): void;
  part(upload: string, number: number): UploadPart | undefined;
  parts(upload: string, afterNumber: number, limit: number): readonly UploadPart[];
  partAt(upload: string, path: string): boolean;
}

export interface UploadPlace {
  readonly key: string;
  readonly id: string;
}

export function uploadRows(database: DatabaseSyncInstance): UploadRows {
  const sql = statements(database);
  const one = (row: unknown) => (row === undefined ? undefined : toUpload(row as UploadRow));
  return {
    insert: (bucket, upload) => void sql.insert.run(bucket, ...uploadColumns(upload)),
    find: (bucket, key, id) => one(sql.find.get(id, bucket, key)),
    all: (bucket, after, to, limit) =>
      (sql.all.all(bucket, after.key, after.key, after.id, to, limit) as UploadRow[]).map(toUpload),
    remove: (id) => {
      sql.removeParts.run(id);
      sql.remove.run(id);
    },
    putPart: (upload, part) => void sql.putPart.run(upload, ...partColumns(part)),
    part: (upload, number) => {
      const row = sql.part.get(upload, number);
      return row === undefined ? undefined : toPart(row as PartRow);
    },
    parts: (upload, after, limit) => (sql.parts.all(upload, after, limit) as PartRow[]).map(toPart),
    partAt: (upload, path) => sql.partAt.get(upload, path) !== undefined,
  };
}

function statements(database: DatabaseSyncInstance) {
  return {
    insert: database.prepare(`INSERT INTO uploads (bucket, id, key, started, facts, tags, checksum)
      VALUES (?, ?, ?, ?, ?, ?, ?)`),
    find: database.prepare('SELECT * FROM uploads WHERE id = ? AND bucket = ? AND key = ?'),
    all: database.prepare(`SELECT * FROM uploads WHERE bucket = ? AND key >= ?
      AND (key > ? OR id > ?) AND key < ? ORDER BY key, id LIMIT ?`),
    remove: database.prepare('DELETE FROM uploads WHERE id = ?'),
    removeParts: database.prepare('DELETE FROM parts WHERE upload = ?'),
    putPart: database.prepare('INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)'),
    part: database.prepare('SELECT * FROM parts WHERE upload = ? AND number = ?'),
    parts: database.prepare(
      'SELECT * FROM parts WHERE upload = ? AND number > ? ORDER BY number LIMIT ?',
    ),
    partAt: database.prepare('SELECT 1 FROM parts WHERE upload = ? AND path = ?'),
  };
}

function uploadColumns(upload: Upload): (string | number | null)[] {
  return [
    upload.id,
    upload.key,
    upload.startedAt,
    JSON.stringify(upload.facts),
    upload.tags.length === 0 ? null : JSON.stringify(upload.tags),
    upload.checksum === undefined ? null : JSON.stringify(upload.checksum),
  ];
}

function partColumns(part: UploadPart): (string | number | null)[] {
  const { number, sizeBytes, etag, modifiedAt, checksum, path } = part;
  return [number, sizeBytes, etag, modifiedAt, checksum ?? null, path];
}

interface UploadRow {
  id: string;
  key: string;
  started: number;
  facts: string;
  tags: string | null;
  checksum: string | null;
}

interface PartRow {
  number: number;
  size: number;
  etag: string;
  modified: number;
  checksum: string | null;
  path: string;
}

function toUpload(row: UploadRow): Upload {
  return {
    id: row.id,
    key: row.key,
    startedAt: row.started,
    facts: JSON.parse(row.facts),
    tags: row.tags === null ? [] : (JSON.parse(row.tags) as Tag[]),
    checksum: row.checksum === null ? undefined : JSON.parse(row.checksum),
  };
}

function toPart(row: PartRow): UploadPart {
  return {
    number: row.number,
    sizeBytes: row.size,
    etag: row.etag,
    modifiedAt: row.modified,
    checksum: row.checksum ?? undefined,
    path: row.path,
  };
}
