import type { BodyRows } from './body-rows.ts';
import type { BucketIndex } from './bucket-index.ts';
import type { FileMaker } from './make-files.ts';
import type { ObjectFiles } from './object-files.ts';
import type { PendingBody, PendingBook } from './pending-book.ts';

/** Syncs files that were made, and lets their bytes go from the index. */
export interface MadeFilesSyncer {
  /** One at a time: a call during another one waits for it, and covers what came since. */
  sync(): Promise<void>;
}

export function madeFilesSyncer(parts: {
  readonly index: BucketIndex;
  readonly rows: BodyRows;
  readonly files: ObjectFiles;
  readonly book: PendingBook;
}): MadeFilesSyncer {
  const { index, rows, files, book } = parts;
  let running: Promise<void> | undefined;
  const syncNow = async () => {
    const taken = [...book.made()];
    if (taken.length === 0) return;
    await files.sync(taken.map((one) => files.at(one.bucket, one.path)));
    // Others were removed in the meantime, with their rows.
    const settled = taken.filter((one) => book.made().has(one));
    index.transaction(() => rows.removeAll(settled.map((one) => one.id)));
    for (const one of settled) book.remove(one);
  };
  return {
    sync: async () => {
      await running?.catch(() => undefined);
      running ??= syncNow().finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}

interface Working {
  readonly book: PendingBook;
  readonly maker: FileMaker;
  readonly syncer: MadeFilesSyncer;
}

/** A turn of the event loop, then a few milliseconds of making files. */
export async function makeSome(maker: FileMaker): Promise<void> {
  await new Promise(setImmediate);
  maker.makeSome();
}

/** What comes in the meantime is not waited for. */
export async function settle({ book, maker, syncer }: Working): Promise<void> {
  maker.retry();
  const last = newest(book);
  while (maker.hasWork() && last.some((one) => !one.made && isPending(book, one))) {
    await makeSome(maker);
  }
  await syncer.sync();
  for (const bucket of book.unmade().keys()) {
    const failure = maker.failure(bucket);
    if (failure !== undefined) throw failure;
  }
}

/** The last of each bucket: they are made in order. */
function newest(book: PendingBook): PendingBody[] {
  return [...book.unmade().values()].flatMap((bodies) => [...bodies].slice(-1));
}

function isPending(book: PendingBook, one: PendingBody): boolean {
  return book.unmade().get(one.bucket)?.has(one) ?? false;
}

export interface PendingWork {
  /** There may be something to do. */
  soon(): void;
  /** No more, and none under way when it resolves. */
  stop(): Promise<void>;
}

/** Makes and syncs in the background, and tries what failed again. */
export function pendingWork(
  parts: Working & { readonly onError: (error: unknown) => void },
): PendingWork {
  const { book, maker, syncer, onError } = parts;
  const makeTimer = timer(makeAfterMs, () => {
    if (making === undefined) make();
  });
  const syncTimer = timer(syncAfterMs, () => sync());
  const retryTimer = timer(retryAfterMs, () => {
    maker.retry();
    makeTimer.start();
  });
  let syncing: Promise<void> | undefined;
  let making: NodeJS.Immediate | undefined;
  let stopped = false;

  const make = () => {
    making = undefined;
    if (stopped) return;
    maker.makeSome();
    if (book.madeBytes() >= syncBytesMin) sync();
    else if (book.made().size > 0) syncTimer.start();
    if (maker.hasFailures()) retryTimer.start();
    if (maker.hasWork()) making = setImmediate(make);
  };
  const sync = () => {
    if (stopped || syncing !== undefined) return;
    syncing = syncer
      .sync()
      .catch((error: unknown) => {
        onError(error);
        if (!stopped) retryTimer.start();
      })
      .finally(() => {
        syncing = undefined;
      });
  };
  return {
    soon: () => {
      if (!stopped && making === undefined && maker.hasWork()) makeTimer.start();
    },
    stop: async () => {
      stopped = true;
      for (const one of [makeTimer, syncTimer, retryTimer]) one.stop();
      await syncing;
    },
  };
}

/** Does not keep the process from ending. */
function timer(afterMs: number, work: () => void) {
  let running: NodeJS.Timeout | undefined;
  return {
    start: () => {
      running ??= setTimeout(() => {
        running = undefined;
        work();
      }, afterMs).unref();
    },
    stop: () => clearTimeout(running),
  };
}

/** Requests that come together go first. */
const makeAfterMs = 100;
const syncAfterMs = 2_000;
const syncBytesMin = 8 * 1024 * 1024;
/** Twelve attempts a minute, one file of each bucket that fails. */
const retryAfterMs = 5_000;
