import type { DatabaseSyncInstance } from '@photostructure/sqlite';

/** A bucket: who owns it, where it says it is, and its settings by name. */
export interface Bucket {
  readonly id: number;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly settings: ReadonlyMap<string, string>;
}

/** Rows of buckets and settings, all held in memory too: every request asks for its bucket. */
export interface BucketRows {
  all(): readonly Bucket[];
  find(name: string): Bucket | undefined;
  insert(bucket: Omit<Bucket, 'id'>): Bucket;
  /** An undefined value removes the setting. */
  set(bucket: Bucket, name: string, value: string | undefined): void;
  remove(bucket: Bucket): void;
  /** Reads memory anew, after a transaction that did not hold. */
  reload(): void;
}

export function bucketRows(database: DatabaseSyncInstance): BucketRows {
  const sql = statements(database);
  let buckets = load(database);
  const keep = (bucket: Bucket) => void buckets.set(bucket.name, bucket);
  return {
    all: () => [...buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    find: (name) => buckets.get(name),
    insert: (bucket) => {
      const { name, account, region, createdAt } = bucket;
      const done = sql.insert.run(name, account, region, createdAt);
      const made = { ...bucket, id: Number(done.lastInsertRowid) };
      for (const [setting, value] of bucket.settings) sql.set.run(made.id, setting, value);
      keep(made);
      return made;
    },
    set: (bucket, name, value) => {
      const next = new Map(bucket.settings);
      if (value === undefined) {
        sql.unset.run(bucket.id, name);
        next.delete(name);
      } else {
        sql.set.run(bucket.id, name, value);
        next.set(name, value);
      }
      keep({ ...bucket, settings: next });
    },
    remove: (bucket) => {
      sql.unsetAll.run(bucket.id);
      sql.remove.run(bucket.id);
      buckets.delete(bucket.name);
    },
    reload: () => {
      buckets = load(database);
    },
  };
}

function statements(database: DatabaseSyncInstance) {
  return {
    insert: database.prepare(
      'INSERT INTO buckets (name, account, region, created) VALUES (?, ?, ?, ?)',
    ),
    remove: database.prepare('DELETE FROM buckets WHERE id = ?'),
    set: database.prepare('INSERT OR REPLACE INTO settings VALUES (?, ?, ?)'),
    unset: database.prepare('DELETE FROM settings WHERE bucket = ? AND name = ?'),
    unsetAll: database.prepare('DELETE FROM settings WHERE bucket = ?'),
  };
}

function load(database: DatabaseSyncInstance): Map<string, Bucket> {
  const settings = new Map<number, Map<string, string>>();
  const settingRows = database.prepare('SELECT * FROM settings').all() as SettingRow[];
  for (const row of settingRows) {
    const of = settings.get(row.bucket) ?? new Map<string, string>();
    settings.set(row.bucket, of.set(row.name, row.value));
  }
  const rows = database.prepare('SELECT * FROM buckets').all() as BucketRow[];
  return new Map(
    rows.map((row) => [
      row.name,
      {
        id: row.id,
        name: row.name,
        account: row.account,
        region: row.region,
        createdAt: row.created,
        settings: settings.get(row.id) ?? new Map<string, string>(),
      },
    ]),
  );
}

interface SettingRow {
  bucket: number;
  name: string;
  value: string;
}

interface BucketRow {
  id: number;
  name: string;
  account: string;
  region: string;
  created: number;
}
