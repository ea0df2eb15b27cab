import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';

/** The index of all buckets: what exists, and where its bytes are. */
export interface BucketIndex {
  readonly database: DatabaseSyncInstance;
  /** All of `work` is durable when this returns, or none of it is there when it throws. */
  transaction<Result>(work: () => Result): Result;
  close(): void;
}

/** Opens or makes the index. One process at a time: a second one is refused by SQLite's lock. */
export function openBucketIndex(file: string): BucketIndex {
  const database = new DatabaseSync(file);
  try {
    database.exec(settings);
    prepareSchema(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    database,
    transaction: (work) => inTransaction(database, work),
    close: () => closeIndex(database),
  };
}

/**
 * Leaves no log beside the file, and no lock: statements keep a closed connection alive until
 * they are collected, and it would hold its lock against the next opening in this process.
 */
function closeIndex(database: DatabaseSyncInstance): void {
  try {
    database.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL');
    database.prepare('SELECT count(*) FROM buckets').get();
  } finally {
    database.close();
  }
}

function inTransaction<Result>(database: DatabaseSyncInstance, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function prepareSchema(database: DatabaseSyncInstance): void {
  const found = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (found.user_version === schemaVersion) return;
  if (found.user_version !== 0) {
    throw new Error(`The bucket index has version ${found.user_version}; this is ${schemaVersion}`);
  }
  inTransaction(database, () => {
    database.exec(schema);
    database.exec(`PRAGMA user_version = ${schemaVersion}`);
  });
}

const schemaVersion = 1;

const settings = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA cache_size = -16384;
  PRAGMA wal_autocheckpoint = 4000;
`;

/**
 * TEXT with the BINARY collation compares UTF-8 bytes: S3's order of keys. A version's `path` is
 * null where it is the key. `bodies` keeps the bytes of small objects until their files are synced.
 */
const schema = `
  CREATE TABLE buckets (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    created INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE settings (
    bucket INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (bucket, name)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE versions (
    bucket INTEGER NOT NULL,
    key TEXT NOT NULL,
    seq INTEGER NOT NULL,
    version TEXT NOT NULL,
    latest INTEGER NOT NULL,
    marker INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modified INTEGER NOT NULL,
    path TEXT,
    facts TEXT NOT NULL,
    tags TEXT,
    PRIMARY KEY (bucket, key, seq DESC)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE bodies (
    id INTEGER PRIMARY KEY,
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    path TEXT NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE TABLE garbage (
    id INTEGER PRIMARY KEY,
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    path TEXT NOT NULL
  ) STRICT;
  CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    bucket INTEGER NOT NULL,
    key TEXT NOT NULL,
    started INTEGER NOT NULL,
    facts TEXT NOT NULL,
    tags TEXT,
    checksum TEXT
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX uploads_by_key ON uploads (bucket, key, id);
  CREATE TABLE parts (
    upload TEXT NOT NULL,
    number INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modified INTEGER NOT NULL,
    checksum TEXT,
    path TEXT NOT NULL,
    PRIMARY KEY (upload, number)
  ) WITHOUT ROWID, STRICT;
`;
