import type { JournalEntry, Position } from './journal.ts';

/**
 * The event history behind LookupEvents: management events and Insights events of the last 90 days,
 * per account and Region, found by time and by one attribute.
 */
export interface History {
  /**
   * Adds the entries' records of the categories Management and Insight. Entries that were added
   * before change nothing. When it resolves they are found; durable no later than `through` says.
   */
  add(shard: string, entries: readonly JournalEntry[], next: Position): Promise<void>;
  /** Up to where the shard is durably in the history; reading goes on from there. */
  through(shard: string): Promise<Position | undefined>;
  /** Rejects when `after` is not from a page, or when what is stored is damaged. */
  lookup(query: HistoryQuery): Promise<HistoryPage>;
  /** Forgets events before `eventTime` (milliseconds since the epoch). */
  expire(eventTime: number): Promise<void>;
}

export interface HistoryQuery {
  readonly account: string;
  readonly region: string;
  readonly category: 'Management' | 'Insight';
  /** An exact match; values longer than LookupEvents can ask for (2,000) may not be found. */
  readonly attribute?: { readonly key: HistoryAttribute; readonly value: string };
  /** Milliseconds since the epoch, both inclusive. */
  readonly startTime: number;
  readonly endTime: number;
  readonly limit: number;
  /** From an earlier page of the same query: only what comes after it. */
  readonly after?: string;
}

/** LookupEvents' eight attribute keys. */
export type HistoryAttribute =
  | 'EventId'
  | 'EventName'
  | 'ReadOnly'
  | 'Username'
  | 'ResourceType'
  | 'ResourceName'
  | 'EventSource'
  | 'AccessKeyId';

export interface HistoryPage {
  /** The records as they were accepted (JSON text), newest eventTime first. */
  readonly records: readonly string[];
  /** Absent on the last page. New arrivals never shift the pages that follow it. */
  readonly next?: string;
}
