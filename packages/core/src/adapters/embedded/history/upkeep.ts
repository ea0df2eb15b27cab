import { type Catalogue, unlinkSegments } from './catalogue.ts';
import type { ChunkPool } from './chunk-pool.ts';
import type { Filters } from './filter.ts';
import { mergeSegments, smallNeighbours } from './merge-segments.ts';
import type { Pages } from './pages.ts';
import type { Segment } from './segment-format.ts';
import { turns } from './turns.ts';

/** What replaces and deletes segments, one thing at a time. */
export interface Upkeep {
  /** In the background; a failure shows when `expire` tries again. */
  segmentAdded(): void;
  /** `save` makes durable what the segments that go would no longer tell. */
  expire(eventTime: number, save: () => Promise<void>): Promise<void>;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

export interface Upkept {
  readonly dir: string;
  readonly catalogue: Catalogue;
  readonly pages: Pages;
  readonly filters: Filters;
  readonly pool: ChunkPool;
  readonly headRecordsMax: number;
}

export function segmentUpkeep(upkept: Upkept): Upkeep {
  const { dir, catalogue, pages, filters, pool } = upkept;
  const inTurn = turns();

  async function mergeSmall(): Promise<void> {
    for (;;) {
      const small = smallNeighbours(catalogue.segments, upkept.headRecordsMax);
      if (small === undefined) return;
      const merged = await mergeSegments(dir, pages, pool, small);
      catalogue.add(merged);
      await drop(small);
    }
  }

  async function drop(gone: readonly Segment[]): Promise<void> {
    catalogue.remove(new Set(gone));
    for (const segment of gone) {
      pages.forget(segment);
      filters.forget(segment);
    }
    await unlinkSegments(dir, gone);
  }

  async function expire(eventTime: number, save: () => Promise<void>): Promise<void> {
    await save();
    await drop(catalogue.segments.filter(({ timeMax }) => timeMax < eventTime));
    await mergeSmall();
  }

  return {
    segmentAdded: () => void inTurn.take(mergeSmall).catch(() => {}),
    expire: (eventTime, save) => inTurn.take(() => expire(eventTime, save)),
    settled: inTurn.over,
  };
}
