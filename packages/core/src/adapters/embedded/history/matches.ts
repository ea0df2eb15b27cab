import type { HistoryQuery } from '../../../ports/history.ts';
import type { Segment } from './segment-format.ts';

/**
 * The events of one head or segment that answer a query, newest first: by eventTime, then by the
 * order of arrival. `time` and `ordinal` are those of the event at hand.
 */
export interface Matches {
  readonly shard: string;
  /** Negative infinity when none is left. */
  time: number;
  ordinal: number;
  advance(): void;
  /** The record at hand: its text, JSON, or where it is to be read. */
  record(): string | RecordPlace;
}

/** The bytes [start, end) of the segment's file. */
export interface RecordPlace {
  readonly segment: Segment;
  readonly start: number;
  readonly end: number;
}

/** Where a page ended. */
export interface Cursor {
  readonly time: number;
  readonly ordinal: number;
  readonly shard: string;
}

/** What every head and segment is asked. */
export interface Search extends Omit<HistoryQuery, 'after'> {
  readonly after: Cursor | undefined;
}

/** Whether the event comes after the cursor, so that it is older, or arrived earlier. */
export function isAfter(
  cursor: Cursor | undefined,
  time: number,
  ordinal: number,
  shard: string,
): boolean {
  if (cursor === undefined || time < cursor.time) return true;
  if (time > cursor.time) return false;
  return ordinal < cursor.ordinal || (ordinal === cursor.ordinal && shard < cursor.shard);
}

/** EventIds are found by a hash: the record has the last word. */
export function hasEventId(record: string, eventId: string): boolean {
  const parsed = JSON.parse(record) as { eventID?: unknown };
  return parsed.eventID === eventId;
}

export function noMatches(shard: string): Matches {
  return {
    shard,
    time: Number.NEGATIVE_INFINITY,
    ordinal: 0,
    advance: () => {},
    record: () => {
      throw new Error('there is no match at hand');
    },
  };
}
