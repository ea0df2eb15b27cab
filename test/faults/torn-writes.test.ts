import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type StartedServer, startServer } from '../support/start-server.ts';
import { expectDelivered, expectInHistory } from './delivered.ts';
import { flush, logTo } from './logged-bucket.ts';
import { type Choices, roundsOf, seededChoices } from './seed.ts';
import { type Sender, sender } from './sent-records.ts';

const rounds = roundsOf('TRAILKEEP_TEST_TEAR_ROUNDS', 12);
const bucket = 'torn-logs';
const config = { regions: ['us-east-1'] };

let dataDir: string;
let server: StartedServer | undefined;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'trailkeep-torn-'));
});
afterEach(async () => {
  await server?.kill();
  await rm(dataDir, { recursive: true, force: true });
});

test(`what a torn write left behind vanishes, in ${rounds} rounds`, async () => {
  const choices = seededChoices('torn-writes');
  const records = sender('TornTest');
  server = await startServer({ dataDir, config });
  await logTo(bucket, server.endpoint);
  for (let round = 0; round < rounds; round += 1) {
    for (let batch = 0; batch < 3; batch += 1) await records.send(server.endpoint, 5);
    if (choices.chance(0.3)) await flush(server.endpoint, true);
    await server.kill('SIGKILL');
    changeJournal((bytes) => Buffer.concat([bytes, tornWrite(choices, bytes)]));
    server = await startServer({ dataDir, config });
  }
  expect(await flush(server.endpoint, true)).toMatchObject({ owing: 0 });
  await expectDelivered(server.endpoint, { bucket, from: records });
  await expectInHistory(server.endpoint, {
    eventName: 'TornTest',
    regions: config.regions,
    from: records,
  });
});

/** What a write that was under way may leave: nothing of sense, zeros, or part of an entry. */
function tornWrite(choices: Choices, journal: Buffer): Buffer {
  const length = 1 + choices.below(5000);
  const shapes = [
    () => Buffer.alloc(length),
    () => Buffer.from(Array.from({ length }, () => choices.below(256))),
    () => lastEntry(journal).subarray(0, length),
    () => lastEntry(journal),
    () => journal.subarray(0, Math.min(length, journal.length)),
  ];
  return choices.oneOf(shapes)();
}

/** From the last header on; adapters/embedded/journal/entry.ts has the format. */
function lastEntry(journal: Buffer): Buffer {
  return journal.subarray(journal.lastIndexOf('TKJ1'));
}

describe('damage of what was acknowledged', () => {
  const damages: readonly Damage[] = [
    {
      what: 'a flipped bit in the middle',
      stop: 'SIGKILL',
      damage: (journal) => flipped(journal, Math.floor(journal.length / 2)),
    },
    {
      what: 'a hole of zeros in the middle',
      stop: 'SIGKILL',
      damage: (journal) => Buffer.from(journal).fill(0, journal.length >> 2, journal.length >> 1),
    },
    {
      what: 'a tail that is gone after a clean stop',
      stop: 'SIGTERM',
      damage: (journal) => journal.subarray(0, journal.length - 100),
    },
    {
      what: 'a flipped bit in the last entry after a clean stop',
      stop: 'SIGTERM',
      damage: (journal) => flipped(journal, journal.length - 200),
    },
    {
      what: 'a tail that is gone although it was delivered',
      stop: 'SIGKILL',
      delivered: true,
      damage: (journal) => journal.subarray(0, journal.lastIndexOf('TKJ1')),
    },
  ];

  test.each(damages)('is told at the start: $what', async ({ stop, delivered, damage }) => {
    const records = sender('DamageTest');
    server = await startServer({ dataDir, config });
    await logTo(bucket, server.endpoint);
    await sendSome(server.endpoint, records);
    if (delivered) await flush(server.endpoint);
    if (stop === 'SIGTERM') await server.stop();
    else await server.kill(stop);
    const whole = changeJournal(damage);
    await expect(startServer({ dataDir, config })).rejects.toThrow(/journal/i);
    await expect(startServer({ dataDir, config })).rejects.toThrow(/position \d+/);
    // Nothing was made worse: with the file as it was, all is there.
    changeJournal(() => whole);
    server = await startServer({ dataDir, config });
    expect(await flush(server.endpoint, true)).toMatchObject({ owing: 0 });
    await expectDelivered(server.endpoint, { bucket, from: records });
  });
});

interface Damage {
  readonly what: string;
  readonly stop: 'SIGKILL' | 'SIGTERM';
  readonly delivered?: boolean;
  damage(journal: Buffer): Buffer;
}

async function sendSome(endpoint: string, records: Sender): Promise<void> {
  for (let batch = 0; batch < 6; batch += 1) {
    expect((await records.send(endpoint, 5)).status).toBe(200);
  }
}

function flipped(journal: Buffer, at: number): Buffer {
  const copy = Buffer.from(journal);
  copy[at] = copy[at]! ^ 0x10;
  return copy;
}

/** Changes the last segment; answers what it was. */
function changeJournal(change: (bytes: Buffer) => Buffer): Buffer {
  const folder = join(dataDir, 'journal');
  const name = readdirSync(folder)
    .filter((one) => one.endsWith('.seg'))
    .sort()
    .at(-1)!;
  const before = readFileSync(join(folder, name));
  writeFileSync(join(folder, name), change(before));
  return before;
}
