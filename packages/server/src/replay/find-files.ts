import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface FoundFile {
  readonly path: string;
  /** As stored; 0 for a pipe. */
  readonly bytes: number;
}

export interface FoundFiles {
  readonly files: readonly FoundFile[];
  readonly problems: readonly { readonly file: string; readonly message: string }[];
}

/**
 * The files that the arguments stand for: a file is itself whatever its name; a folder is all
 * `.json`, `.ndjson` and `.jsonl` files in it, `.gz` too, at any depth, sorted, without digests; an
 * argument with `*`, `**` or `?` that names no file is a pattern over the files there.
 */
export async function findFiles(paths: readonly string[]): Promise<FoundFiles> {
  const files: FoundFile[] = [];
  const problems: { file: string; message: string }[] = [];
  for (const path of paths) {
    try {
      const found = await filesOf(path);
      if (found.length === 0) problems.push({ file: path, message: 'no record files are there' });
      for (const file of found) files.push({ path: file, bytes: (await stat(file)).size });
    } catch (error) {
      problems.push({ file: path, message: (error as Error).message });
    }
  }
  return { files, problems };
}

const depthMax = 32;
const filesMax = 1_000_000;

async function filesOf(path: string): Promise<string[]> {
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && /[*?]/.test(path)) return undefined;
    throw error;
  });
  if (facts === undefined) return matchingFiles(path);
  if (!facts.isDirectory()) return [path];
  const names = await walk(path, isRecordFile);
  return names.map((name) => join(path, name));
}

async function matchingFiles(pattern: string): Promise<string[]> {
  const parts = pattern.replaceAll('\\', '/').split('/');
  const fixed = parts.findIndex((part) => /[*?]/.test(part));
  const root = parts.slice(0, fixed).join('/') || (pattern.startsWith('/') ? '/' : '.');
  const shape = patternShape(parts.slice(fixed));
  const names = await walk(root, (name) => shape.test(name));
  return names.map((name) => join(root, name));
}

/** `*` and `?` stay within one folder, `**` goes through any number of them. */
function patternShape(parts: readonly string[]): RegExp {
  const source = parts.map((part, at) => {
    const last = at === parts.length - 1;
    if (part === '**') return last ? '.*' : '(?:[^/]+/)*';
    const text = part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    const shape = text.replace(/\*+/g, '[^/]*').replaceAll('?', '[^/]');
    return last ? shape : `${shape}/`;
  });
  return new RegExp(`^${source.join('')}$`);
}

/** Names below the folder, with `/`, sorted. Links to folders are left: they may go round. */
async function walk(root: string, wanted: (name: string) => boolean): Promise<string[]> {
  const names: string[] = [];
  const folders = [{ folder: '', depth: 0 }];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const name of await readdir(join(root, next.folder))) {
      const below = next.folder === '' ? name : `${next.folder}/${name}`;
      const facts = await lstat(join(root, below));
      if (facts.isDirectory()) {
        if (next.depth < depthMax) folders.push({ folder: below, depth: next.depth + 1 });
      } else if (wanted(below)) names.push(below);
      if (names.length > filesMax) throw new Error(`there are more than ${filesMax} files`);
    }
  }
  return names.sort();
}

function isRecordFile(name: string): boolean {
  return /\.(json|ndjson|jsonl)(\.gz)?$/.test(name) && !/CloudTrail-Digest[_/]/.test(name);
}
