import type { BodyRows } from './body-rows.ts';
import type { BucketIndex } from './bucket-index.ts';
import { type ObjectFiles, ownPath } from './object-files.ts';
import type { PendingBody, PendingBook } from './pending-book.ts';

/** Makes the files of pending bodies, a little at a time. */
export interface FileMaker {
  /** Makes some of them, in a few milliseconds. */
  makeSome(): void;
  /** Files can be made now: there are some, and not only in buckets that fail. */
  hasWork(): boolean;
  /** Why files cannot be made in the bucket. */
  failure(bucket: string): unknown;
  hasFailures(): boolean;
  /** Tries the buckets that failed again: one file each, until one works. */
  retry(): void;
}

export function fileMaker(parts: {
  readonly index: BucketIndex;
  readonly rows: BodyRows;
  readonly files: ObjectFiles;
  readonly book: PendingBook;
  readonly onError: (error: unknown) => void;
}): FileMaker {
  const { index, rows, files, book, onError } = parts;
  const failures = new Map<string, unknown>();
  const waits = (bucket: string) => book.unmade().has(bucket);

  const fail = (bucket: string, error: unknown) => {
    failures.set(bucket, error);
    onError(error);
  };
  /** Something else is at the key's own path: the index says where to instead, then it is made. */
  const move = (taken: readonly PendingBody[]) => {
    const moved = taken.map((one) => ({ one, path: ownPath(files.newId()) }));
    index.transaction(() => {
      for (const { one, path } of moved) rows.move(one, path);
    });
    for (const { one, path } of moved) book.rename(one, path);
  };
  const makeIn = (bucket: string, bodies: ReadonlySet<PendingBody>, until: number) => {
    const taken: PendingBody[] = [];
    try {
      files.checkBucket(bucket);
      for (const one of bodies) {
        const { path, mayBeOurs } = one;
        const isMade = files.make({ bucket, path, body: rows.read(one.id), mayBeOurs });
        if (isMade) book.markMade(one);
        else taken.push(one);
        if (taken.length >= movesMax || performance.now() >= until) break;
      }
      if (taken.length > 0) move(taken);
    } catch (error) {
      fail(bucket, error);
    }
  };
  const makeSome = (until: number) => {
    for (const [bucket, bodies] of book.unmade()) {
      if (failures.has(bucket)) continue;
      makeIn(bucket, bodies, until);
      if (performance.now() >= until) return;
    }
  };
  return {
    makeSome: () => makeSome(performance.now() + sliceMsMax),
    hasWork: () => [...book.unmade().keys()].some((bucket) => !failures.has(bucket)),
    failure: (bucket) => (waits(bucket) ? failures.get(bucket) : undefined),
    hasFailures: () => failures.size > 0,
    retry: () => {
      for (const bucket of [...failures.keys()]) {
        failures.delete(bucket);
        const bodies = book.unmade().get(bucket);
        // In no time: one file, or the reason why not.
        if (bodies !== undefined) makeIn(bucket, bodies, 0);
      }
    },
  };
}

/** How long requests wait for it at most, but for the last file. */
const sliceMsMax = 2;
const movesMax = 256;
