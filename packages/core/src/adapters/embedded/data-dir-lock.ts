import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';

const waitMsMax = 1000;
const pollMs = 50;

/**
 * Two servers on one folder would break each other's files. The lock is the operating system's, by
 * way of SQLite, so that it goes with its process, however that ends; a file beside it says which
 * process that is. A server that is just ending is waited for. Returns how to unlock.
 */
export async function lockDataDir(dir: string): Promise<() => Promise<void>> {
  const holder = join(dir, 'lock.pid');
  for (let waited = 0; ; waited += pollMs) {
    const release = tryLock(join(dir, 'lock'));
    if (release) {
      await writeFile(holder, String(process.pid));
      return async () => {
        await rm(holder, { force: true });
        release();
      };
    }
    if (waited >= waitMsMax) break;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  const pid = await readFile(holder, 'utf8').catch(() => 'unknown');
  throw new Error(
    `${dir} is in use by process ${pid}. Stop it, or choose another TRAILKEEP_DATA_DIR.`,
  );
}

/** Undefined when another process has it. */
function tryLock(file: string): (() => void) | undefined {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return () => database.close();
  } catch (error) {
    database.close();
    if (/locked|busy/i.test((error as Error).message)) return undefined;
    throw error;
  }
}
