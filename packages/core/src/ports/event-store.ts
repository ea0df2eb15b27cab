/**
 * Where the state of resources lives: streams of events, and views written in the same transaction.
 *
 * Shaped so that DynamoDB keeps it too: a commit is one transaction of at most 100 items (events
 * and view rows together), an item is at most 400 KB, a view row can be written on the condition
 * that it is still the revision that was read. Reads see every commit that was answered before.
 */
export interface EventStore {
  /** The stream's events after `afterVersion` (0: from the beginning), oldest first. */
  read(stream: string, afterVersion?: number): Promise<StreamSlice>;
  /** All or nothing. `'conflict'` when an expected version or revision was not met. */
  commit(commit: Commit): Promise<StatePosition | 'conflict'>;
  view(partition: string, key: string): Promise<ViewRow | undefined>;
  /** Rows of a partition in the order of their keys, `limit` (at most 1,000) at a time. */
  views(partition: string, page?: { after?: string; limit?: number }): Promise<readonly ViewRow[]>;
  /**
   * Events of all streams of a kind (the part of a stream's name before the first slash) in commit
   * order, after `position`, `limit` (at most 1,000) at a time.
   */
  since(kind: string, position: StatePosition, limit: number): Promise<readonly RecordedEvent[]>;
  /** Grows with every commit. A later commit has a larger one; numbers may be left out. */
  position(): Promise<StatePosition>;
}

export type StatePosition = number;

export interface StreamSlice {
  /** The version after the last event; 0 for a stream that does not exist. */
  readonly version: number;
  readonly events: readonly StoredEvent[];
}

/** An event as data: JSON only. `at` is milliseconds since the epoch. */
export interface StoredEvent {
  readonly type: string;
  readonly at: number;
}

export interface RecordedEvent {
  readonly position: StatePosition;
  readonly stream: string;
  readonly version: number;
  readonly event: StoredEvent;
}

export interface Commit {
  readonly streams: readonly {
    readonly stream: string;
    readonly expectedVersion: number;
    readonly events: readonly StoredEvent[];
  }[];
  readonly views?: readonly ViewChange[];
}

export interface ViewRow {
  readonly key: string;
  readonly value: unknown;
  readonly revision: number;
}

/** `revision` states the revision that must still stand: 0 for "no such row". Absent: any. */
export type ViewChange =
  | {
      readonly put: unknown;
      readonly partition: string;
      readonly key: string;
      readonly revision?: number;
    }
  | {
      readonly delete: true;
      readonly partition: string;
      readonly key: string;
      readonly revision?: number;
    };

/** Items (events and view changes) in one commit, as DynamoDB's TransactWriteItems has it. */
export const commitItemsMax = 100;
/** Bytes of one event or view row as JSON; DynamoDB's item limit less room for its keys. */
export const itemBytesMax = 390_000;
