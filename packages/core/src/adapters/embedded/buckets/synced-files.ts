import { execFile } from 'node:child_process';
import { close, fsync, open } from 'node:fs';
import { codeOf } from './error-code.ts';

/**
 * Makes these files durable, and the names in `folders`; what is gone by now needs nothing. One
 * syncfs(2) for all where there is a `sync -f`: fsync costs some 60 µs of kernel time a file,
 * syncfs next to none. Without it, file by file.
 */
export async function syncTree(
  root: string,
  files: readonly string[],
  folders: readonly string[],
): Promise<void> {
  if (files.length + folders.length >= syncfsFilesMin && (await syncFileSystem(root))) return;
  await syncEach(files);
  await syncEach(folders);
}

async function syncEach(paths: readonly string[]): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < paths.length) {
      const path = paths[next];
      next += 1;
      if (path !== undefined) await syncOne(path);
    }
  };
  await Promise.all(Array.from({ length: Math.min(syncsMax, paths.length) }, worker));
}

/** Bare callbacks: a FileHandle costs three times as much, and this runs once a file. */
function syncOne(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    open(path, 'r', (openError, fd) => {
      if (openError) return goneCodes.has(codeOf(openError)) ? resolve() : reject(openError);
      fsync(fd, (syncError) => {
        close(fd, (closeError) => {
          const error = syncError ?? closeError;
          if (error) reject(error);
          else resolve();
        });
      });
    });
  });
}

/** False when this system has no such command, or it failed: then each file is synced by itself. */
function syncFileSystem(root: string): Promise<boolean> {
  if (process.platform !== 'linux') return Promise.resolve(false);
  return new Promise((resolve) => {
    execFile('sync', ['-f', root], { timeout: syncfsSecondsMax * 1000 }, (error) =>
      resolve(error === null),
    );
  });
}

const goneCodes = new Set(['ENOENT', 'ENOTDIR']);
const syncsMax = 4;
/** Below this many files a process of its own costs more than it saves. */
const syncfsFilesMin = 32;
const syncfsSecondsMax = 60;
