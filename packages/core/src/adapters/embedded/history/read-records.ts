import { read } from 'node:fs';
import { promisify } from 'node:util';
import { checkPage, type OpenFile, type OpenFiles } from './open-files.ts';
import type { PageSlots } from './page-slots.ts';
import { type RecordRun, recordRuns, runEnd, runStart, type WantedRecord } from './record-runs.ts';
import { scratchBytes, scratchPool } from './scratch.ts';
import { pageEnd, pageStart } from './segment-format.ts';

/**
 * Reads records from the disk, tells each text as it comes, and keeps the pages. The files are
 * opened before it returns; it resolves, and rejects, when none of its reads is under way any more.
 */
export type ReadRecords = (
  records: readonly WantedRecord[],
  tell: (record: WantedRecord, text: string) => void,
) => Promise<void>;

/**
 * Of all lookups; of one, all at once. The threads that read must not run out of work: to wake one
 * costs more than the read (8 µs; with four reads at a time, 40 % of a lookup).
 */
const readsMax = 64;

const readAsync = promisify(read);

export function recordReader(files: OpenFiles, slots: PageSlots): ReadRecords {
  const scratches = scratchPool(readsMax);

  async function inScratches(
    runs: readonly RecordRun[],
    work: (run: RecordRun, scratch: Buffer) => Promise<void>,
  ): Promise<void> {
    const works = runs.map(async (run) => {
      const scratch = await scratches.take();
      try {
        await work(run, scratch);
      } finally {
        scratches.give(scratch);
      }
    });
    for (const ended of await Promise.allSettled(works)) {
      if (ended.status === 'rejected') throw ended.reason;
    }
  }

  return (records, tell) => {
    const segments = new Set(records.map(({ segment }) => segment));
    return files.use(segments, (fileOf) =>
      inScratches(recordRuns(records), async (run, scratch) => {
        const file = fileOf.get(run.segment)!;
        const bytes = await readRun(run, file, scratch);
        if (!file.isClosed) keepRun(slots, run, file, bytes);
        const start = runStart(run);
        for (const record of run.records) {
          tell(record, bytes.toString('utf8', record.start - start, record.end - start));
        }
      }),
    );
  };
}

/** The bytes from where the run begins, and others behind them. */
async function readRun(run: RecordRun, file: OpenFile, scratch: Buffer): Promise<Buffer> {
  const start = runStart(run);
  const length = runEnd(run) - start;
  const bytes = length <= scratchBytes ? scratch : Buffer.allocUnsafeSlow(length);
  const { bytesRead } = await readAsync(file.fd, bytes, 0, length, start);
  if (bytesRead < length) throw new Error(`${run.segment.path} is shorter than it was`);
  eachPage(run, bytes, (page, own) => checkPage(run.segment, file, page, own));
  return bytes;
}

function keepRun(slots: PageSlots, run: RecordRun, file: OpenFile, bytes: Buffer): void {
  eachPage(run, bytes, (page, own) => {
    if (file.slots[page] !== 0) return;
    const slot = slots.take();
    own.copy(slot.bytes);
    slots.enter(slot, file.slots, page, pageStart(run.segment, page));
  });
}

function eachPage(run: RecordRun, bytes: Buffer, work: (page: number, own: Buffer) => void): void {
  const start = runStart(run);
  for (let page = run.first; page <= run.last; page++) {
    const from = pageStart(run.segment, page) - start;
    work(page, bytes.subarray(from, pageEnd(run.segment, page) - start));
  }
}
