import * as fs from 'node:fs';
import { join } from 'node:path';

/**
 * The journal's files: `<position>.seg` holds the entries from that position up to the position of
 * the next file; the last one is being written.
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
  const bases = (await fs.promises.readdir(folder))
    .filter((name) => /^\d{16}\.seg$/.test(name))
    .map((name) => Number(name.slice(0, 16)))
    .sort((a, b) => a - b);
  if (bases.length === 0) {
    await createSegment(folder, 0);
    bases.push(0);
  }
  const state = { folder, bases, handle: await openLast(folder, bases) };
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
  handle: fs.promises.FileHandle;
}

function openLast(folder: string, bases: readonly number[]): Promise<fs.promises.FileHandle> {
  return fs.promises.open(segmentPath(folder, bases[bases.length - 1]!), 'r+');
}

async function roll(state: State, base: number): Promise<void> {
  await createSegment(state.folder, base);
  const handle = await fs.promises.open(segmentPath(state.folder, base), 'r+');
  await state.handle.close();
  state.handle = handle;
  state.bases.push(base);
}

async function createSegment(folder: string, base: number): Promise<void> {
  const handle = await fs.promises.open(segmentPath(folder, base), 'a');
  await handle.close();
  await syncFolder(folder);
}

async function removeBefore(state: State, position: number): Promise<void> {
  while (state.bases.length > 1 && state.bases[1]! <= position) {
    await fs.promises.unlink(segmentPath(state.folder, state.bases[0]!));
    state.bases.shift();
  }
}

async function readAt(path: string, offset: number, length: number): Promise<Buffer> {
  const handle = await fs.promises.open(path, 'r');
  try {
    const bytes = Buffer.allocUnsafeSlow(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
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
