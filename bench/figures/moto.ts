import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { s3Request } from '../api-request.ts';
import { connection } from '../http-connection.ts';
import { bucketName } from './trails.ts';

/** The emulator that people use today, with the bucket made; a sentence when it cannot be had. */
export interface Moto {
  readonly port: number;
  stop(): Promise<void>;
}

const startMsMax = 20_000;

export async function startMoto(): Promise<Moto | string> {
  const port = await freePort();
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  let failure: string | undefined;
  child.once('error', (error) => {
    failure = `moto_server cannot be started (${error.message})`;
  });
  child.once('exit', (code) => {
    failure ??= `moto_server ended with ${code}`;
  });
  for (const began = performance.now(); performance.now() - began < startMsMax; ) {
    await delay(200);
    if (failure !== undefined) return failure;
    if (await hasBucket(port)) return { port, stop: () => stop(child) };
  }
  await stop(child);
  return `moto_server was not ready in ${startMsMax / 1000} s`;
}

async function hasBucket(port: number): Promise<boolean> {
  const line = connection(port);
  try {
    return (await line.send(s3Request(port, 'PUT', `/${bucketName}`))).status === 200;
  } catch {
    return false;
  } finally {
    line.close();
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
