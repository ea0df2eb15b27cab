import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, test } from 'vitest';
import { type StartedServer, startServer } from '../support/start-server.ts';
import { type TrailWitness, trailWitness } from './acknowledged-state.ts';
import { expectDelivered, expectInHistory } from './delivered.ts';
import { ask, clientsOf, until, wait } from './endpoint.ts';
import { logTo } from './logged-bucket.ts';
import { type Choices, roundsOf, seededChoices } from './seed.ts';
import { type Sender, sender } from './sent-records.ts';
import { type SmallDisk, smallDisk, whyNoSmallDisk } from './small-disk.ts';

const bucket = 'disk-logs';
const config = { regions: ['us-east-1'] };
const changer = '111122223333';

let disk: SmallDisk | undefined;
let folder: string | undefined;
let server: StartedServer | undefined;
afterEach(async () => {
  await server?.kill();
  await disk?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
  server = disk = folder = undefined;
});

const noSmallDisk = whyNoSmallDisk();
if (noSmallDisk) process.stderr.write(`*** a full disk DID NOT RUN: ${noSmallDisk}\n`);

describe.skipIf(noSmallDisk)('a disk without room', () => {
  const rounds = roundsOf('TRAILKEEP_TEST_DISK_ROUNDS', 6);

  test(`refuses and loses nothing, in ${rounds} rounds`, async () => {
    const choices = seededChoices('full-disk');
    disk = await smallDisk(96 * 1024 * 1024);
    const dataDir = join(disk.folder, 'data');
    const run = newRun(choices);
    server = await started(dataDir, run);
    let refusals = 0;
    let restarts = 0;
    for (let round = 0; round < rounds; round += 1) {
      disk.fill(choices.oneOf([0, 4096, 50_000, 300_000]));
      const statuses = await workFor(server, run, 400);
      refusals += statuses.filter((status) => status === 503).length;
      if (await isAlive(server)) await expectReads(server.endpoint, run);
      if (choices.chance(0.4)) await server.kill('SIGKILL');
      if (choices.chance(0.3)) await expectStartOrSentence(dataDir);
      disk.free();
      if (await isAlive(server)) {
        expect((await run.records.send(server.endpoint, 1)).status).toBe(200);
      } else {
        server = await started(dataDir, run);
        restarts += 1;
      }
    }
    expect(refusals, 'the disk was full').toBeGreaterThan(0);
    await expectNothingLost(server.endpoint, run);
    const acknowledged = run.records.acknowledged.size;
    process.stdout.write(`full-disk: ${JSON.stringify({ refusals, restarts, acknowledged })}\n`);
  });
});

/** Errors of the kernel's, put into a running server by strace. */
/** Not write: with it the pipes by which libuv wakes itself would fail. */
const calls = ['fdatasync', 'fsync', 'pwrite64', 'pwritev', 'openat', 'unlink', 'rename'] as const;
const errors = ['EIO', 'ENOSPC'] as const;

describe.skipIf(whyNoStrace())('a disk that fails', () => {
  const rounds = roundsOf('TRAILKEEP_TEST_IO_ROUNDS', 14);

  test(`ends or recovers the server, which loses nothing, in ${rounds} rounds`, async () => {
    const choices = seededChoices('failing-disk');
    const dataDir = await mkdtemp(join(tmpdir(), 'trailkeep-disk-'));
    folder = dataDir;
    const run = newRun(choices);
    const ends: string[] = [];
    let faults = 0;
    server = await started(dataDir, run);
    for (let round = 0; round < rounds; round += 1) {
      const call = calls[round % calls.length]!;
      const fault = `${call}:error=${choices.oneOf(errors)}:when=${1 + choices.below(6)}`;
      const injected = await inject(server.pid, `${fault}${choices.oneOf(['', '+'])}`);
      await workFor(server, run, 400);
      const hits = await injected.stop();
      faults += hits;
      const how = await server.stop();
      ends.push(`${fault}, ${hits} times: ${JSON.stringify(how)}`);
      expect([0, 1], fault).toContain(how.code);
      server = await started(dataDir, run);
    }
    expect(faults, 'strace made calls fail').toBeGreaterThan(0);
    await expectNothingLost(server.endpoint, run);
    const failed = ends.filter((end) => end.includes('"code":1')).length;
    const figures = {
      rounds,
      faults,
      endedByItself: failed,
      acknowledged: run.records.acknowledged.size,
    };
    process.stdout.write(`failing-disk: ${JSON.stringify(figures)}\n${ends.join('\n')}\n`);
  });
});

