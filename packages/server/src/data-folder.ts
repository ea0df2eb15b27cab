import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Engine, type EngineSurroundings, openEngine } from './engine.ts';

/** The engine of a data folder over the life of a server. */
export interface DataFolder {
  /** Undefined while the folder is being opened, emptied or closed. */
  readonly engine: Engine | undefined;
  open(): Promise<void>;
  /** Back to empty; `quiet` resolves when nothing works with the engine any more. */
  reset(quiet: () => Promise<void>): Promise<void>;
  /** Hands the engine over to be closed: from now on there is none. */
  release(): Engine | undefined;
}

export function dataFolder(surroundings: EngineSurroundings): DataFolder {
  const { config, clock, events } = surroundings;
  let engine: Engine | undefined;

  function release(): Engine | undefined {
    const released = engine;
    engine = undefined;
    return released;
  }

  async function open(): Promise<void> {
    engine = await openEngine(surroundings);
  }

  return {
    get engine() {
      return engine;
    },
    open,
    async reset(quiet) {
      const old = release();
      try {
        await quiet();
        await old?.close();
        await empty(config.dataDir);
        clock.real();
        await open();
      } catch (error) {
        // A folder that is half empty is of no use to anyone.
        events.lost(error);
        throw error;
      }
    },
    release,
  };
}

/** What a data folder holds beside its lock and its clock. */
const parts = ['buckets', 'journal', 'history', 'keys', 'state.db', 'state.db-wal', 'state.db-shm'];

async function empty(dataDir: string): Promise<void> {
  for (const part of parts) await rm(join(dataDir, part), { recursive: true, force: true });
}
