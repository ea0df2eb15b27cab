import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * `trailkeep serve` as a process of its own, as users run it. Resolves once health answers 200;
 * throws with the process's own words when it ends, or is not ready in time.
 */
export async function startServer(options: StartOptions = {}): Promise<StartedServer> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'trailkeep-test-')));
  const began = performance.now();
  const child = spawn(process.execPath, [...(options.nodeFlags ?? []), program(), 'serve'], {
    env: await environment(dataDir, options),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = collect(child);
  const ended = once(child, 'exit').then(async ([code, signal]): Promise<Exit> => {
    await rm(configFile(dataDir), { force: true });
    return { code, signal };
  });
  const running = { child, said, ended };
  try {
    const endpoint = await ready(running, options.readyWithinMs ?? 20_000);
    return {
      endpoint,
      dataDir,
      pid: child.pid ?? 0,
      readyAfterMs: performance.now() - began,
      stderr: said,
      stop: () => stop(running, options.dataDir ? undefined : dataDir),
      kill: (signal) => kill(running, signal),
    };
  } catch (error) {
    await kill(running, 'SIGKILL');
    throw error;
  }
}

export interface StartOptions {
  /** Kept when the server stops; without it the server gets a folder that goes away with it. */
  readonly dataDir?: string;
  /** A free one unless given. */
  readonly port?: number;
  /** What the file that TRAILKEEP_CONFIG names would hold. */
  readonly config?: object;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeFlags?: readonly string[];
  readonly readyWithinMs?: number;
}

export interface StartedServer {
  /** `http://127.0.0.1:port` */
  readonly endpoint: string;
  readonly dataDir: string;
  readonly pid: number;
  /** From the spawn to the first health that answers 200. */
  readonly readyAfterMs: number;
  /** Everything that the process has written to standard error. */
  stderr(): string;
  /** SIGTERM; SIGKILL when that does not end it. Resolves with how it ended. */
  stop(): Promise<Exit>;
  /** Ends the process at once and leaves its folder as it is. */
  kill(signal?: NodeJS.Signals): Promise<Exit>;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface Running {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<Exit>;
}

const stopWithinMs = 10_000;
const pollMs = 10;
const saidCharactersMax = 1024 * 1024;

/** The bundle that `npm run build` makes, unless another one is to be tested. */
export function program(): string {
  const built = resolve(import.meta.dirname, '../../dist/trailkeep.mjs');
  return process.env['TRAILKEEP_TEST_PROGRAM'] ?? built;
}

async function environment(dataDir: string, options: StartOptions): Promise<NodeJS.ProcessEnv> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(AWS_|TRAILKEEP_|VITEST|NODE_OPTIONS)/.test(name),
  );
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(inherited),
    TRAILKEEP_PORT: String(options.port ?? 0),
    TRAILKEEP_DATA_DIR: dataDir,
    ...options.env,
  };
  if (options.config) {
    env['TRAILKEEP_CONFIG'] = configFile(dataDir);
    await writeFile(env['TRAILKEEP_CONFIG'], JSON.stringify(options.config));
  }
  return env;
}

function configFile(dataDir: string): string {
  return `${dataDir}.config.json`;
}

function collect(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-saidCharactersMax);
  });
  return () => text;
}

/** The banner tells the port, since only the process itself can choose a free one surely. */
async function ready({ child, said, ended }: Running, withinMs: number): Promise<string> {
  let exit: Exit | undefined;
  ended.then((how) => {
    exit = how;
  });
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    if (exit || child.exitCode !== null) {
      throw new Error(`the server ended with ${JSON.stringify(exit)}:\n${said()}`);
    }
    const [, endpoint] = /is ready at (\S+)/.exec(said()) ?? [];
    if (endpoint && (await isHealthy(endpoint))) return endpoint;
    await new Promise((done) => setTimeout(done, pollMs));
  }
  throw new Error(`the server was not ready within ${withinMs} ms:\n${said()}`);
}

async function isHealthy(endpoint: string): Promise<boolean> {
  try {
    const response = await fetch(`${endpoint}/_trailkeep/health`);
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

async function stop(running: Running, folder: string | undefined): Promise<Exit> {
  running.child.kill('SIGTERM');
  const timer = setTimeout(() => running.child.kill('SIGKILL'), stopWithinMs);
  const exit = await running.ended;
  clearTimeout(timer);
  if (folder) await rm(folder, { recursive: true, force: true });
  return exit;
}

async function kill(running: Running, signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
  running.child.kill(signal);
  return running.ended;
}