function whyNoStrace(): boolean {
  try {
    execFileSync('strace', ['-e', 'inject=fsync:error=EIO', 'true'], { stdio: 'pipe' });
    return false;
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0];
    process.stderr.write(`*** a disk that fails DID NOT RUN: strace cannot inject: ${reason}\n`);
    return true;
  }
}

/** Everything that was acknowledged in a test, over all of its servers. */
interface Run {
  readonly choices: Choices;
  readonly records: Sender;
  readonly trails: readonly TrailWitness[];
  made: boolean;
}

function newRun(choices: Choices): Run {
  const trails = [1, 2].map((n) =>
    trailWitness(choices, { account: changer, name: `changing-${n}`, bucket }),
  );
  return { choices, records: sender('DiskTest'), trails, made: false };
}

async function started(dataDir: string, run: Run): Promise<StartedServer> {
  const made = await startServer({ dataDir, config });
  if (!run.made) await logTo(bucket, made.endpoint);
  run.made = true;
  for (const trail of run.trails) await trail.check(made.endpoint);
  return made;
}

/** Answers the statuses that senders of records got. */
async function workFor(of: StartedServer, run: Run, ms: number): Promise<readonly number[]> {
  const { endpoint } = of;
  const statuses: number[] = [];
  const deadline = performance.now() + ms;
  const going = () => performance.now() < deadline;
  const write = async () => {
    while (going()) {
      const padding = run.choices.oneOf([0, 1000, 60_000]);
      const { status } = await run.records.send(endpoint, 10, { padding });
      if (status === undefined) return;
      statuses.push(status);
      expect([200, 503]).toContain(status);
    }
  };
  const flushing = async () => {
    while (going()) {
      const answer = await ask(endpoint, 'POST', 'flush?digests=true', '');
      if (answer === undefined) return;
      expect([200, 503]).toContain(answer.status);
      await wait(run.choices.below(50));
    }
  };
  const changing = run.trails.map((trail) => trail.workWhile(endpoint, going));
  await Promise.all([write(), write(), write(), flushing(), ...changing]);
  return statuses;
}

async function isAlive(of: StartedServer): Promise<boolean> {
  return (await ask(of.endpoint, 'GET', 'health'))?.status === 200;
}

/** What needs no new room is answered: health, and what the buckets hold. */
async function expectReads(endpoint: string, run: Run): Promise<void> {
  const { s3 } = clientsOf(endpoint);
  const { Name } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  expect(Name).toBe(bucket);
  for (const trail of run.trails) await trail.checkIfAnswered(endpoint);
}

async function expectStartOrSentence(dataDir: string): Promise<void> {
  if (server && (await isAlive(server))) return;
  try {
    server = await startServer({ dataDir, config });
  } catch (error) {
    expect((error as Error).message).toMatch(/ENOSPC|full|space|room/i);
  }
}

async function expectNothingLost(endpoint: string, { records, trails }: Run): Promise<void> {
  const flushed = await ask(endpoint, 'POST', 'flush?digests=true', '');
  expect(flushed?.text).toContain('"owing":0');
  expect(records.acknowledged.size).toBeGreaterThan(0);
  for (const trail of trails) await trail.check(endpoint);
  await expectDelivered(endpoint, { bucket, from: records });
  const { regions } = config;
  await expectInHistory(endpoint, { eventName: 'DiskTest', regions, from: records });
}

/** Stopping answers how many calls were made to fail. */
async function inject(pid: number, fault: string): Promise<{ stop(): Promise<number> }> {
  const [call = ''] = fault.split(':');
  const log = join(tmpdir(), `trailkeep-strace-${pid}`);
  const args = ['-f', '-q', '-p', String(pid), '-e', `trace=${call}`, '-e', `inject=${fault}`];
  const tracer: ChildProcess = spawn('strace', [...args, '-o', log], { stdio: 'ignore' });
  const ended = new Promise((resolve) => tracer.once('exit', resolve));
  await until('strace', async () => tracedBy(pid) === tracer.pid);
  return {
    async stop() {
      tracer.kill('SIGINT');
      await ended;
      const lines = readFileSync(log, 'utf8').split('\n');
      await rm(log);
      return lines.filter((line) => line.includes('(INJECTED)')).length;
    },
  };
}

function tracedBy(pid: number): number {
  try {
    const status = execFileSync('grep', ['TracerPid', `/proc/${pid}/status`]).toString();
    return Number(status.split(':')[1]);
  } catch {
    return 0;
  }
}
