import { lstatSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folders under the buckets' folder: made when needed, never through a link or a file. */
export interface SafeFolders {
  readonly root: string;
  /** Makes the folder, which may be `.`; the bucket's own must be there. Throws ENOTDIR. */
  ensure(bucket: string, path: string): void;
  /** A name was made in this folder, and is not durable yet. */
  touch(folder: string): void;
  touched(): Touched;
  /** Looks anew: somebody may have removed or replaced folders. */
  forget(): void;
}

export interface Touched {
  readonly folders: readonly string[];
  /** They are durable, but for names that were made in them since. */
  synced(): void;
}

export function safeFolders(root: string): SafeFolders {
  let known = new Set<string>();
  const touches = touchedFolders();

  /** True when it was made now. Parents first: what is known needs no look at the disk. */
  const ensure = (bucket: string, path: string): boolean => {
    const folder = join(root, bucket, path);
    if (known.has(folder)) return false;
    const made = path === '.' ? bucketIsThere(folder) : ensureIn(bucket, path, folder);
    if (known.size >= knownFoldersMax) known = new Set();
    known.add(folder);
    return made;
  };
  const ensureIn = (bucket: string, path: string, folder: string): boolean => {
    const slash = path.lastIndexOf('/');
    const parentIsNew = ensure(bucket, slash === -1 ? '.' : path.slice(0, slash));
    const made = makeFolder(folder, parentIsNew);
    if (made) touches.touch(dirname(folder));
    return made;
  };
  return {
    root,
    ensure: (bucket, path) => void ensure(bucket, path),
    touch: touches.touch,
    touched: touches.touched,
    forget: () => {
      known = new Set();
    },
  };
}

/** What is synced while more names are made stays touched. */
function touchedFolders() {
  const marks = new Map<string, number>();
  let mark = 0;
  return {
    touch: (folder: string) => {
      mark += 1;
      marks.set(folder, mark);
    },
    touched: (): Touched => {
      const taken = [...marks];
      return {
        folders: taken.map(([folder]) => folder),
        synced: () => {
          for (const [folder, at] of taken) if (marks.get(folder) === at) marks.delete(folder);
        },
      };
    },
  };
}

/** It may be a link that the operator made. */
function bucketIsThere(folder: string): false {
  lstatSync(folder);
  return false;
}

/** True when it was made now. In a new folder there is nothing to look at first. */
function makeFolder(folder: string, parentIsNew: boolean): boolean {
  const found = parentIsNew ? undefined : lstatSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory()) return false;
  if (found !== undefined) throw new NotAFolder(folder);
  mkdirSync(folder);
  return true;
}

class NotAFolder extends Error {
  readonly code = 'ENOTDIR';
  constructor(folder: string) {
    super(`Not a folder: ${folder}`);
  }
}

/** Some 200 bytes each. */
const knownFoldersMax = 20_000;
