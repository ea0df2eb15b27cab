import * as fs from 'node:fs';
import { basename, join } from 'node:path';

/**
 * The journal's files: `<position>.seg` holds the entries from that position up to the position of
 * the next file; the last one is being written. Files that are no longer needed become
 * `spare-<position>.seg` and are written over: a file whose blocks are there already is flushed
 * without its metadata, which is most of what a flush costs.
 */
export interface SegmentFiles {
  /** Where each segment begins, oldest first; never empty. */
  readonly bases: readonly number[];
  /** The file being written, open for reading and writing. */
  readonly fd: number;
  /** Begins a new last segment at `base`. Durable when it resolves. */
  roll(base: number): Promise<void>;
  /** Removes segments, but for the last one, that end at or before `position`. */
  removeBefore(position: number): Promise<void>;
  /** Bytes of the segment that begins at `base`, from `offset`; fewer where the file ends. */
  read(base: number, offset: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

export async function openSegmentFiles(folder: string): Promise<SegmentFiles> {
  await fs.promises.mkdir(folder, { recursive: true });
  const names = await fs.promises.readdir(folder);
  const spares = names.filter((name) => /^spare-\d{16}\.seg$/.test(name));
  const bases = names
    .filter((name) => /^\d{16}\.seg$/.test(name))
    .map((name) => Number(name.slice(0, 16)))
    .sort((a, b) => a - b);
  if (bases.length === 0) {
    await createSegment(folder, 0);
    bases.push(0);
  }
  const state: State = { folder, bases, spares, handle: await openLast(folder, bases) };
  return {
    bases,
    get fd() {
      return state.handle.fd;
    },
    roll: (base) => roll(state, base),
    removeBefore: (position) => removeBefore(state, position),
    read: (base, offset, length) => readAt(segmentPath(folder, base), offset, length),
    close: () => state.handle.close(),
  };
}

export function segmentPath(folder: string, base: number): string {
  return join(folder, `${String(base).padStart(16, '0')}.seg`);
}

interface State {
  readonly folder: string;
  readonly bases: number[];
  /** Names of files to write over. */
  readonly spares: string[];
  handle: fs.promises.FileHandle;
}

function openLast(folder: string, bases: readonly number[]): Promise<fs.promises.FileHandle> {
  return fs.promises.open(segmentPath(folder, bases[bases.length - 1]!), 'r+');
}

async function roll(state: State, base: number): Promise<void> {
  const path = segmentPath(state.folder, base);
  const spare = state.spares[0];
  if (spare === undefined) await createSegment(state.folder, base);
  else {
    await fs.promises.rename(join(state.folder, spare), path);
    state.spares.shift();
    await syncFolder(state.folder);
  }
  const handle = await fs.promises.open(path, 'r+');
  await state.handle.close();
  state.handle = handle;
  state.bases.push(base);
}

async function createSegment(folder: string, base: number): Promise<void> {
  const handle = await fs.promises.open(segmentPath(folder, base), 'a');
  await handle.close();
  await syncFolder(folder);
}

/** Disk space that is kept for new segments. */
const sparesMax = 2;

async function removeBefore(state: State, position: number): Promise<void> {
  while (state.bases.length > 1 && state.bases[1]! <= position) {
    // First it is no longer there for readers, then its file goes.
    const path = segmentPath(state.folder, state.bases.shift()!);
    if (state.spares.length >= sparesMax) await fs.promises.unlink(path);
    else {
      const name = `spare-${basename(path)}`;
      await fs.promises.rename(path, join(state.folder, name));
      state.spares.push(name);
    }
  }
}

async function readAt(path: string, offset: number, length: number): Promise<Buffer> {
  const handle = await fs.promises.open(path, 'r');
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, size - offset)));
    let filled = 0;
    while (filled < bytes.length) {
      const rest = bytes.length - filled;
      const { bytesRead } = await handle.read(bytes, filled, rest, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await handle.close();
  }
}

/** A new name in a folder is durable only when the folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.promises.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
