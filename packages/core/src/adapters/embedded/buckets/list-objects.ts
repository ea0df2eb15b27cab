import { afterKey, afterPrefix, laterKey } from './key-order.ts';
import type { StoreParts } from './store-parts.ts';
import type { StoredVersion } from './stored-version.ts';
import { seqMax } from './version-rows.ts';

export interface ListAsk {
  readonly prefix: string;
  /** Keys that hold it after the prefix are rolled up into common prefixes. */
  readonly delimiter?: string;
  /** A key, or a common prefix of an earlier page: only what comes after it. */
  readonly after?: string;
  /** Entries and common prefixes together. */
  readonly limit: number;
}

export interface ListPage {
  readonly entries: readonly StoredVersion[];
  readonly commonPrefixes: readonly string[];
  /** The last entry or common prefix, when there is more after it. */
  readonly next?: string;
}

/** The objects of a bucket, without delete markers and older versions. */
export function listObjects(parts: StoreParts, bucket: number, ask: ListAsk): ListPage {
  const page = newPage(ask.limit);
  const end = afterPrefix(ask.prefix);
  let from = laterKey(ask.prefix, firstAfter(ask));
  for (;;) {
    const rows = parts.versions.current(bucket, from, end, batchOf(ask));
    const last = rows.at(-1);
    if (last === undefined) return page.done();
    const skipTo = takeRows(page, rows, ask);
    if (page.full()) return page.done();
    from = skipTo ?? afterKey(last.key);
  }
}

export interface VersionsAsk extends ListAsk {
  /** Of the key `after`: only versions after this one. */
  readonly afterSeq?: number;
}

export interface VersionsPage extends ListPage {
  /** The version that `next` ends with; absent when it ends with a common prefix. */
  readonly nextVersion?: StoredVersion;
}

/** All versions and delete markers: keys in order, newest first within a key. */
export function listVersions(parts: StoreParts, bucket: number, ask: VersionsAsk): VersionsPage {
  const page = newPage(ask.limit);
  const end = afterPrefix(ask.prefix);
  const resumed = ask.after !== undefined && ask.afterSeq !== undefined;
  let place = resumed
    ? { key: ask.after ?? '', seq: ask.afterSeq ?? seqMax }
    : { key: laterKey(ask.prefix, firstAfter(ask)), seq: seqMax };
  for (;;) {
    const rows = parts.versions.all(bucket, place, end, batchOf(ask));
    const last = rows.at(-1);
    if (last === undefined) return page.done();
    const skipTo = takeRows(page, rows, ask);
    if (page.full()) return page.done();
    place = skipTo === undefined ? last : { key: skipTo, seq: seqMax };
  }
}

/** Undefined when all rows were taken; else where to read on, past a common prefix. */
function takeRows(page: Page, rows: readonly StoredVersion[], ask: ListAsk): string | undefined {
  for (const row of rows) {
    const common = commonPrefix(row.key, ask);
    if (common === undefined) page.entry(row);
    else page.commonPrefix(common);
    if (page.full()) return undefined;
    if (common !== undefined) return afterPrefix(common);
  }
  return undefined;
}

function commonPrefix(key: string, ask: ListAsk): string | undefined {
  if (ask.delimiter === undefined || ask.delimiter === '') return undefined;
  const at = key.indexOf(ask.delimiter, ask.prefix.length);
  return at < 0 ? undefined : key.slice(0, at + ask.delimiter.length);
}

/** A common prefix that was answered before stands for all keys under it. */
function firstAfter(ask: ListAsk): string {
  if (ask.after === undefined || ask.after === '') return '';
  const isCommon = ask.after.startsWith(ask.prefix) && commonPrefix(ask.after, ask) === ask.after;
  return isCommon ? afterPrefix(ask.after) : afterKey(ask.after);
}

function batchOf(ask: ListAsk): number {
  return ask.delimiter ? Math.min(batchWithDelimiter, ask.limit + 1) : ask.limit + 1;
}

interface Page {
  entry(row: StoredVersion): void;
  commonPrefix(prefix: string): void;
  /** One more than the limit was seen: there is a next page. */
  full(): boolean;
  done(): VersionsPage;
}

function newPage(limit: number): Page {
  const entries: StoredVersion[] = [];
  const commonPrefixes: string[] = [];
  let last: { next: string; version?: StoredVersion } | undefined;
  let more = false;
  const add = (next: string, version?: StoredVersion) => {
    if (entries.length + commonPrefixes.length >= limit) {
      more = true;
      return;
    }
    last = { next, version };
    if (version === undefined) commonPrefixes.push(next);
    else entries.push(version);
  };
  return {
    entry: (row) => add(row.key, row),
    commonPrefix: (prefix) => add(prefix),
    full: () => more,
    done: () => ({
      entries,
      commonPrefixes,
      ...(more && last ? { next: last.next, nextVersion: last.version } : {}),
    }),
  };
}

/** Most rows under a common prefix are skipped, so few are read at a time. */
const batchWithDelimiter = 100;
