import type { History } from '../ports/history.ts';
import type { Journal } from '../ports/journal.ts';

const sliceBytes = 8 * 1024 * 1024;

/** Where the indexing of each shard stands in this process; it begins where the history ends. */
export interface HistoryIndexing {
  /** Indexes what the journal has; resolves when the history is up to date with it. */
  catchUp(): Promise<void>;
}

export function historyIndexing(journal: Journal, history: History): HistoryIndexing {
  const positions = new Map<string, string>();
  let running: Promise<void> | undefined;

  async function indexShard(shard: string): Promise<void> {
    let position = positions.get(shard);
    position ??= (await history.through(shard)) ?? (await journal.start(shard));
    // What comes in meanwhile has another turn: whoever waits for this one must not wait for ever.
    const end = await journal.end(shard);
    while (position < end) {
      const slice = await journal.read(shard, position, sliceBytes);
      if (slice.entries.length === 0) return;
      await history.add(shard, slice.entries, slice.next);
      position = slice.next;
      positions.set(shard, position);
    }
  }

  async function indexAll(): Promise<void> {
    for (const shard of await journal.shards()) await indexShard(shard);
  }

  return {
    async catchUp() {
      // Whoever asks while a run is on its way waits for one that begins after they asked.
      while (running) await running;
      running = indexAll().finally(() => {
        running = undefined;
      });
      await running;
    },
  };
}
