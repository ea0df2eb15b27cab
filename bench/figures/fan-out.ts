import { checkDelivered } from '../delivered.ts';
import { alternate, warmUpRounds } from '../pairs.ts';
import type { Round } from '../records.ts';
import { startTrailkeep, type Trailkeep } from '../trailkeep.ts';
import type { FigureRun } from './figure-run.ts';
import { deliver } from './ingest-delivered.ts';
import {
  bucketName,
  createTrails,
  fiveAlike,
  fiveDifferent,
  oneTrail,
  type TrailOfBench,
} from './trails.ts';

/** Server CPU per record with five trails, against one trail of another server. */
export async function fanOut(run: FigureRun): Promise<void> {
  const alone = await startWith(run, [oneTrail]);
  try {
    await against(run, alone, 'fan-out-alike', fiveAlike, 'five trails with the same selectors');
    const note = 'five trails with selectors of their own; four want every record';
    await against(run, alone, 'fan-out-different', fiveDifferent, note);
  } finally {
    await alone.server.stop();
  }
}

interface Started {
  readonly server: Trailkeep;
  readonly rounds: Round[];
}

async function startWith(
  { settings }: FigureRun,
  trails: readonly TrailOfBench[],
): Promise<Started> {
  const server = await startTrailkeep(settings);
  await createTrails(server, trails);
  return { server, rounds: [] };
}

async function against(
  run: FigureRun,
  alone: Started,
  bench: string,
  trails: readonly TrailOfBench[],
  note: string,
): Promise<void> {
  const { settings, report } = run;
  const records = settings.size === 'quick' ? 10_000 : 30_000;
  const five = await startWith(run, trails);
  try {
    const cpuOf = async ({ server, rounds }: Started) =>
      (await deliver(run, server, rounds, records)).cpuPerRecord;
    await alternate(
      warmUpRounds,
      () => cpuOf(five),
      () => cpuOf(alone),
    );
    const { value, yardstick, ratio } = await alternate(
      settings.pairs,
      () => cpuOf(five),
      () => cpuOf(alone),
    );
    for (const { name } of trails.slice(0, 3)) {
      await checkDelivered(five.server, { bucket: bucketName, prefix: `${name}/` }, five.rounds);
    }
    report.add({
      bench,
      value,
      unit: 'us/record',
      against: `one trail (${yardstick.toFixed(2)} us)`,
      ratio,
      judged: { by: 'ratio', better: 'less', limit: 1.8, aim: 1.3 },
      note,
    });
  } finally {
    await five.server.stop();
  }
}
