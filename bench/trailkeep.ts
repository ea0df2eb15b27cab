import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apiRequest, s3Request } from './api-request.ts';
import { type Child, startChild } from './child.ts';
import { connection } from './http-connection.ts';
import type { CallsLoad, IngestLoad, LoadReport } from './load.ts';
import { homeAccount, homeRegion, type Round } from './records.ts';
import type { Settings } from './settings.ts';

/** A Trailkeep of the benchmark's own, in a folder that goes when it stops. */
export interface Trailkeep {
  readonly child: Child;
  readonly port: number;
  readonly dataDir: string;
  /** Calls an operation, and throws unless it answers 200. */
  call(operation: string, input: object, who?: Who): Promise<Record<string, unknown>>;
  /** One of its own paths, with JSON in and out. */
  own(method: string, path: string, body?: object): Promise<Record<string, unknown>>;
  /** Through its S3. */
  s3(method: string, path: string): Promise<Buffer>;
  ingest(load: Child, round: Round): Promise<LoadReport>;
  stop(options?: { keepData?: boolean }): Promise<void>;
}

export interface Who {
  readonly account?: string;
  readonly region?: string;
}

export interface TrailkeepOptions {
  readonly config?: object;
  /** A folder of an earlier one. */
  readonly dataDir?: string;
}

const readyMs = 60_000;
export const connectionsOfIngest = 8;
export const recordsPerRequest = 100;

export async function startTrailkeep(
  settings: Settings,
  options: TrailkeepOptions = {},
): Promise<Trailkeep> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(settings.dir, 'trailkeep-')));
  const configPath = `${dataDir}.json`;
  await writeFile(configPath, JSON.stringify(options.config ?? {}));
  const flags = ['--port', '0', '--data-dir', dataDir, '--config', configPath];
  const execArgv = settings.profileDir
    ? ['--cpu-prof', '--cpu-prof-dir', settings.profileDir, '--enable-source-maps']
    : [];
  const child = startChild(settings.server, ['serve', ...flags], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv,
  });
  const port = await readyPort(child).catch(async (error: unknown) => {
    await child.stop();
    throw error;
  });

  async function call(operation: string, input: object, who: Who = {}) {
    const { account = homeAccount, region = homeRegion } = who;
    const body = await once(port, apiRequest(port, { operation, input, account, region }));
    return JSON.parse(body.toString() || '{}') as Record<string, unknown>;
  }

  async function own(method: string, path: string, body?: object) {
    const response = await fetch(`http://127.0.0.1:${port}/_trailkeep/${path}`, {
      method,
      body: body && JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  }

  /** One connection for all, since thousands of files are read back. */
  const line = connection(port);
  async function s3(method: string, path: string): Promise<Buffer> {
    const { status, body } = await line.send(s3Request(port, method, path));
    if (status !== 200) throw new Error(`${method} ${path}: ${status} ${body}`);
    return body;
  }

  return {
    child,
    port,
    dataDir,
    call,
    own,
    s3,
    ingest: (load, round) => ingestInto(load, port, '/_trailkeep/events', round),
    async stop({ keepData = false } = {}) {
      line.close();
      await child.stop();
      await rm(configPath, { force: true });
      if (!keepData) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Throws unless every record was accepted. */
export async function ingestInto(
  load: Child,
  port: number,
  path: string,
  round: Round,
): Promise<LoadReport> {
  const question: IngestLoad = {
    kind: 'ingest',
    port,
    path,
    connections: connectionsOfIngest,
    recordsPerRequest,
    round,
  };
  const report = await load.ask<LoadReport>(question);
  if (report.wrong.length > 0 || report.accepted !== round.count) {
    const what = `${report.accepted} of ${round.count} records were accepted`;
    throw new Error([what, ...report.wrong].join('\n'));
  }
  return report;
}

/** Throws unless every reply was as expected. */
export async function sendCalls(
  load: Child,
  port: number,
  connections: number,
  calls: CallsLoad['calls'],
): Promise<LoadReport> {
  const question: CallsLoad = { kind: 'calls', port, connections, calls };
  const report = await load.ask<LoadReport>(question);
  if (report.wrong.length > 0) throw new Error(['wrong replies:', ...report.wrong].join('\n'));
  return report;
}

async function once(port: number, request: Buffer): Promise<Buffer> {
  const line = connection(port);
  try {
    const { status, body } = await line.send(request);
    if (status !== 200) throw new Error(`${status}: ${body}`);
    return body;
  } finally {
    line.close();
  }
}

/** The banner says where it listens. */
function readyPort({ process: child }: Child): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => reject(new Error(`it is not ready: ${said}`)), readyMs);
    child.once('exit', () => reject(new Error(`it ended: ${said}`)));
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk).slice(-10_000);
      const port = /is ready at http:\/\/[\d.]+:(\d+)/.exec(said)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
  });
}
