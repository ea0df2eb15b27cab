import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { codeOf } from './error-code.ts';
import { reservedFolder } from './friendly-path.ts';
import { unlinkIfThere } from './object-files.ts';

/**
 * Notes which files are about to be made, until the index has them. A process that is killed in
 * between leaves files that are no objects: the next start removes them, so that nobody who reads
 * the folder by hand finds half a file, or the same log file twice.
 */
export interface Intents {
  write(intents: readonly Intent[]): void;
  clear(): void;
  close(): void;
}

export interface Intent {
  readonly bucket: string;
  readonly key: string;
  readonly candidates: readonly string[];
}

export function openIntents(file: string): Intents {
  const fd = openSync(file, 'w', 0o600);
  return {
    write: (intents) => {
      const text = intents.map(({ bucket, key, candidates }) =>
        JSON.stringify([bucket, key, ...candidates]),
      );
      writeSync(fd, `${text.join('\n')}\n`, 0);
    },
    clear: () => ftruncateSync(fd, 0),
    close: () => closeSync(fd),
  };
}

/**
 * Removes what a killed process left. Only files changed since it noted them: a file that stood
 * there before, put by hand, was never ours.
 */
export function sweepIntents(
  file: string,
  root: string,
  claimed: (bucket: string, key: string, path: string) => boolean,
): void {
  const found = readIntents(file);
  if (found === undefined) return;
  for (const line of found.lines) {
    const [bucket, key, ...candidates] = line;
    if (bucket === undefined || key === undefined) continue;
    for (const path of candidates) {
      if (claimed(bucket, key, path)) continue;
      const at = join(root, bucket, path);
      if (madeSince(at, found.notedAt)) unlinkIfThere(at);
    }
  }
}

function madeSince(file: string, notedAt: bigint): boolean {
  try {
    const stat = lstatSync(file, { bigint: true });
    return stat.isFile() && stat.ctimeNs >= notedAt;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

function readIntents(file: string): { lines: string[][]; notedAt: bigint } | undefined {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const notedAt = fstatSync(fd, { bigint: true }).mtimeNs;
    const lines = readFileSync(fd, 'utf8').split('\n').slice(0, -1);
    return { lines: lines.map(parseLine), notedAt };
  } finally {
    closeSync(fd);
  }
}

/** A line that was cut off names nothing that was made: files are made after it is written. */
function parseLine(line: string): string[] {
  try {
    return JSON.parse(line) as string[];
  } catch {
    return [];
  }
}

/** At the start: what was still being received when the process ended is nobody's. */
export function sweepIncoming(root: string, buckets: readonly string[]): void {
  for (const bucket of buckets) {
    const folder = join(root, bucket, reservedFolder, 'incoming');
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true });
  }
}
