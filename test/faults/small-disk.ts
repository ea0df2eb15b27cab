import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of so few bytes that it can be filled: tmpfs, which root may mount. */
export async function smallDisk(bytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'trailkeep-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  const ballast = join(folder, 'ballast');
  return {
    folder,
    fill(leaveBytes) {
      const { bavail, bsize } = statfsSync(folder);
      const wanted = bavail * bsize - leaveBytes;
      const file = openSync(ballast, 'a');
      try {
        for (let left = wanted; left > 0; )
          left -= writeSync(file, zeros, 0, Math.min(left, zeros.length));
        fsyncSync(file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast, { force: true }),
    async remove() {
      execFileSync('umount', ['-l', folder]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface SmallDisk {
  readonly folder: string;
  /** Takes all room but about so many bytes. */
  fill(leaveBytes: number): void;
  /** Gives the room back. */
  free(): void;
  remove(): Promise<void>;
}

const zeros = Buffer.alloc(64 * 1024);

/** Why there can be no small disk here; undefined when there can. */
export function whyNoSmallDisk(): string | undefined {
  try {
    const probe = execFileSync('mktemp', ['-d']).toString().trim();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=65536', 'tmpfs', probe], { stdio: 'pipe' });
    execFileSync('umount', [probe]);
    execFileSync('rmdir', [probe]);
    return undefined;
  } catch (error) {
    return `tmpfs cannot be mounted: ${(error as Error).message.split('\n')[0]}`;
  }
}
