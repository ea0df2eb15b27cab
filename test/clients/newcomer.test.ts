import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DescribeTrailsCommand } from '@aws-sdk/client-cloudtrail';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startServer } from '../support/start-server.ts';
import { loggedTrail } from './logged-trail.ts';
import { cloudTrailOf } from './sdk-clients.ts';

const run = promisify(execFile);
const installAndStartMsMax = 60_000;
const stopMsMax = 5000;
const account = '123456789012';
const skipped = Boolean(process.env['TRAILKEEP_TEST_SKIP_NEWCOMER']);
if (skipped) {
  process.stderr.write('*** the newcomer DID NOT RUN: TRAILKEEP_TEST_SKIP_NEWCOMER is set\n');
}

describe.skipIf(skipped)('somebody who has just cloned the repository', () => {
  let folder: string;
  let port: number;
  let started: ChildProcess | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trailkeep-newcomer-'));
    const repository = resolve(import.meta.dirname, '../..');
    await run('git', ['clone', '--quiet', repository, join(folder, 'trailkeep')]);
    port = await freePort();
  });
  afterEach(() => killGroup(started));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('runs npm ci && npm start, and is served within a minute', async () => {
    started = inClone('sh', ['-c', 'npm ci && npm start']);
    const readyMs = await readyAfter(started, installAndStartMsMax);
    process.stdout.write(`npm ci && npm start: ready after ${Math.round(readyMs)} ms\n`);
    await loggedTrail(`http://127.0.0.1:${port}`, account);
  }, 120_000);

  test('finds everything again after the next npm start, which is quick', async () => {
    const times: number[] = [];
    for (let tries = 0; tries < 3; tries += 1) {
      started = inClone('npm', ['start']);
      times.push(await readyAfter(started, 30_000));
      const client = cloudTrailOf(`http://127.0.0.1:${port}`, account);
      const { trailList } = await client.send(new DescribeTrailsCommand({}));
      expect(trailList).toMatchObject([{ Name: 'audit' }]);
      await killGroup(started);
    }
    process.stdout.write(`npm start: ready after ${times.map(Math.round).join(', ')} ms\n`);
    expect(Math.min(...times)).toBeLessThan(startMsMax());
  }, 120_000);

  test('has nothing in git that the program left behind', async () => {
    const { stdout } = await run('git', ['status', '--porcelain'], {
      cwd: join(folder, 'trailkeep'),
    });
    expect(stdout).toBe('');
  });

  /** In a process group of its own, as a terminal would have it. */
  function inClone(program: string, args: readonly string[]): ChildProcess {
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(AWS_|TRAILKEEP_|VITEST|NODE_OPTIONS|npm_)/.test(name),
    );
    const env = { ...Object.fromEntries(inherited), TRAILKEEP_PORT: String(port) };
    const cwd = join(folder, 'trailkeep');
    return spawn(program, args, { cwd, env, stdio: 'ignore', detached: true });
  }

  async function readyAfter(child: ChildProcess, withinMs: number): Promise<number> {
    const began = performance.now();
    while (performance.now() - began < withinMs) {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
      const response = await fetch(`http://127.0.0.1:${port}/_trailkeep/health`).catch(() => null);
      await response?.body?.cancel();
      if (response?.status === 200) return performance.now() - began;
      await wait(10);
    }
    throw new Error(`not ready within ${withinMs} ms`);
  }
});

describe('the built server', () => {
  test('is ready soon, stops at SIGTERM with 0, and goes on where it was', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'trailkeep-start-'));
    const times: number[] = [];
    const first = await startServer({ dataDir });
    const trail = await loggedTrail(first.endpoint, account);
    await first.stop();
    for (let tries = 0; tries < 3; tries += 1) {
      const server = await startServer({ dataDir });
      times.push(server.readyAfterMs);
      const client = cloudTrailOf(server.endpoint, account);
      const { trailList } = await client.send(new DescribeTrailsCommand({}));
      expect(trailList).toMatchObject([{ TrailARN: trail.arn }]);
      const began = performance.now();
      expect(await server.stop()).toEqual({ code: 0, signal: null });
      expect(performance.now() - began).toBeLessThan(stopMsMax);
    }
    process.stdout.write(`serve: ready after ${times.map(Math.round).join(', ')} ms\n`);
    expect(Math.min(...times)).toBeLessThan(startMsMax());
    await rm(dataDir, { recursive: true, force: true });
  });

  test('tells when its port is taken, or its folder', async () => {
    const server = await startServer();
    const port = Number(new URL(server.endpoint).port);
    await expect(startServer({ port })).rejects.toThrow(/port \d+ is in use/);
    await expect(startServer({ dataDir: server.dataDir })).rejects.toThrow(/is in use by process/);
    expect(await server.stop()).toEqual({ code: 0, signal: null });
  });
});

/** A start within 1.5 s is promised on a machine that has nothing else to do. */
function startMsMax(): number {
  const [load = 0] = loadavg();
  return 1500 * Math.max(1, load / cpus().length);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}

/** As Ctrl-C does it: every process of the group gets the signal. */
async function killGroup(child: ChildProcess | undefined): Promise<void> {
  if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  process.kill(-child.pid, 'SIGTERM');
  await ended;
}
