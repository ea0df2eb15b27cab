import { join } from 'node:path';
import { apiRequest } from '../api-request.ts';
import { bundled, type Child, startChild } from '../child.ts';
import type { CallsLoad } from '../load.ts';
import { quantile, spreadOf } from '../pairs.ts';
import { homeAccount, homeRegion } from '../records.ts';
import { ingestInto, sendCalls } from '../trailkeep.ts';
import { checkLookups } from './check-lookups.ts';
import type { FigureRun } from './figure-run.ts';
import { costBetween, type FilledServer, startFilled } from './filled-server.ts';
import { measureFootprint } from './footprint.ts';
import { type AttributeName, attributeNames, lookupInputs } from './lookup-inputs.ts';

const replyBytes = 90_000;
const p99MsMax = 10;

interface Times {
  readonly p50: number;
  readonly p99: number;
  readonly all: readonly number[];
}

interface Yardstick {
  readonly child: Child;
  readonly port: number;
}

/**
 * LookupEvents by each attribute with few and with many records stored; what a record costs when
 * there are many; and, since the server is full then, memory and the time to start again.
 */
export async function lookup(run: FigureRun): Promise<void> {
  const { settings, report } = run;
  const { few, many } = sizesOf(settings.size);
  const filled = await startFilled(run, many);
  const yardstick = await startYardstick(run);
  let keepsRunning = true;
  try {
    await filled.fillTo(few);
    const atFew = await timeAll(run, filled, yardstick, few === many);
    if (few < many) {
      await filled.fillTo(many);
      growthOf(run, atFew, await timeAll(run, filled, yardstick, true), few, many);
      costGrowth(run, filled, many);
    } else {
      report.say('lookup-growth and ingest-growth need more records: not with --quick.');
    }
    keepsRunning = false;
    await measureFootprint(run, filled);
  } finally {
    await yardstick.child.stop();
    if (keepsRunning) await filled.server.stop();
  }
}

function sizesOf(size: string): { few: number; many: number } {
  if (size === 'quick') return { few: 100_000, many: 100_000 };
  return size === 'full' ? { few: 1_000_000, many: 10_000_000 } : { few: 200_000, many: 1_000_000 };
}

/** With something in its file to read. */
async function startYardstick({ settings, load }: FigureRun): Promise<Yardstick> {
  const args = [join(settings.dir, 'null-lookups'), String(replyBytes)];
  const child = startChild(bundled('null-server.mjs'), args, {});
  const port = await child.ask<number>({});
  await ingestInto(load, port, '/', { first: 0, count: 20_000, at: 0, places: 1 });
  return { child, port };
}

async function timeAll(
  run: FigureRun,
  filled: FilledServer,
  yardstick: Yardstick,
  isReported: boolean,
): Promise<readonly Times[]> {
  await checkLookups(filled);
  const all: Times[] = [];
  for (const name of attributeNames) {
    all.push(await timeAttribute(run, filled, yardstick, name, isReported));
  }
  return all;
}

async function timeAttribute(
  { settings, report, load }: FigureRun,
  filled: FilledServer,
  yardstick: Yardstick,
  name: AttributeName,
  isReported: boolean,
): Promise<Times> {
  const perPair = settings.size === 'quick' ? 50 : 100;
  const calls = callsFor(filled, name, perPair * settings.pairs);
  const request = Buffer.from('GET /lookup HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
  const nothing = Array.from({ length: perPair }, () => ({ request, expect: '' }));
  const mine: number[] = [];
  const theirs: number[] = [];
  const ratios: number[] = [];
  for (let pair = 0; pair < settings.pairs; pair++) {
    const some = calls.slice(pair * perPair, (pair + 1) * perPair);
    const ours = await sendCalls(load, filled.server.port, 1, some);
    const other = await sendCalls(load, yardstick.port, 1, nothing);
    mine.push(...ours.timesMs);
    theirs.push(...other.timesMs);
    ratios.push(quantile(ours.timesMs, 0.99) / quantile(other.timesMs, 0.99));
  }
  const times = timesOf(mine);
  if (isReported) {
    report.add({
      bench: `lookup-${name}`,
      value: times.p99,
      unit: 'ms p99',
      against: `null server: 50 preads, ${replyBytes / 1000} kB reply (${timesOf(theirs).p99.toFixed(2)} ms)`,
      ratio: spreadOf(ratios),
      judged: { by: 'value', better: 'less', limit: p99MsMax, aim: 5 },
      note: `p50 ${times.p50.toFixed(2)} ms; ${countOf(filled)} records stored`,
    });
  }
  return times;
}

function callsFor(filled: FilledServer, name: AttributeName, count: number): CallsLoad['calls'] {
  return lookupInputs(filled, name, count).map((input) => ({
    request: apiRequest(filled.server.port, {
      operation: 'LookupEvents',
      input,
      account: homeAccount,
      region: homeRegion,
    }),
    expect: '"Events":[',
  }));
}

function timesOf(times: readonly number[]): Times {
  const sorted = [...times].sort((a, b) => a - b);
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), all: sorted };
}

function growthOf(
  { report }: FigureRun,
  atFew: readonly Times[],
  atMany: readonly Times[],
  few: number,
  many: number,
): void {
  const pooled = (times: readonly Times[]) => timesOf(times.flatMap(({ all }) => all)).p99;
  const each = spreadOf(atMany.map(({ p99 }, n) => p99 / atFew[n]!.p99));
  report.add({
    bench: 'lookup-growth',
    value: pooled(atMany),
    unit: 'ms p99',
    against: `the same with ${few} records (${pooled(atFew).toFixed(2)} ms)`,
    ratio: { ...each, median: pooled(atMany) / pooled(atFew) },
    judged: { by: 'ratio', better: 'less', limit: 2, aim: 1.1 },
    note: `all attributes together, ${many} records; min and max are of single attributes`,
  });
}

function costGrowth({ report }: FigureRun, filled: FilledServer, many: number): void {
  const first = costBetween(filled, 100_000, 300_000);
  const upTo = Math.min(many, 5_000_000);
  const last = costBetween(filled, upTo - 200_000, upTo);
  const ratio = last / first;
  report.add({
    bench: 'ingest-growth',
    value: last,
    unit: 'us/record',
    against: `at 100,000 records (${first.toFixed(2)} us)`,
    ratio: { median: ratio, min: ratio, max: ratio, pairs: 1 },
    judged: { by: 'ratio', better: 'less', limit: 1.2, aim: 1 },
    note: `at ${upTo} records, one trail logging`,
  });
}

function countOf({ rounds }: FilledServer): number {
  return rounds.reduce((sum, { count }) => sum + count, 0);
}
