import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { alternate } from '../pairs.ts';
import { startTrailkeep } from '../trailkeep.ts';
import type { FigureRun } from './figure-run.ts';
import type { FilledServer } from './filled-server.ts';

const mebibyte = 2 ** 20;

/** Of a server that has taken its records just now; stops it, and starts it again and again. */
export async function measureFootprint(run: FigureRun, filled: FilledServer): Promise<void> {
  const { report, settings } = run;
  const stored = filled.rounds.reduce((sum, { count }) => sum + count, 0);
  const { rssMax } = await filled.server.child.usage();
  await filled.server.stop({ keepData: true });
  const { dataDir } = filled.server;
  const empty = await startTrailkeep(settings);
  const { rss } = await empty.child.usage();
  await empty.stop();
  report.add({
    bench: 'rss-peak',
    value: rssMax / mebibyte,
    unit: 'MiB',
    against: `an empty server (${Math.round(rss / mebibyte)} MiB)`,
    ratio: { median: rssMax / rss, min: rssMax / rss, max: rssMax / rss, pairs: 1 },
    judged: { by: 'value', better: 'less', limit: 400, aim: 256 },
    note: `while ${stored} records came in at full speed, one trail logging`,
  });
  const { value, yardstick, ratio } = await alternate(
    settings.pairs,
    () => readyMs(run, dataDir),
    nodeMs,
  );
  report.add({
    bench: 'ready',
    value,
    unit: 'ms',
    against: `node -e 0 (${yardstick.toFixed(0)} ms)`,
    ratio,
    judged: { by: 'value', better: 'less', limit: 1500, aim: 300 },
    note: `from its start to a healthy answer, ${stored} records stored`,
  });
}

/** The last start of the pairs removes nothing: the benchmark's folder goes as a whole. */
async function readyMs({ settings }: FigureRun, dataDir: string): Promise<number> {
  const began = performance.now();
  const server = await startTrailkeep(settings, { dataDir });
  const { status } = await server.own('GET', 'health');
  const ms = performance.now() - began;
  await server.stop({ keepData: true });
  if (status !== 'ready') throw new Error(`the server is ${status}`);
  return ms;
}

async function nodeMs(): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  await once(child, 'exit');
  return performance.now() - began;
}

const startMs = 60_000;

/** What a newcomer waits for: from `npm start`, with everything installed, to a healthy answer. */
export async function npmStart({ settings, report }: FigureRun): Promise<void> {
  const dataDir = await mkdtemp(join(settings.dir, 'npm-start-'));
  const { value, yardstick, ratio } = await alternate(
    Math.min(3, settings.pairs),
    () => npmStartMs(dataDir),
    nodeMs,
  );
  report.add({
    bench: 'npm-start',
    value,
    unit: 'ms',
    against: `node -e 0 (${yardstick.toFixed(0)} ms)`,
    ratio,
    note: 'everything installed; to a healthy answer',
  });
}

async function npmStartMs(dataDir: string): Promise<number> {
  const began = performance.now();
  const env = { ...process.env, TRAILKEEP_PORT: '0', TRAILKEEP_DATA_DIR: dataDir };
  // A group of its own: npm, a shell and the server are stopped together.
  const child = spawn('npm', ['start'], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  try {
    const endpoint = await new Promise<string>((resolve, reject) => {
      let said = '';
      const hear = (chunk: Buffer) => {
        said = (said + chunk).slice(-10_000);
        const found = /is ready at (http:\/\/[\d.]+:\d+)/.exec(said)?.[1];
        if (found) resolve(found);
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`npm start ended: ${said}`)));
      setTimeout(() => reject(new Error(`npm start is not ready: ${said}`)), startMs).unref();
    });
    const answer = await fetch(`${endpoint}/_trailkeep/health`);
    if (!answer.ok) throw new Error(`health answers ${answer.status}`);
    return performance.now() - began;
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    await ended;
  }
}
