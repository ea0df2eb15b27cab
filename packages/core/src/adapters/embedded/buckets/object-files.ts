import { randomBytes } from 'node:crypto';
import {
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { friendlyPath, reservedFolder } from './friendly-path.ts';
import { syncFolders } from './synced-files.ts';

/** The plain files under the buckets' folder. What counts as an object is the index's to say. */
export interface ObjectFiles {
  readonly root: string;
  /** The absolute path of a file of a bucket. */
  at(bucket: string, path: string): string;
  makeBucketFolder(bucket: string): void;
  /** Our own things go; the folder goes too unless somebody keeps other files in it. */
  removeBucketFolder(bucket: string): void;
  /** Everything in it goes, whoever put it there. */
  eraseBucketFolder(bucket: string): void;
  newId(): string;
  /** The absolute path of a new file that is still being received. */
  incoming(bucket: string, id: string): string;
  /** Where an object's file may go: its key's own path first, and a path of our own. */
  candidates(key: string, id: string): readonly string[];
  /**
   * Writes `body` as a new file at the first candidate path that is free, and says which. Never
   * writes over anything and never through a symbolic link. The file is not synced.
   */
  write(bucket: string, candidates: readonly string[], body: Buffer): string;
  /** The same with a file that is complete and synced: it gets a second name. */
  link(bucket: string, candidates: readonly string[], file: string): string;
  makeParent(bucket: string, path: string): void;
  /** Missing is fine. Folders that become empty go too. */
  remove(bucket: string, path: string): void;
  /** Makes the names durable that `write` and `link` made since the last call. */
  syncNames(): Promise<void>;
}

export function objectFiles(root: string): ObjectFiles {
  const folders = safeFolders(root);
  const placed = (bucket: string, candidates: readonly string[], put: (file: string) => void) =>
    place(folders, bucket, candidates, put);
  return {
    root,
    at: (bucket, path) => join(root, bucket, path),
    makeBucketFolder: (bucket) => {
      const own = join(root, bucket, reservedFolder);
      for (const name of ['incoming', 'objects', 'parts']) {
        mkdirSync(join(own, name), { recursive: true });
      }
      for (const name of [root, join(root, bucket), own]) folders.touch(name);
    },
    removeBucketFolder: (bucket) => removeBucketFolder(root, bucket, folders),
    eraseBucketFolder: (bucket) => {
      rmSync(join(root, bucket), { recursive: true, force: true });
      folders.forget();
    },
    newId: idSource(),
    incoming: (bucket, id) => {
      const folder = `${reservedFolder}/incoming`;
      folders.ensure(bucket, folder);
      return join(root, bucket, folder, id);
    },
    candidates: (key, id) => {
      const friendly = friendlyPath(key);
      const own = `${reservedFolder}/objects/${id.slice(0, 2)}/${id}`;
      return friendly === undefined ? [own] : [friendly, own];
    },
    write: (bucket, candidates, body) =>
      placed(bucket, candidates, (file) => writeNewFile(file, body)),
    link: (bucket, candidates, from) => placed(bucket, candidates, (file) => linkSync(from, file)),
    makeParent: (bucket, path) => folders.ensure(bucket, dirname(path)),
    remove: (bucket, path) => {
      unlinkIfThere(join(root, bucket, path));
      pruneFolders(root, bucket, path, folders);
    },
    syncNames: () => syncFolders(folders.takeTouched()),
  };
}

/** Random at the start of the process, counted after it: unique without asking the system twice. */
function idSource(): () => string {
  const run = randomBytes(8).toString('hex');
  let count = 0;
  return () => {
    count += 1;
    return `${(count % 256).toString(16).padStart(2, '0')}${run}${count.toString(16)}`;
  };
}

function place(
  folders: SafeFolders,
  bucket: string,
  candidates: readonly string[],
  put: (file: string) => void,
): string {
  let last: unknown;
  for (const path of candidates) {
    try {
      folders.ensure(bucket, dirname(path));
      putOnce(folders, bucket, path, put);
      return path;
    } catch (error) {
      // The key's own path may be taken: by a file, by a folder, by a link. Ours is not.
      last = error;
      if (!takenCodes.has(codeOf(error))) throw error;
    }
  }
  throw last;
}

/** A folder that was seen before may have been removed by hand since: look again, once. */
function putOnce(
  folders: SafeFolders,
  bucket: string,
  path: string,
  put: (file: string) => void,
): void {
  const file = join(folders.root, bucket, path);
  try {
    put(file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    folders.forget();
    folders.ensure(bucket, dirname(path));
    put(file);
  }
  folders.touch(dirname(file));
}

function writeNewFile(file: string, body: Buffer): void {
  const fd = openSync(file, 'wx', 0o644);
  try {
    let at = 0;
    while (at < body.length) at += writeSync(fd, body, at);
  } catch (error) {
    unlinkIfThere(file);
    throw error;
  } finally {
    closeSync(fd);
  }
}

interface SafeFolders {
  readonly root: string;
  /** Makes the folder; refuses a path through a link or a file. */
  ensure(bucket: string, path: string): void;
  touch(folder: string): void;
  takeTouched(): readonly string[];
  forget(): void;
}

function safeFolders(root: string): SafeFolders {
  let known = new Set<string>();
  let touched = new Set<string>();
  return {
    root,
    ensure: (bucket, path) => {
      const folder = join(root, bucket, path);
      if (known.has(folder)) return;
      let walked = join(root, bucket);
      // The bucket's own folder may be a link that the operator made; it must be there.
      lstatSync(walked);
      for (const name of path === '.' ? [] : path.split('/')) {
        const parent = walked;
        walked = join(walked, name);
        if (makeFolder(walked)) touched.add(parent);
      }
      if (known.size >= knownFoldersMax) known = new Set();
      known.add(folder);
    },
    touch: (folder) => void touched.add(folder),
    takeTouched: () => {
      const taken = [...touched];
      touched = new Set();
      return taken;
    },
    forget: () => {
      known = new Set();
    },
  };
}

/** True when it was made now. */
function makeFolder(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
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

function removeBucketFolder(root: string, bucket: string, folders: SafeFolders): void {
  rmSync(join(root, bucket, reservedFolder), { recursive: true, force: true });
  removeEmptyFolder(join(root, bucket));
  folders.forget();
  folders.touch(root);
}

function pruneFolders(root: string, bucket: string, path: string, folders: SafeFolders): void {
  let folder = dirname(path);
  while (folder !== '.' && !folder.startsWith(reservedFolder)) {
    if (!removeEmptyFolder(join(root, bucket, folder))) return;
    folders.forget();
    folder = dirname(folder);
  }
}

/** False when it is not empty, or is not ours to remove. */
function removeEmptyFolder(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    if (notRemovedCodes.has(codeOf(error))) return false;
    throw error;
  }
}

export function unlinkIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') throw error;
  }
}

/** The system's error code, or an empty string. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : '';
}

const takenCodes = new Set(['EEXIST', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'EXDEV']);
const notRemovedCodes = new Set(['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR', 'EBUSY', 'EACCES']);
const knownFoldersMax = 10_000;
