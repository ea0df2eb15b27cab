import { apiRequest } from '../api-request.ts';
import { alternate, median } from '../pairs.ts';
import { accountOf, homeAccount, homeRegion } from '../records.ts';
import { sendCalls, startTrailkeep } from '../trailkeep.ts';
import type { FigureRun } from './figure-run.ts';
import { type Moto, startMoto } from './moto.ts';
import { bucketName } from './trails.ts';

const connections = 16;
/** A Region has five trails at most. */
const trailsPerAccount = 5;

/** CreateTrail and GetTrail a second, durable and recorded; against moto where it is installed. */
export async function controlPlane(run: FigureRun): Promise<void> {
  const server = await startTrailkeep(run.settings);
  const moto = await startMoto();
  if (typeof moto === 'string') run.report.say(`Not held against moto: ${moto}`);
  const other = typeof moto === 'string' ? undefined : moto;
  try {
    await server.s3('PUT', `/${bucketName}`);
    await measure(run, server.port, other, 'CreateTrail', { limit: 1_500, aim: 5_000 });
    await measure(run, server.port, other, 'GetTrail', { limit: 6_000, aim: 10_000 });
  } finally {
    await Promise.all([server.stop(), other?.stop()]);
  }
}

type Measured = 'CreateTrail' | 'GetTrail';

async function measure(
  run: FigureRun,
  port: number,
  moto: Moto | undefined,
  operation: Measured,
  bounds: { limit: number; aim: number },
): Promise<void> {
  const isQuick = run.settings.size === 'quick';
  const perPair = isQuick ? 1_000 : 3_000;
  // Moto is many times slower: as many calls as take as long.
  const motoPerPair = isQuick ? 200 : 400;
  const { pairs } = run.settings;
  const p99s: number[] = [];
  const ours = (pair: number) =>
    ratePerSecond(run, port, callsOf(operation, port, pair, perPair, accountOfTrail), p99s);
  const theirs = async (pair: number) => {
    if (!moto) return Number.NaN;
    return ratePerSecond(
      run,
      moto.port,
      callsOf(operation, moto.port, pair, motoPerPair, () => homeAccount),
      [],
    );
  };
  // Every round has names of its own.
  await alternate(1, ours, theirs);
  p99s.length = 0;
  const { value, yardstick, ratio } = await alternate(
    pairs,
    (pair) => ours(pair + 1),
    (pair) => theirs(pair + 1),
  );
  run.report.add({
    bench: operation,
    value,
    unit: 'calls/s',
    ...(moto && { against: `moto_server (${Math.round(yardstick)} calls/s)`, ratio }),
    judged: { by: 'value', better: 'more', ...bounds },
    note: `${connections} connections; p99 ${median(p99s).toFixed(1)} ms`,
  });
}

async function ratePerSecond(
  { load }: FigureRun,
  port: number,
  calls: ReturnType<typeof callsOf>,
  p99s: number[],
): Promise<number> {
  const { wallMs, timesMs } = await sendCalls(load, port, connections, calls);
  p99s.push(timesMs[Math.floor(timesMs.length * 0.99)]!);
  return calls.length / (wallMs / 1000);
}

function accountOfTrail(n: number): string {
  return accountOf(1 + Math.floor(n / trailsPerAccount));
}

function callsOf(
  operation: Measured,
  port: number,
  pair: number,
  count: number,
  accountOf: (n: number) => string,
) {
  return Array.from({ length: count }, (_, index) => {
    const n = pair * count + index;
    const Name = `trail-${n}`;
    const input = operation === 'GetTrail' ? { Name } : { Name, S3BucketName: bucketName };
    const request = apiRequest(port, {
      operation,
      input,
      account: accountOf(n),
      region: homeRegion,
    });
    return { request, expect: `:trail/${Name}"` };
  });
}
