import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { StoredVersion, Tag } from './stored-version.ts';

/** The index's rows of versions. Every call is one statement; callers hold the transaction. */
export interface VersionRows {
  latest(bucket: number, key: string): StoredVersion | undefined;
  find(bucket: number, key: string, version: string): StoredVersion | undefined;
  insert(bucket: number, row: StoredVersion): void;
  update(bucket: number, row: StoredVersion): void;
  remove(bucket: number, key: string, seq: number): void;
  /** The key's newest remaining version becomes the latest. */
  promote(bucket: number, key: string): void;
  /** No version of the key is the latest. */
  demote(bucket: number, key: string): void;
  /** Latest versions that are objects, in key order: keys >= from, < to. */
  current(bucket: number, from: string, to: string, limit: number): readonly StoredVersion[];
  currentKeys(bucket: number, from: string, to: string, limit: number): readonly string[];
  /** All versions and markers, keys in order and newest first; after (key, seq). */
  all(bucket: number, after: VersionPlace, to: string, limit: number): readonly StoredVersion[];
  any(bucket: number): boolean;
  removeAll(bucket: number): void;
}

/** `seq` counts down within a key; Infinity-like `seqMax` is before its newest version. */
export interface VersionPlace {
  readonly key: string;
  readonly seq: number;
}

export const seqMax = Number.MAX_SAFE_INTEGER;

export function versionRows(database: DatabaseSyncInstance): VersionRows {
  const sql = statements(database);
  const one = (row: unknown) => (row === undefined ? undefined : fromRow(row as Row));
  const many = (rows: unknown[]) => (rows as Row[]).map(fromRow);
  return {
    latest: (bucket, key) => one(sql.latest.get(bucket, key)),
    find: (bucket, key, version) => one(sql.find.get(bucket, key, version)),
    insert: (bucket, row) => void sql.insert.run(bucket, row.key, row.seq, ...columns(row)),
    update: (bucket, row) => void sql.update.run(...columns(row), bucket, row.key, row.seq),
    remove: (bucket, key, seq) => void sql.remove.run(bucket, key, seq),
    promote: (bucket, key) => void sql.promote.run(bucket, key, bucket, key),
    demote: (bucket, key) => void sql.demote.run(bucket, key),
    current: (bucket, from, to, limit) => many(sql.current.all(bucket, from, to, limit)),
    currentKeys: (bucket, from, to, limit) =>
      (sql.currentKeys.all(bucket, from, to, limit) as { key: string }[]).map((row) => row.key),
    all: (bucket, after, to, limit) =>
      many(sql.all.all(bucket, after.key, after.key, after.seq, to, limit)),
    any: (bucket) => sql.any.get(bucket) !== undefined,
    removeAll: (bucket) => void sql.removeAll.run(bucket),
  };
}

function statements(database: DatabaseSyncInstance) {
  const current = `FROM versions WHERE bucket = ? AND key >= ? AND key < ?
    AND latest = 1 AND marker = 0 ORDER BY key LIMIT ?`;
  return {
    latest: database.prepare('SELECT * FROM versions WHERE bucket = ? AND key = ? LIMIT 1'),
    find: database.prepare('SELECT * FROM versions WHERE bucket = ? AND key = ? AND version = ?'),
    insert: database.prepare('INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    update: database.prepare(`UPDATE versions SET version = ?, latest = ?, marker = ?, size = ?,
      etag = ?, modified = ?, path = ?, facts = ?, tags = ?
      WHERE bucket = ? AND key = ? AND seq = ?`),
    remove: database.prepare('DELETE FROM versions WHERE bucket = ? AND key = ? AND seq = ?'),
    promote: database.prepare(`UPDATE versions SET latest = 1 WHERE bucket = ? AND key = ?
      AND seq = (SELECT max(seq) FROM versions WHERE bucket = ? AND key = ?)`),
    demote: database.prepare(
      'UPDATE versions SET latest = 0 WHERE bucket = ? AND key = ? AND latest = 1',
    ),
    current: database.prepare(`SELECT * ${current}`),
    currentKeys: database.prepare(`SELECT key ${current}`),
    all: database.prepare(`SELECT * FROM versions WHERE bucket = ? AND key >= ?
      AND (key > ? OR seq < ?) AND key < ? ORDER BY key, seq DESC LIMIT ?`),
    any: database.prepare('SELECT 1 FROM versions WHERE bucket = ? LIMIT 1'),
    removeAll: database.prepare('DELETE FROM versions WHERE bucket = ?'),
  };
}

type Column = string | number | null;

function columns(row: StoredVersion): Column[] {
  return [
    row.version,
    row.latest ? 1 : 0,
    row.deleteMarker ? 1 : 0,
    row.sizeBytes,
    row.etag,
    row.modifiedAt,
    row.path === row.key ? null : row.path,
    JSON.stringify(row.facts),
    row.tags.length === 0 ? null : JSON.stringify(row.tags),
  ];
}

interface Row {
  key: string;
  seq: number;
  version: string;
  latest: number;
  marker: number;
  size: number;
  etag: string;
  modified: number;
  path: string | null;
  facts: string;
  tags: string | null;
}

function fromRow(row: Row): StoredVersion {
  return {
    key: row.key,
    seq: row.seq,
    version: row.version,
    latest: row.latest === 1,
    deleteMarker: row.marker === 1,
    sizeBytes: row.size,
    etag: row.etag,
    modifiedAt: row.modified,
    path: row.path ?? row.key,
    facts: JSON.parse(row.facts),
    tags: row.tags === null ? [] : (JSON.parse(row.tags) as Tag[]),
  };
}
