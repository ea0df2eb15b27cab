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
  let position = (sql.lastPosition.get() as { position: number | null }).position ?? 0;
  let waiting: WaitingCommit[] = [];

  function flush(): void {
    const group = waiting;
    waiting = [];
    const answers: (StatePosition | 'conflict')[] = [];
    try {
      db.exec('BEGIN IMMEDIATE');
      for (const { commit } of group) answers.push(apply(sql, commit));
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      for (const { reject } of group) reject(error);
      return;
    }
    for (const answer of answers) if (answer !== 'conflict') position = answer;
    group.forEach(({ resolve }, index) => {
      resolve(answers[index]!);
    });
  }

  return {
    async read(stream, afterVersion = 0) {
      const rows = sql.read.all(stream, afterVersion) as { version: number; event: string }[];
      const version = rows.at(-1)?.version ?? versionOf(sql, stream);
      return { version, events: rows.map((row) => JSON.parse(row.event) as StoredEvent) };
    },
    commit(commit) {
      checkSize(commit);
      return new Promise((resolve, reject) => {
        waiting.push({ commit, resolve, reject });
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
      db.close();
    },
  };
}

interface WaitingCommit {
  readonly commit: Commit;
  readonly resolve: (answer: StatePosition | 'conflict') => void;
  readonly reject: (error: unknown) => void;
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
function apply(sql: Statements, commit: Commit): StatePosition | 'conflict' {
  const views = commit.views ?? [];
  for (const { stream, expectedVersion } of commit.streams) {
    if (versionOf(sql, stream) !== expectedVersion) return 'conflict';
  }
  for (const change of views) {
    if (change.revision === undefined) continue;
    const row = sql.view.get(change.partition, change.key) as RawRow | undefined;
    if ((row?.revision ?? 0) !== change.revision) return 'conflict';
  }
  for (const { stream, expectedVersion, events } of commit.streams) {
    events.forEach((event, index) => {
      sql.insert.run(stream, expectedVersion + index + 1, JSON.stringify(event));
    });
  }
  for (const change of views) write(sql, change);
  return (sql.lastPosition.get() as { position: number | null }).position ?? 0;
}

function write(sql: Statements, change: ViewChange): void {
  if ('put' in change) {
    sql.putView.run(change.partition, change.key, JSON.stringify(change.put));
  } else {
    sql.deleteView.run(change.partition, change.key);
  }
}

function versionOf(sql: Statements, stream: string): number {
  return (sql.version.get(stream) as { version: number | null }).version ?? 0;
}

function toRow(row: RawRow | undefined): ViewRow | undefined {
  return row && { key: row.key, value: JSON.parse(row.value) as unknown, revision: row.revision };
}

function checkSize(commit: Commit): void {
  const events = commit.streams.flatMap((append) => append.events);
  const puts = (commit.views ?? []).flatMap((change) => ('put' in change ? [change.put] : []));
  const items = events.length + (commit.views?.length ?? 0);
  if (items > commitItemsMax) throw new Error(`a commit of ${items} items; ${commitItemsMax} fit`);
  for (const item of [...events, ...puts]) {
    const bytes = Buffer.byteLength(JSON.stringify(item));
    if (bytes > itemBytesMax) throw new Error(`an item of ${bytes} bytes; ${itemBytesMax} fit`);
  }
}
