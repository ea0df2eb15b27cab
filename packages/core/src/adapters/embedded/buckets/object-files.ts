import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf } from './error-code.ts';
import { friendlyPath, reservedFolder } from './friendly-path.ts';
import { type SafeFolders, safeFolders } from './safe-folders.ts';
import { syncTree } from './synced-files.ts';

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
  /** Throws what keeps files from being made there: the folder is gone, or is read-only. */
  checkBucket(bucket: string): void;
  /**
   * Writes a new file, which is not synced. False when something is at the key's own path, or in
   * the way to it: nothing is written over, nor through a symbolic link. What `mayBeOurs` is
   * written anew where only a part of `body` is there, which is what a crash leaves.
   */
  make(file: NewFile): boolean;
  /**
   * A file that is complete and synced gets a second name: at the first candidate path that is
   * free, which is returned.
   */
  link(bucket: string, candidates: readonly string[], file: string): string;
  /** Missing is fine. Folders that become empty go too. */
  remove(bucket: string, path: string): void;
  /** Makes these files durable, and every name that `make` and `link` made before this call. */
  sync(files: readonly string[]): Promise<void>;
}

export interface NewFile {
  readonly bucket: string;
  readonly path: string;
  readonly body: Buffer;
  readonly mayBeOurs: boolean;
}

export function objectFiles(root: string): ObjectFiles {
  const folders = safeFolders(root);
  const newId = idSource();
  const incoming = (bucket: string, id: string) => {
    const folder = `${reservedFolder}/incoming`;
    folders.ensure(bucket, folder);
    return join(root, bucket, folder, id);
  };
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
    newId,
    incoming,
    candidates: (key, id) => {
      const friendly = friendlyPath(key);
      const own = ownPath(id);
      return friendly === undefined ? [own] : [friendly, own];
    },
    // The dot, so that a file in the folder's place is refused too.
    checkBucket: (bucket) => accessSync(`${join(root, bucket)}/.`, constants.W_OK | constants.X_OK),
    make: (file) => makeFile(folders, file, () => incoming(file.bucket, newId())),
    link: (bucket, candidates, from) =>
      place(folders, bucket, candidates, (file) => linkSync(from, file)),
    remove: (bucket, path) => {
      unlinkIfThere(join(root, bucket, path));
      pruneFolders(root, bucket, path, folders);
    },
    sync: async (files) => {
      const touched = folders.touched();
      await syncTree(root, files, touched.folders);
      touched.synced();
    },
  };
}

/** For an object that cannot be at its key's own path. */
export function ownPath(id: string): string {
  return `${reservedFolder}/objects/${id.slice(0, 2)}/${id}`;
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

/** The key's own path may be taken by whatever people put there; one of ours is ours. */
function makeFile(folders: SafeFolders, made: NewFile, temporary: () => string): boolean {
  const { bucket, path, body } = made;
  const isOwn = path.startsWith(`${reservedFolder}/`);
  try {
    folders.ensure(bucket, dirname(path));
    putOnce(folders, bucket, path, (file) => writeNewFile(file, body));
    return true;
  } catch (error) {
    const code = codeOf(error);
    const file = join(folders.root, bucket, path);
    if (code === 'EEXIST' && (isOwn || (made.mayBeOurs && isPartOf(file, body)))) {
      replaceFile(folders, file, temporary(), body);
      return true;
    }
    if (isOwn || !takenCodes.has(code)) throw error;
    return false;
  }
}

function replaceFile(folders: SafeFolders, file: string, temporary: string, body: Buffer): void {
  writeNewFile(temporary, body);
  renameSync(temporary, file);
  folders.touch(dirname(file));
}

/** The beginning of `body`, or all of it; a disk that lost its power leaves zeros after it. */
function isPartOf(file: string, body: Buffer): boolean {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile() || stat.size > body.length) return false;
  const found = readFileSync(file);
  let same = 0;
  while (same < found.length && found[same] === body[same]) same += 1;
  return found.subarray(same).every((byte) => byte === 0);
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

/** EINVAL and EILSEQ: a name that this file system does not take. */
const takenCodes = new Set([
  'EEXIST',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'EXDEV',
  'EINVAL',
  'EILSEQ',
]);
const notRemovedCodes = new Set(['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR', 'EBUSY', 'EACCES']);
