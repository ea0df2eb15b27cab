import { logFileBytesMax } from '../domain/delivery/log-file.ts';
import type { Journal, JournalEntry, Position } from '../ports/journal.ts';

/**
 * Raw bytes of a window: one full log file, with room for the entry that makes it full. It bounds
 * what a delivery holds in memory.
 */
export const windowBytesMax = logFileBytesMax - 1024 * 1024;

export interface JournalWindow {
  readonly entries: readonly JournalEntry[];
  /** Where the window ends and the next one begins. */
  readonly to: Position;
}

/**
 * Entries from `from` on, about windowBytesMax of them. A window that was `planned` is read to its
 * end, however much that is: what it was planned with must be in it. Otherwise it ends at `before`
 * at the latest. One read of the journal may end earlier than was asked for, at the end of a
 * segment for example, so there may be several.
 */
export async function readWindow(
  journal: Journal,
  shard: string,
  from: Position,
  { planned, before }: { readonly planned?: Position; readonly before?: Position },
): Promise<JournalWindow> {
  const end = planned ?? before;
  const entries: JournalEntry[] = [];
  let next = from;
  let bytes = 0;
  while (planned !== undefined || bytes < windowBytesMax) {
    if (end !== undefined && next >= end) break;
    const slice = await journal.read(shard, next, Math.max(1, windowBytesMax - bytes));
    if (slice.entries.length === 0) break;
    for (const entry of slice.entries) {
      if (end !== undefined && entry.position >= end) break;
      entries.push(entry);
      bytes += entry.bytes.length;
    }
    next = slice.next;
  }
  return { entries, to: end !== undefined && next > end ? end : next };
}
