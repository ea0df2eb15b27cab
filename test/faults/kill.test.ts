import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTrailCommand, StartLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { program, type StartedServer, startServer } from '../support/start-server.ts';
import { objectWitness, trailWitness } from './acknowledged-state.ts';
import { expectDelivered, expectInHistory, expectValidByAwsCli, lookUp } from './delivered.ts';
import { ask, clientsOf, wait } from './endpoint.ts';
import { roundsOf, seededChoices } from './seed.ts';
import { sender } from './sent-records.ts';

const rounds = roundsOf('TRAILKEEP_TEST_KILL_ROUNDS', 50);
const writers = 4;
const batchRecords = 20;
const aliveMsMax = 800;
const startingMsMax = 400;
const bucket = 'kill-logs';
const regions = ['us-east-1', 'eu-west-1'];
const changer = '111122223333';
const config = { regions };
const aDayMs = 86_400_000;

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'trailkeep-kill-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

/**
 * The promise of a 2xx: kill -9 at random moments, in the middle of ingest, delivery, digests,
 * indexing, API calls and puts of objects, loses nothing that was acknowledged and delivers no
 * record twice. (It proves nothing about fsync: the page cache outlives the process.)
 */
test(`${rounds} rounds of kill -9 lose nothing that was acknowledged`, async () => {
  const choices = seededChoices('kill');
  const records = sender('KillTest');
  const trails = [1, 2, 3].map((n) =>
    trailWitness(choices, { account: changer, name: `changing-${n}`, bucket }),
  );
  const objects = [1, 2].map((n) => objectWitness(choices, 'kill-objects', `putter-${n}`));
  const witnesses = [...trails, ...objects];
  const readyMs: number[] = [];
  const began = new Date();
  await withServer(prepare);

  for (let round = 0; round < rounds; round += 1) {
    if (choices.chance(0.2)) await killWhileStarting(choices.below(startingMsMax));
    const server = await startServer({ dataDir, config });
    readyMs.push(server.readyAfterMs);
    for (const witness of witnesses) await witness.check(server.endpoint);
    const work = [
      ...Array.from({ length: writers }, () => write(server, choices.below)),
      flushing(server, choices.below),
      looking(server),
      ...witnesses.map((witness) => witness.work(server.endpoint)),
    ];
    await wait(choices.below(aliveMsMax));
    await server.kill('SIGKILL');
    await Promise.all(work);
    expect(failuresOf(server), 'nothing failed before the kill').toEqual([]);
  }

  await withServer(async (server) => {
    for (const witness of witnesses) await witness.check(server.endpoint);
    expect(records.acknowledged.size).toBeGreaterThan(rounds * batchRecords);
    const flushed = await ask(server.endpoint, 'POST', 'flush?digests=true', '');
    expect(flushed?.text).toContain('"owing":0');
    const summary = await expectDelivered(server.endpoint, { bucket, from: records });
    await expectInHistory(server.endpoint, { eventName: 'KillTest', regions, from: records });
    const changes = trails.flatMap(({ requestIds }) => [...requestIds]);
    await expectCallsRecorded(server, changes);
    const to = new Date(Date.now() + aDayMs);
    const chains = { trail: 'kill', regions, from: began, to };
    const valid = await expectValidByAwsCli(server.endpoint, chains);
    if (valid) expect(valid.logFiles, 'every log file is in a digest').toBe(summary.logFiles);
    report({ ...summary, changes: changes.length, valid }, records.acknowledged.size, readyMs);
  });

  function write(server: StartedServer, below: (limit: number) => number): Promise<void> {
    return repeat(async () => {
      const region = regions[below(regions.length)]!;
      const { status } = await records.send(server.endpoint, batchRecords, { region });
      if (status !== undefined) expect(status).toBe(200);
      await wait(below(10));
      return status !== undefined;
    });
  }
});

async function withServer(use: (server: StartedServer) => Promise<void>): Promise<void> {
  const server = await startServer({ dataDir, config });
  try {
    await use(server);
    expect(await server.stop()).toEqual({ code: 0, signal: null });
  } finally {
    await server.kill();
  }
}

async function prepare({ endpoint }: StartedServer): Promise<void> {
  const { s3, trails } = clientsOf(endpoint);
  for (const Bucket of [bucket, 'kill-objects']) await s3.send(new CreateBucketCommand({ Bucket }));
  const settings = { EnableLogFileValidation: true, IsMultiRegionTrail: true };
  await trails.send(new CreateTrailCommand({ Name: 'kill', S3BucketName: bucket, ...settings }));
  await trails.send(new StartLoggingCommand({ Name: 'kill' }));
}

/** The recovery from a kill may itself be killed. */
async function killWhileStarting(afterMs: number): Promise<void> {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    TRAILKEEP_PORT: '0',
    TRAILKEEP_DATA_DIR: dataDir,
  };
  for (const name of Object.keys(env)) if (name.startsWith('TRAILKEEP_TEST')) delete env[name];
  const child = spawn(process.execPath, [program(), 'serve'], { env, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await wait(afterMs);
  child.kill('SIGKILL');
  await ended;
}

async function flushing(server: StartedServer, below: (limit: number) => number): Promise<void> {
  await repeat(async () => {
    const digests = below(5) > 0;
    const answer = await ask(server.endpoint, 'POST', `flush?digests=${digests}`, '');
    if (answer) expect(answer.status, answer.text).toBe(200);
    await wait(below(60));
    return answer !== undefined;
  });
}

/** Lookups make the history index what has just come. */
async function looking(server: StartedServer): Promise<void> {
  await repeat(async () => {
    const answer = await ask(server.endpoint, 'GET', 'metrics');
    await wait(30);
    return answer !== undefined;
  });
}

async function repeat(step: () => Promise<boolean>): Promise<void> {
  while (await step());
}

function failuresOf(server: StartedServer): string[] {
  return server
    .stderr()
    .split('\n')
    .filter((line) => line.includes('"level":50'));
}

/** Every change that was acknowledged is a record of the account that made it, once. */
async function expectCallsRecorded(server: StartedServer, requestIds: readonly string[]) {
  const found = new Map<string, number>();
  for (const EventName of ['CreateTrail', 'UpdateTrail', 'DeleteTrail']) {
    const attribute = { key: 'EventName' as const, value: EventName };
    for (const event of await lookUp(server.endpoint, 'us-east-1', attribute, changer)) {
      const { requestID } = JSON.parse(event.CloudTrailEvent ?? '{}') as { requestID: string };
      found.set(requestID, (found.get(requestID) ?? 0) + 1);
    }
  }
  expect(requestIds.filter((id) => found.get(id) !== 1)).toEqual([]);
}

function report(summary: object, acknowledged: number, readyMs: number[]): void {
  const sorted = [...readyMs].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  const figures = { rounds, acknowledged, ...summary, readyMs: { p50: at(0.5), max: at(1) } };
  process.stdout.write(`kill: ${JSON.stringify(figures)}\n`);
}
