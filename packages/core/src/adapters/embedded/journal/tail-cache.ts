import type { JournalEntry } from '../../../ports/journal.ts';

/** The newest entries, as they were appended, so that a consumer that keeps up parses nothing. */
export interface TailCache {
  add(at: number, length: number, entry: JournalEntry): void;
  /** Entries from exactly this position on; undefined when it is not (or no longer) held. */
  from(position: number, bytesMax: number): CachedRun | undefined;
}

export interface CachedRun {
  readonly entries: readonly JournalEntry[];
  readonly next: number;
}

interface Cached {
  readonly at: number;
  readonly length: number;
  readonly entry: JournalEntry;
}

export function tailCache(bytesMax: number): TailCache {
  let held: (Cached | undefined)[] = [];
  let first = 0;
  let bytes = 0;

  function find(position: number): number {
    let low = first;
    let high = held.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (held[middle]!.at < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    add(at, length, entry) {
      held.push({ at, length, entry });
      bytes += length;
      while (bytes > bytesMax && first < held.length - 1) {
        bytes -= held[first]!.length;
        // The front is cut off only now and then, since that moves the whole list; what an entry
        // holds is let go at once.
        held[first++] = undefined;
      }
      if (first > 1_024 && first * 2 > held.length) {
        held = held.slice(first);
        first = 0;
      }
    },
    from(position, runBytesMax) {
      let i = find(position);
      if (held[i]?.at !== position) return undefined;
      const entries: JournalEntry[] = [];
      let run = 0;
      let next = position;
      for (; i < held.length; i++) {
        const cached = held[i]!;
        if (run > 0 && run + cached.entry.bytes.length > runBytesMax) break;
        run += cached.entry.bytes.length;
        entries.push(cached.entry);
        next = cached.at + cached.length;
      }
      return { entries, next };
    },
  };
}
