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

/** Node reads files in four threads; the others of these wait while the process is at work. */
const readsMax = 8;
/** Of one lookup, so that others get their turn. */
const readsMaxEach = 4;

const readAsync = promisify(read);

export function recordReader(files: OpenFiles, slots: PageSlots): ReadRecords {
  const scratches = scratchPool(readsMax);

  async function inScratches(
    runs: RecordRun[],
    work: (run: RecordRun, scratch: Buffer) => Promise<void>,
  ): Promise<void> {
    const reader = async () => {
      const scratch = await scratches.take();
      try {
        for (let run = runs.shift(); run; run = runs.shift()) await work(run, scratch);
      } finally {
        runs.length = 0;
        scratches.give(scratch);
      }
    };
    const readers = Array.from({ length: Math.min(readsMaxEach, runs.length) }, reader);
    for (const ended of await Promise.allSettled(readers)) {
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
