import { mkdir, readdir, rename, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Journal } from '../../../ports/journal.ts';
import type { Durable } from './checkpoint.ts';
import { syncDirectory } from './positional-io.ts';
import { readSegment, type Segment } from './segment-format.ts';

/** The segments of a history, the newest timeMax first. */
export interface Catalogue {
  readonly segments: readonly Segment[];
  add(segment: Segment): void;
  /** Takes the segments out; `unlinkSegments` deletes their files. */
  remove(gone: ReadonlySet<Segment>): void;
}

export function catalogueOf(found: readonly Segment[]): Catalogue {
  let segments = [...found].sort((a, b) => b.timeMax - a.timeMax);
  return {
    get segments() {
      return segments;
    },
    add: (segment) => {
      const at = segments.findIndex(({ timeMax }) => timeMax < segment.timeMax);
      segments.splice(at === -1 ? segments.length : at, 0, segment);
    },
    remove: (gone) => {
      segments = segments.filter((segment) => !gone.has(segment));
    },
  };
}

export async function unlinkSegments(dir: string, gone: Iterable<Segment>): Promise<void> {
  for (const { path } of gone) await unlink(path);
  await syncDirectory(dir);
}

export type SegmentRange = Pick<Segment, 'shard' | 'from' | 'ordinal' | 'count'>;

export function segmentPath(dir: string, { shard, from, ordinal, count }: SegmentRange): string {
  return join(dir, `${encodeURIComponent(shard)}.${from}.${ordinal}.${count}.segment`);
}

const segmentName = /^(.+)\.([^.]+)\.(\d+)\.\d+\.segment$/;

export interface Found {
  readonly segments: readonly Segment[];
  /** Files to put aside, by their names. */
  readonly damaged: readonly string[];
  /** Where the shards of the damaged files have to go on from. */
  readonly back: ReadonlyMap<string, Durable>;
}

/**
 * The whole segments in a directory. Files that never got their name are deleted: the journal has
 * their records. Of a shard with a damaged file, that one and what follows has to be added again,
 * and is put aside until then; throws when the journal no longer has all of it.
 */
export async function findSegments(dir: string, journal: Pick<Journal, 'start'>): Promise<Found> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const segments: Segment[] = [];
  const damaged: string[] = [];
  for (const name of await readdir(dir)) {
    if (name.endsWith('.tmp')) await unlink(join(dir, name));
    if (!segmentName.test(name)) continue;
    const segment = readSegment(join(dir, name));
    if (segment === undefined) damaged.push(name);
    else segments.push(segment);
  }
  const merged = withinOthers(segments);
  for (const { path } of merged) await unlink(path);
  const back = await wayBack(dir, damaged, journal);
  const isLost = ({ shard, next }: Segment) => next > (back.get(shard)?.through ?? next);
  return {
    segments: segments.filter((segment) => !isLost(segment) && !merged.has(segment)),
    damaged: [
      ...damaged,
      ...segments
        .filter((segment) => isLost(segment) && !merged.has(segment))
        .map(({ path }) => basename(path)),
    ],
    back,
  };
}

/** Segments that were merged into a larger one, and should have been deleted then. */
function withinOthers(segments: readonly Segment[]): ReadonlySet<Segment> {
  const ends = new Map<string, number>();
  const inOrder = [...segments].sort((a, b) => a.ordinal - b.ordinal || b.count - a.count);
  return new Set(
    inOrder.filter(({ shard, ordinal, count }) => {
      const covered = ordinal + count <= (ends.get(shard) ?? 0);
      if (!covered) ends.set(shard, ordinal + count);
      return covered;
    }),
  );
}

async function wayBack(
  dir: string,
  damaged: readonly string[],
  journal: Pick<Journal, 'start'>,
): Promise<ReadonlyMap<string, Durable>> {
  const back = new Map<string, Durable>();
  for (const name of damaged) {
    const [, encoded, through, ordinal] = segmentName.exec(name)!;
    const shard = decodeURIComponent(encoded!);
    if ((await journal.start(shard)) > through!) {
      throw new Error(
        `the history segment ${join(dir, name)} is damaged and the journal no longer has its ` +
          'records: restore the file, or move it away to go on without them',
      );
    }
    const known = back.get(shard);
    if (known === undefined || through! < known.through) {
      back.set(shard, { through: through!, ordinal: Number(ordinal) });
    }
  }
  return back;
}

/** Renames the files to `.damaged`, for whoever wants to look at them. */
export async function putAside(dir: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rename(join(dir, name), join(dir, `${name}.damaged`));
  await syncDirectory(dir);
}
