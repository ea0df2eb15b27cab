import { mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { isRefusal, type Refusal } from '@trailkeep/core/domain/refusal.ts';
import type { Writer } from '@trailkeep/core/ingest.ts';
import type { Logger } from 'pino';
import { serviceClock } from './clock.ts';
import type { Config } from './config.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { type Engine, openEngine } from './engine.ts';
import { devCaller } from './http/caller.ts';
import { requestHandler } from './http/request-handler.ts';
import { type DeliveredWindow, type DeliveryKind, serverMetrics } from './metrics.ts';

export interface RunningServer {
  /** `http://host:port`, as clients of this machine reach it. */
  readonly endpoint: string;
  /** Answers what is under way, makes everything durable and lets go of the data folder. */
  stop(): Promise<void>;
  /** Resolves when the journal failed: nothing more can be accepted, the process should end. */
  readonly lost: Promise<unknown>;
}

export interface ServerOptions {
  readonly config: Config;
  readonly version: string;
  readonly log: Logger;
  readonly masterKey?: Buffer;
}

const stopGraceMs = 3000;

/** Starts the self-hosted endpoint in dev mode: whoever reaches the port is trusted. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config, log } = options;
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const unlock = await lockDataDir(config.dataDir);
  const clock = serviceClock(join(config.dataDir, 'clock.json'));
  const metrics = serverMetrics();
  let lose: (error: unknown) => void = () => undefined;
  const lost = new Promise<unknown>((resolve) => {
    lose = resolve;
  });
  const surroundings = {
    config,
    clock,
    masterKey: options.masterKey,
    events: {
      delivered: (window: DeliveredWindow) => metrics.delivered(window),
      sealed: (digests: number) => metrics.sealed(digests),
      refused: (kind: DeliveryKind, code: string) => metrics.deliveryFailed(kind, code),
      failed: (error: unknown, requestId?: string) =>
        log.error({ err: error, requestId }, 'failed'),
      lost: lose,
    },
  };
  // While it is undefined (starting, resetting, stopping) every request is answered with 503.
  let engine: Engine | undefined;

  const answers = answersUnderWay();

  async function reset(): Promise<void> {
    const old = engine;
    engine = undefined;
    try {
      await answers.settle();
      await old?.close();
      for (const part of dataDirParts) {
        await rm(join(config.dataDir, part), { recursive: true, force: true });
      }
      clock.real();
      engine = await openEngine(surroundings);
    } catch (error) {
      // A folder that is half empty is of no use to anyone.
      lose(error);
      throw error;
    }
  }

  const handler = requestHandler({
    version: options.version,
    clock,
    metrics,
    engine: () => engine,
    writer: (request) => writerOf(request, config, engine),
    reset,
    defaultAccount: config.defaultAccount,
    onFailure: surroundings.events.failed,
    onAnswered: metrics.answered,
  });
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    answers.add(response);
    handler(request, response);
  });
  try {
    await listen(server, config);
    engine = await openEngine(surroundings);
  } catch (error) {
    server.closeAllConnections();
    server.close();
    await unlock();
    throw error;
  }
  return {
    endpoint: endpointOf(server, config),
    lost,
    async stop() {
      const last = engine;
      engine = undefined;
      await closeServer(server);
      await last?.close();
      await unlock();
    },
  };
}

const settlePollMs = 10;

/** Keeps account of answers, since what they work with must not be closed before they are given. */
function answersUnderWay() {
  let current = new Set<ServerResponse>();
  return {
    add(response: ServerResponse): void {
      const began = current;
      began.add(response);
      response.once('close', () => began.delete(response));
    },
    /** Waits for all that began before but one, the reset's own; not for those that take too long. */
    async settle(): Promise<void> {
      const before = current;
      current = new Set();
      for (let waited = 0; before.size > 1 && waited < stopGraceMs; waited += settlePollMs) {
        await new Promise((resolve) => setTimeout(resolve, settlePollMs));
      }
    },
  };
}

/** What a data folder holds beside its lock. */
const dataDirParts = [
  'buckets',
  'journal',
  'history',
  'keys',
  'state.db',
  'state.db-wal',
  'state.db-shm',
];

/**
 * An unsigned request to our own paths is the operator's, who may write for every account. A signed
 * one is bound to its account, unless that is the management account or a configured writer.
 */
async function writerOf(
  request: IncomingMessage,
  config: Config,
  engine: Engine | undefined,
): Promise<Writer | Refusal> {
  if (request.headers.authorization === undefined && !request.url?.includes('X-Amz-')) {
    return { account: config.defaultAccount, mayWriteFor: () => true };
  }
  const caller = devCaller(request, config.defaultAccount);
  if (isRefusal(caller)) return caller;
  const { account } = caller;
  if (config.writers.includes(account)) return { account, mayWriteFor: () => true };
  const organization = await engine?.organizations.of(account);
  const members = new Set(
    organization?.managementAccountId === account ? organization.accounts.map((one) => one.id) : [],
  );
  return { account, mayWriteFor: (other) => other === account || members.has(other) };
}

function listen(server: Server, { host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

function endpointOf(server: Server, { host }: Config): string {
  const { port } = server.address() as AddressInfo;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** Stops listening; connections that are idle or take too long are cut. */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), stopGraceMs);
  await closed;
  clearTimeout(timer);
}
