import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Two servers on one folder would break each other's files. The lock holds the process id; one left
 * behind by a process that is gone is taken over. Returns how to unlock.
 */
export async function lockDataDir(dir: string): Promise<() => Promise<void>> {
  const file = join(dir, 'lock');
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => ''));
    if (holder && holder !== process.pid && isAlive(holder)) {
      throw new Error(
        `${dir} is in use by process ${holder}. Stop it, or choose another TRAILKEEP_DATA_DIR.`,
      );
    }
    await rm(file, { force: true });
  }
  throw new Error(`${file} cannot be taken: another server is starting on the same folder.`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
