import { median } from '../pairs.ts';
import { homeRegion, type Round } from '../records.ts';
import { startTrailkeep, type Trailkeep } from '../trailkeep.ts';
import type { FigureRun } from './figure-run.ts';
import { bucketName, oneTrail } from './trails.ts';

/** A server that fills with records of two months, one trail logging, as fast as it takes them. */
export interface FilledServer {
  readonly server: Trailkeep;
  readonly rounds: Round[];
  /** Server CPU per record, of each round, in microseconds. */
  readonly cpuPerRecord: number[];
  /** Seconds since the epoch: all records' times are in between. */
  readonly start: number;
  readonly end: number;
  fillTo(records: number): Promise<void>;
}

const roundRecords = 20_000;
const days = 60;
const daySeconds = 86_400;

/** `recordsMax`: how many there will be at the end; their times are spread out for that many. */
export async function startFilled(run: FigureRun, recordsMax: number): Promise<FilledServer> {
  const server = await startTrailkeep(run.settings);
  const end = Math.floor(Date.now() / 1000);
  const start = end - days * daySeconds;
  const rounds: Round[] = [];
  const cpuPerRecord: number[] = [];
  await server.own('PUT', 'clock', { now: isoOf(start) });
  await startTrail(server);

  async function fillRound(): Promise<void> {
    const first = rounds.length * roundRecords;
    const at = Math.round(start + ((end - start) * (first + roundRecords)) / recordsMax);
    const round = { first, count: roundRecords, at, places: 1 };
    await server.own('PUT', 'clock', { now: isoOf(at) });
    const before = await server.child.usage();
    await server.ingest(run.load, round);
    cpuPerRecord.push(((await server.child.usage()).cpu - before.cpu) / roundRecords);
    rounds.push(round);
  }

  return {
    server,
    rounds,
    cpuPerRecord,
    start: start - daySeconds,
    end,
    async fillTo(records) {
      while (rounds.length * roundRecords < records) await fillRound();
      await server.own('POST', 'flush');
    },
  };
}

/** The cost of a record in the rounds that brought the store from one size to the other. */
export function costBetween(filled: FilledServer, from: number, to: number): number {
  return median(filled.cpuPerRecord.slice(from / roundRecords, to / roundRecords));
}

/** Without digests: an hour of the clock would cost a signature, and the clock leaps by days. */
async function startTrail(server: Trailkeep): Promise<void> {
  await server.s3('PUT', `/${bucketName}`);
  const { name } = oneTrail;
  await server.call(
    'CreateTrail',
    { Name: name, S3BucketName: bucketName },
    { region: homeRegion },
  );
  await server.call('StartLogging', { Name: name });
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
