import type { History } from '../ports/history.ts';
import type { Position } from '../ports/journal.ts';
import { type DeliveryPorts, plannedUpTo } from './deliver-log-files.ts';

/**
 * Throws when a consumer has seen more of the journal than there is: then its newest records were
 * lost, and what comes now would take their positions and be taken for delivered.
 */
export async function refuseLostRecords(
  ports: DeliveryPorts & { readonly history: History },
): Promise<void> {
  for (const shard of await ports.journal.shards()) {
    const end = await ports.journal.end(shard);
    refuse(end, await plannedUpTo(ports, shard), 'log files were delivered');
    refuse(end, await ports.history.through(shard), 'the event history was written');
  }
}

function refuse(end: Position, seen: Position | undefined, what: string): void {
  if (seen === undefined || seen <= end) return;
  throw new Error(
    `The journal ends at position ${Number(end)}, and ${what} up to position ${Number(seen)}: ` +
      'the newest records are missing. Restore the data folder from a copy.',
  );
}
