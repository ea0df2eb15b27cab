import {
  DatabaseSync,
  type DatabaseSyncInstance,
  type StatementSyncInstance,
} from '@photostructure/sqlite';
import type {
  Commit,
  EventStore,
  RecordedEvent,
  StatePosition,
  StoredEvent,
  ViewChange,
  ViewRow,
} from '../../ports/event-store.ts';
import { commitItemsMax, itemBytesMax } from '../../ports/event-store.ts';

export interface SqliteEventStore extends EventStore {
  close(): void;
}

/**
 * The event store in one SQLite file: WAL, synchronous=FULL, one writer. Commits that arrive while
 * the event loop is busy share one transaction and so one fsync; each still succeeds or conflicts
 * on its own.
 */
export function sqliteEventStore(path: string): SqliteEventStore {
  const db = openDatabase(path);
  const sql = prepare(db);
  const versions = knownVersions(sql);
  let position = (sql.lastPosition.get() as { position: number | null }).position ?? 0;
  let waiting: WaitingCommit[] = [];

  function flush(): void {
    const group = waiting;
    waiting = [];
    const answers: (StatePosition | 'conflict')[] = [];
    let reached = position;
    try {
      db.exec('BEGIN IMMEDIATE');
      for (const { commit } of group) {
        const answer = apply(sql, versions, commit, reached);
        if (answer !== 'conflict') reached = answer;
        answers.push(answer);
      }
      db.exec('COMMIT');
      position = reached;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      versions.forget();
      for (const { reject } of group) reject(error);
      return;
    }
    group.forEach(({ resolve }, index) => {
      resolve(answers[index]!);
    });
  }

  return {
    async read(stream, afterVersion = 0) {
      if (versions.of(stream) === afterVersion) return { version: afterVersion, events: [] };
      const rows = sql.read.all(stream, afterVersion) as { version: number; event: string }[];
      const version = rows.at(-1)?.version ?? versions.of(stream);
      return { version, events: rows.map((row) => JSON.parse(row.event) as StoredEvent) };
    },
    commit(commit) {
      const written = writtenCommit(commit);
      return new Promise((resolve, reject) => {
        waiting.push({ commit: written, resolve, reject });
        if (waiting.length === 1) setImmediate(flush);
      });
    },
    async view(partition, key) {
      return toRow(sql.view.get(partition, key) as RawRow | undefined);
    },
    async views(partition, page = {}) {
      const rows = sql.views.all(partition, page.after ?? '', Math.min(page.limit ?? 1000, 1000));
      return (rows as unknown as RawRow[]).map((row) => toRow(row)!);
    },
    async since(kind, after, limit) {
      const rows = sql.since.all(kind, after, Math.min(limit, 1000)) as unknown as RawEvent[];
      return rows.map(
        (row): RecordedEvent => ({ ...row, event: JSON.parse(row.event) as StoredEvent }),
      );
    },
    async position() {
      return position;
    },
    close() {
      if (waiting.length > 0) flush();
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      db.close();
    },
  };
}

interface WaitingCommit {
  readonly commit: WrittenCommit;
  readonly resolve: (answer: StatePosition | 'conflict') => void;
  readonly reject: (error: unknown) => void;
}

const knownVersionsMax = 50_000;

/** This process alone writes the file, so what it wrote or read last is where a stream stands. */
function knownVersions(sql: Statements) {
  const known = new Map<string, number>();
  return {
    of(stream: string): number {
      const version = known.get(stream) ?? versionOf(sql, stream);
      this.set(stream, version);
      return version;
    },
    set(stream: string, version: number): void {
      if (known.size >= knownVersionsMax && !known.has(stream)) known.clear();
      known.set(stream, version);
    },
    /** After a transaction that was undone. */
    forget(): void {
      known.clear();
    },
  };
}

/** A commit as text: it is turned into JSON once, before it waits for its turn. */
interface WrittenCommit {
  readonly streams: readonly {
    readonly stream: string;
    readonly expectedVersion: number;
    readonly events: readonly string[];
  }[];
  readonly views: readonly (Omit<ViewChange, 'put'> & { readonly value: string | undefined })[];
}

type RawRow = { key: string; value: string; revision: number };
type RawEvent = { position: number; stream: string; version: number; event: string };
type Statements = ReturnType<typeof prepare>;

