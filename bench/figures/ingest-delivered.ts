import type { Delivered } from '../delivered.ts';
import { checkDelivered } from '../delivered.ts';
import type { GzipReport } from '../gzip.ts';
import { alternate, median, warmUpRounds } from '../pairs.ts';
import type { Round } from '../records.ts';
import { idOf } from '../records.ts';
import { startTrailkeep, type Trailkeep } from '../trailkeep.ts';
import type { FigureRun } from './figure-run.ts';
import { bucketName, createTrails, oneTrail } from './trails.ts';

/** Log files hold at most so many raw bytes: the yardstick's documents are as large. */
const documentBytesMax = 15 * 1024 * 1024;

/**
 * Server CPU per record to a log file in the bucket and to LookupEvents, one trail; against gzip
 * alone. And how many records a second that is, with the client on the same machine.
 */
export async function ingestDelivered(run: FigureRun): Promise<void> {
  const { settings, report, gzip } = run;
  const records = settings.size === 'quick' ? 20_000 : 60_000;
  const server = await startTrailkeep(settings);
  const rounds: Round[] = [];
  const rates: number[] = [];
  const system: number[] = [];
  try {
    await createTrails(server, [oneTrail]);
    const ours = async () => {
      const done = await deliver(run, server, rounds, records);
      rates.push(done.recordsPerSecond);
      system.push(done.systemPerRecord);
      return done.cpuPerRecord;
    };
    const theirs = async () => {
      const question = { documentBytesMax, documentRecordsMax: records, level: 6 };
      return (await gzip.ask<GzipReport>({ ...question, round: rounds.at(-1) })).cpu / records;
    };
    await alternate(warmUpRounds, ours, theirs);
    rates.length = 0;
    const { value, yardstick, ratio } = await alternate(settings.pairs, ours, theirs);
    const found = await checkAll(server, rounds);
    report.add({
      bench: 'ingest-delivered',
      value,
      unit: 'us/record',
      against: `zlib gzip level 6 of the same bytes (${yardstick.toFixed(2)} us)`,
      ratio,
      judged: { by: 'ratio', better: 'less', limit: 2.5, aim: 1 },
      note: `${median(system).toFixed(1)} us of it in the system; ${found.records} records checked in ${found.files} files`,
    });
    report.add({
      bench: 'ingest-delivered-rate',
      value: median(rates),
      unit: 'records/s',
      judged: { by: 'value', better: 'more', limit: 60_000, aim: 120_000 },
      note: 'from the first request until all is in the bucket; client on the same machine',
    });
  } finally {
    await server.stop();
  }
}

export interface Measured {
  /** In microseconds, all threads. */
  readonly cpuPerRecord: number;
  readonly systemPerRecord: number;
  readonly recordsPerSecond: number;
}

/** One round in, flushed, and measured. */
export async function deliver(
  { load }: Pick<FigureRun, 'load'>,
  server: Trailkeep,
  rounds: Round[],
  count: number,
  places = 1,
): Promise<Measured> {
  const last = rounds.at(-1);
  const first = last ? last.first + last.count : 0;
  const round = { first, count, at: Math.floor(Date.now() / 1000), places };
  rounds.push(round);
  const before = await server.child.usage();
  const began = performance.now();
  await server.ingest(load, round);
  await server.own('POST', 'flush');
  const seconds = (performance.now() - began) / 1000;
  const after = await server.child.usage();
  return {
    cpuPerRecord: (after.cpu - before.cpu) / count,
    systemPerRecord: (after.system - before.system) / count,
    recordsPerSecond: count / seconds,
  };
}

async function checkAll(server: Trailkeep, rounds: readonly Round[]): Promise<Delivered> {
  const last = rounds.at(-1)!;
  await checkSearchable(server, last.first + last.count - 1);
  return checkDelivered(server, { bucket: bucketName, prefix: `${oneTrail.name}/` }, rounds);
}

async function checkSearchable(server: Trailkeep, n: number): Promise<void> {
  const LookupAttributes = [{ AttributeKey: 'EventId', AttributeValue: idOf(n) }];
  const { Events } = await server.call('LookupEvents', { LookupAttributes });
  if ((Events as unknown[]).length !== 1) throw new Error(`record ${n} cannot be looked up`);
}
