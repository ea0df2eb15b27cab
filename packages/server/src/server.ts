import { mkdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { lockDataDir } from '@trailkeep/core/adapters/embedded/data-dir-lock.ts';
import type { Logger } from 'pino';
import { serviceClock } from './clock.ts';
import type { Config } from './config.ts';
import { dataFolder } from './data-folder.ts';
import type { EngineSurroundings } from './engine.ts';
import { answersUnderWay } from './http/answers-under-way.ts';
import { requestHandler } from './http/request-handler.ts';
import { writerOf } from './http/writer.ts';
import { type ServerMetrics, serverMetrics } from './metrics.ts';

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
  const { config } = options;
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const unlock = await lockDataDir(config.dataDir);
  const clock = serviceClock(join(config.dataDir, 'clock.json'));
  const metrics = serverMetrics();
  const { lost, events } = engineEvents(options, metrics);
  const folder = dataFolder({ config, clock, masterKey: options.masterKey, events });
  const answers = answersUnderWay();
  const handler = requestHandler({
    version: options.version,
    clock,
    metrics,
    defaultAccount: config.defaultAccount,
    engine: () => folder.engine,
    writer: (request) => writerOf(request, config, folder.engine?.organizations),
    reset: () => folder.reset(() => answers.settle(stopGraceMs)),
    onFailure: events.failed,
    onAnswered: metrics.answered,
  });
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    answers.add(response);
    handler(request, response);
  });
  try {
    // Until the folder is open every request is answered with 503.
    await listen(server, config);
    await folder.open();
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
      const engine = folder.release();
      await closeServer(server);
      await engine?.close();
      await unlock();
    },
  };
}

/** Where what happens in the engine goes: metrics, the log, and the end of the process. */
function engineEvents({ log }: ServerOptions, metrics: ServerMetrics) {
  let lose: (error: unknown) => void = () => undefined;
  const lost = new Promise<unknown>((resolve) => {
    lose = resolve;
  });
  const events: EngineSurroundings['events'] = {
    delivered: (window) => metrics.delivered(window),
    sealed: (digests) => metrics.sealed(digests),
    refused: (kind, code) => metrics.deliveryFailed(kind, code),
    failed: (error, requestId) => log.error({ err: error, requestId }, 'failed'),
    lost: (error) => {
      log.fatal({ err: error }, 'nothing more can be stored');
      lose(error);
    },
  };
  return { lost, events };
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
