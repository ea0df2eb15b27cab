import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRefusal } from '@trailkeep/core/domain/refusal.ts';
import { acceptRecords } from '@trailkeep/core/ingest.ts';
import { type ServiceClock, serviceClock } from '@trailkeep/server/clock.ts';
import { type Config, readConfig } from '@trailkeep/server/config.ts';
import { type Engine, openEngine } from '@trailkeep/server/engine.ts';
import { onTestFinished } from 'vitest';

/** A whole engine on a folder of its own that is gone after the test. */
export interface TestEngine extends Engine {
  /** Stands still until it is set or advanced. */
  readonly clock: ServiceClock;
  readonly config: Config;
  /** Errors that were logged; a test that causes none may expect it to be empty. */
  readonly failures: readonly unknown[];
  /** Takes records in; throws when one is rejected, since tests mean what they send. */
  accept(...records: readonly (object | string)[]): Promise<number>;
  bucket(
    name: string,
    options?: { account?: string; region?: string; policy?: string },
  ): Promise<void>;
  /** The engine on what this one leaves behind, as after a restart. This one is closed. */
  reopen(): Promise<TestEngine>;
}

/** 2026-03-04T05:06:07Z. */
export const testStart = Date.UTC(2026, 2, 4, 5, 6, 7);

export interface TestEngineOptions {
  /** As in the file that TRAILKEEP_CONFIG names. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch. */
  readonly now?: number;
}

export async function startTestEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const root = await mkdtemp(join(tmpdir(), 'trailkeep-test-'));
  const start = options.now ?? testStart;
  const clock = serviceClock(undefined, { host: () => start, initial: start });
  let open: Engine | undefined;
  onTestFinished(async () => {
    await open?.close();
    await rm(root, { recursive: true, force: true });
  });

  async function begin(starts: number): Promise<TestEngine> {
    const dataDir = join(root, String(starts));
    const config = configOf({ dataDir, ...options.settings });
    const failures: unknown[] = [];
    const engine = await openEngine(surroundings(config, clock, failures));
    open = engine;
    return {
      ...engine,
      clock,
      config,
      failures,
      accept: (...records) => accept(engine, records),
      bucket: (name, more) => makeBucket(engine, name, more),
      async reopen() {
        await engine.close();
        // SQLite's lock on the index of buckets goes with its process, and this one goes on.
        await cp(dataDir, join(root, String(starts + 1)), { recursive: true });
        return begin(starts + 1);
      },
    };
  }
  return begin(1);
}

function configOf(settings: Readonly<Record<string, unknown>>): Config {
  const readFile = () => JSON.stringify(settings);
  const config = readConfig({ flags: { config: 'test' }, env: {}, readFile });
  if ('port' in config) return config;
  throw new Error(JSON.stringify(config));
}

function surroundings(config: Config, clock: ServiceClock, failures: unknown[]) {
  return {
    config,
    clock,
    masterKey: undefined,
    events: {
      delivered: () => undefined,
      sealed: () => undefined,
      refused: () => undefined,
      failed: (error: unknown) => void failures.push(error),
      lost: (error: unknown) => void failures.push(error),
    },
  };
}

async function accept(engine: Engine, records: readonly (object | string)[]): Promise<number> {
  const texts = records.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  const body = Buffer.from(`{"Records":[${texts.join(',')}]}`);
  const writer = { account: '123456789012', mayWriteFor: () => true };
  const outcome = await acceptRecords(engine.ingest, writer, body);
  if (isRefusal(outcome)) throw new Error(`${outcome.refused}: ${outcome.message}`);
  if (outcome.rejected.length > 0) throw new Error(JSON.stringify(outcome.rejected.slice(0, 3)));
  return outcome.accepted;
}

async function makeBucket(
  engine: Engine,
  name: string,
  {
    account = '123456789012',
    region = 'us-east-1',
    policy,
  }: Record<string, string | undefined> = {},
): Promise<void> {
  const settings = policy === undefined ? {} : { policy };
  const made = await engine.buckets.createBucket({ name, account, region, settings });
  if (isRefusal(made)) throw new Error(`${made.refused}: ${made.message}`);
}
