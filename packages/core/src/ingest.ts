import { randomUUID } from 'node:crypto';
import { type RejectedRecord, readRecords } from './domain/events/read-records.ts';
import { isRefusal, type Refusal } from './domain/refusal.ts';
import type { Clock } from './ports/clock.ts';
import type { EventStore } from './ports/event-store.ts';
import type { Journal } from './ports/journal.ts';

export interface IngestPorts {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly store: EventStore;
}

/** Whose records a caller may write. */
export interface Writer {
  /** The account of records that name none. */
  readonly account: string;
  mayWriteFor(account: string): boolean;
}

export interface Accepted {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly Rejected[];
}

type Rejected = Omit<RejectedRecord, 'code'> & { readonly code: string };

/**
 * Takes records in: checked, completed, and durable when this resolves. Rejects (throws) when the
 * journal cannot store them; then nothing was acknowledged and the caller may send them again.
 * `body` is not compressed and must not be changed before this has resolved.
 */
export async function acceptRecords(
  ports: IngestPorts,
  writer: Writer,
  body: Buffer,
): Promise<Accepted | Refusal> {
  const now = ports.clock.now();
  const read = readRecords(body, {
    now,
    newEventID: randomUUID,
    mayWriteFor: (account) => writer.mayWriteFor(account),
    defaultAccount: writer.account,
  });
  if (isRefusal(read)) return read;
  const { batch } = read;
  if (batch.records.length === 0) return { accepted: 0, duplicates: 0, rejected: read.rejected };
  const statePosition = await ports.store.position();
  const outcomes = await ports.journal.append({ ...batch, statePosition, acceptedAt: now });
  let accepted = 0;
  let duplicates = 0;
  const conflicts: Rejected[] = [];
  outcomes.forEach((outcome, index) => {
    if (outcome === 'accepted') accepted += 1;
    else if (outcome === 'duplicate') duplicates += 1;
    else conflicts.push(conflict(bodyIndex(read.rejected, index), batch.records[index]!.facts));
  });
  const rejected = [...read.rejected, ...conflicts].sort((one, other) => one.index - other.index);
  return { accepted, duplicates, rejected };
}

function conflict(index: number, facts: { eventID: string }): Rejected {
  return {
    index,
    code: 'EventIDConflict',
    message: `Another record with eventID ${facts.eventID} was accepted before. A record cannot be changed; send it with an eventID of its own.`,
  };
}

/** Where the n-th record that was kept stood in the body, among those that were rejected. */
function bodyIndex(rejected: readonly RejectedRecord[], kept: number): number {
  let index = kept;
  for (const one of rejected) {
    if (one.index > index) break;
    index += 1;
  }
  return index;
}