function openDatabase(path: string): DatabaseSyncInstance {
  const db = new DatabaseSync(path);
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA busy_timeout = 5000;
    CREATE TABLE IF NOT EXISTS events (
      position INTEGER PRIMARY KEY AUTOINCREMENT,
      stream TEXT NOT NULL, version INTEGER NOT NULL, event TEXT NOT NULL,
      kind TEXT NOT NULL GENERATED ALWAYS AS (substr(stream, 1, instr(stream, '/') - 1)) VIRTUAL,
      UNIQUE (stream, version)
    );
    CREATE INDEX IF NOT EXISTS events_by_kind ON events (kind, position);
    CREATE TABLE IF NOT EXISTS views (
      partition TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, revision INTEGER NOT NULL,
      PRIMARY KEY (partition, key)
    ) WITHOUT ROWID;
  `);
  return db;
}

function prepare(db: DatabaseSyncInstance) {
  return {
    lastPosition: db.prepare('SELECT max(position) AS position FROM events'),
    read: db.prepare(
      'SELECT version, event FROM events WHERE stream = ? AND version > ? ORDER BY version',
    ),
    version: db.prepare('SELECT max(version) AS version FROM events WHERE stream = ?'),
    insert: db.prepare('INSERT INTO events (stream, version, event) VALUES (?, ?, ?)'),
    view: db.prepare('SELECT key, value, revision FROM views WHERE partition = ? AND key = ?'),
    views: db.prepare(
      'SELECT key, value, revision FROM views WHERE partition = ? AND key > ? ORDER BY key LIMIT ?',
    ),
    putView: db.prepare(
      `INSERT INTO views (partition, key, value, revision) VALUES (?, ?, ?, 1)
       ON CONFLICT DO UPDATE SET value = excluded.value, revision = revision + 1`,
    ),
    deleteView: db.prepare('DELETE FROM views WHERE partition = ? AND key = ?'),
    since: db.prepare(
      `SELECT position, stream, version, event FROM events
       WHERE kind = ? AND position > ? ORDER BY position LIMIT ?`,
    ),
  } satisfies Record<string, StatementSyncInstance>;
}

/** Conditions are checked before the first write, so a conflict leaves nothing to undo. */
function apply(
  sql: Statements,
  versions: ReturnType<typeof knownVersions>,
  commit: WrittenCommit,
  before: StatePosition,
): StatePosition | 'conflict' {
  for (const { stream, expectedVersion } of commit.streams) {
    if (versions.of(stream) !== expectedVersion) return 'conflict';
  }
  for (const change of commit.views) {
    if (change.revision === undefined) continue;
    const row = sql.view.get(change.partition, change.key) as RawRow | undefined;
    if ((row?.revision ?? 0) !== change.revision) return 'conflict';
  }
  let position = before;
  for (const { stream, expectedVersion, events } of commit.streams) {
    events.forEach((event, index) => {
      const { lastInsertRowid } = sql.insert.run(stream, expectedVersion + index + 1, event);
      position = Number(lastInsertRowid);
    });
    versions.set(stream, expectedVersion + events.length);
  }
  for (const { partition, key, value } of commit.views) {
    if (value === undefined) sql.deleteView.run(partition, key);
    else sql.putView.run(partition, key, value);
  }
  return position;
}

function versionOf(sql: Statements, stream: string): number {
  return (sql.version.get(stream) as { version: number | null }).version ?? 0;
}

function toRow(row: RawRow | undefined): ViewRow | undefined {
  return row && { key: row.key, value: JSON.parse(row.value) as unknown, revision: row.revision };
}

/** Throws on a commit that DynamoDB could not take either: that is a bug of the caller. */
function writtenCommit(commit: Commit): WrittenCommit {
  const streams = commit.streams.map((append) => ({ ...append, events: append.events.map(text) }));
  const views = (commit.views ?? []).map(({ partition, key, revision, ...change }) => {
    const value = 'put' in change ? text(change.put) : undefined;
    return { partition, key, revision, value };
  });
  const items = streams.reduce((sum, append) => sum + append.events.length, views.length);
  if (items > commitItemsMax) throw new Error(`a commit of ${items} items; ${commitItemsMax} fit`);
  return { streams, views };
}

function text(item: unknown): string {
  const json = JSON.stringify(item);
  // A character is three bytes at most, so that few items must be counted.
  const bytes = json.length * 3 > itemBytesMax ? Buffer.byteLength(json) : json.length;
  if (bytes > itemBytesMax) throw new Error(`an item of ${bytes} bytes; ${itemBytesMax} fit`);
  return json;
}
