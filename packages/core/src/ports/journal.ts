import type { RecordBatch } from '../domain/events/record.ts';
import type { StatePosition } from './event-store.ts';

/**
 * The log of accepted records, from which every consumer reads at its own cursor.
 *
 * A shard is read in order; there is no order between shards (Kinesis' terms; embedded has one).
 * Consumers may see an entry again after a failure and must do no harm then.
 */
export interface Journal {
  shards(): Promise<readonly string[]>;
  /**
   * Resolves when the batch is durable; rejects when it is not, and then none of it is accepted
   * as far as the caller may say. A record whose eventID (for its recipient account) is in the
   * journal already is left out: `duplicate` if it is the same record, `conflict` if another.
   */
  append(batch: JournalBatch): Promise<readonly AppendOutcome[]>;
  /**
   * Entries at and after `from`, oldest first, about `bytesMax` of record bytes at most (one entry
   * at least, when there is one). `next` is where to go on.
   */
  read(shard: string, from: Position, bytesMax: number): Promise<JournalSlice>;
  /** Where the next entry of the shard will begin. */
  end(shard: string): Promise<Position>;
  /** The oldest position still held. */
  start(shard: string): Promise<Position>;
  /** Consumers no longer need what lies before `position`; it may go. */
  trim(shard: string, position: Position): Promise<void>;
}

/** A fixed-width decimal: the order of the strings is the order of the log. */
export type Position = string;

export type AppendOutcome = 'accepted' | 'duplicate' | 'conflict';

export interface JournalBatch extends RecordBatch {
  /** The state of resources when the records were accepted: selectors apply as they stood then. */
  readonly statePosition: StatePosition;
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number;
}

export interface JournalEntry extends JournalBatch {
  readonly position: Position;
}

export interface JournalSlice {
  readonly entries: readonly JournalEntry[];
  readonly next: Position;
}
