import { readFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { CreateTrailCommand, GetTrailCommand } from '@aws-sdk/client-cloudtrail';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { operationNames } from '@trailkeep/core/wire/shapes.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StartedServer, startServer } from '../support/start-server.ts';
import { devLevers } from './dev-levers.ts';
import { randomFrom } from './fuzz-random.ts';
import { type FuzzRequest, fuzzRequest, signedFor } from './fuzz-requests.ts';
import { cloudTrailOf, s3Of } from './sdk-clients.ts';

const requests = Number(process.env['TRAILKEEP_TEST_FUZZ_REQUESTS'] ?? 10_000);
const seed = Number(process.env['TRAILKEEP_TEST_FUZZ_SEED'] ?? Date.now() % 1_000_000);
const atOnce = 16;
const warmUp = Math.floor(requests / 4);
const rssGrowthMax = 60 * 1024 * 1024;
const resetsMax = 10;
const answerWithinMs = 30_000;
const complaintsMax = 8;

let server: StartedServer;
let agent: Agent;

beforeAll(async () => {
  server = await startServer();
  agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  await s3Of(server.endpoint).send(new CreateBucketCommand({ Bucket: 'fuzz-bucket' }));
});
afterAll(async () => {
  agent?.destroy();
  await server?.stop();
});

test(`${requests} hostile requests (seed ${seed}) get clear answers`, async () => {
  const random = randomFrom(seed);
  const complaints: string[] = [];
  const outcomes = new Map<number, number>();
  let sent = 0;

  async function worker(until: number): Promise<void> {
    while (sent < until && complaints.length < complaintsMax) {
      sent += 1;
      const number = sent;
      const request = fuzzRequest(random);
      const answer = await send(request);
      if (answer === 'broken off') continue;
      outcomes.set(answer.status, (outcomes.get(answer.status) ?? 0) + 1);
      const complaint = complaintAbout(request, answer);
      if (complaint) complaints.push(`#${number} ${shown(request)}\n  -> ${complaint}`);
    }
  }
  async function round(until: number): Promise<void> {
    await Promise.all(Array.from({ length: atOnce }, () => worker(until)));
    await devLevers(server.endpoint).flush();
  }

  await round(warmUp);
  const before = await settledRss();
  await round(requests);
  const after = await settledRss();
  expect(complaints.join('\n'), server.stderr().slice(-4000)).toBe('');
  expect(after - before, `resident bytes: ${before} before, ${after} after`).toBeLessThan(
    rssGrowthMax,
  );
  process.stdout.write(`fuzz: ${sent} requests, by status: ${JSON.stringify([...outcomes])}, `);
  process.stdout.write(`resident ${mebibytes(before)} MiB, then ${mebibytes(after)} MiB\n`);
  const metrics = await fetch(`${server.endpoint}/_trailkeep/metrics`);
  const reached = await metrics.text();
  for (const name of operationNames) expect(reached).toContain(`"${name}"`);
}, 300_000);

test('whoever uploads what is refused gets to read why', async () => {
  const headers = signedFor('s3');
  const body = Buffer.alloc(3 * 1024 * 1024);
  const upload = { method: 'PUT', path: '/no-such-bucket/key', headers, body };
  for (let round = 0; round < 20; round += 1) {
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(upload)));
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 404, body: expect.stringContaining('NoSuchBucket') });
    }
  }
});

test('requests during a reset are served or told to try again', async () => {
  const random = randomFrom(seed);
  const complaints: string[] = [];
  let resets = 0;
  async function worker(): Promise<void> {
    while (resets < resetsMax) {
      const request = fuzzRequest(random);
      const answer = await send(request);
      if (answer === 'broken off' || answer.status === 503) continue;
      const complaint = complaintAbout(request, answer);
      if (complaint) complaints.push(`${shown(request)}\n  -> ${complaint}`);
    }
  }
  async function resetting(): Promise<void> {
    for (; resets < resetsMax; resets += 1) {
      const answer = await fetch(`${server.endpoint}/_trailkeep/reset`, { method: 'POST' });
      const text = await answer.text();
      expect(answer.status, `${text}\n${server.stderr().slice(-4000)}`).toBe(200);
      await wait(100);
    }
  }
  await Promise.all([...Array.from({ length: atOnce }, worker), resetting()]);
  expect(complaints.slice(0, complaintsMax).join('\n'), server.stderr().slice(-4000)).toBe('');
  await s3Of(server.endpoint).send(new CreateBucketCommand({ Bucket: 'fuzz-bucket' }));
}, 60_000);

test('what is not HTTP is refused, and the connection closed', async () => {
  for (const bytes of notHttp) {
    const answer = await exchange(bytes);
    if (answer) expect(answer.split('\r\n')[0]).toMatch(/^HTTP\/1.1 4\d\d /);
  }
});

test('the server serves on, and nothing was polluted', async () => {
  const health = await fetch(`${server.endpoint}/_trailkeep/health`);
  expect(await health.json()).toMatchObject({ status: 'ready' });
  const client = cloudTrailOf(server.endpoint, '999999999999');
  await client.send(new CreateTrailCommand({ Name: 'after', S3BucketName: 'fuzz-bucket' }));
  const { Trail } = await client.send(new GetTrailCommand({ Name: 'after' }));
  expect(Trail).toMatchObject({ Name: 'after', IsMultiRegionTrail: false });
  expect(await server.stop()).toEqual({ code: 0, signal: null });
});

const notHttp = [
  '\r\n\r\n',
  'GET\r\n\r\n',
  'GET / HTTP/9.9\r\n\r\n',
  '\u0016\u0003\u0001\u0000\u0000\u0001',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  `GET / HTTP/1.1\r\nHost: a\r\nx-long: ${'h'.repeat(100_000)}\r\n\r\n`,
  `GET /${'p'.repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  'GET / HTTP/1.1\r\n\r\n',
  `POST /_trailkeep/events HTTP/1.1\r\nHost: a\r\nAuthorization: ${signedFor('x').authorization}\r\nContent-Length: 50\r\n\r\n{`,
];

/** Sends and ends; resolves with what came back before the connection closed, or after a while. */
function exchange(bytes: string): Promise<string> {
  const { hostname, port } = new URL(server.endpoint);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.end(bytes));
    socket.setTimeout(5000, () => socket.destroy());
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function send(request: FuzzRequest): Promise<Answer | 'broken off'> {
  const { method, path, headers, body, broken } = request;
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const sending = httpRequest(
      `${server.endpoint}`,
      { agent, method, path: path || '/', headers: { ...headers, ...length } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const type = response.headers['content-type'] ?? '';
          resolve({
            status: response.statusCode ?? 0,
            type,
            body: Buffer.concat(chunks).toString(),
          });
        });
      },
    );
    sending.setTimeout(answerWithinMs, () =>
      sending.destroy(new Error(`no answer: ${shown(request)}`)),
    );
    sending.on('error', (error: NodeJS.ErrnoException) => {
      if (broken) resolve('broken off');
      else
        reject(new Error(`${error.message}: ${shown(request)}\n${server.stderr().slice(-2000)}`));
    });
    if (broken) sending.write(body.slice(0, body.length / 2), () => sending.destroy());
    else sending.end(body);
  });
}

function complaintAbout(
  { method }: FuzzRequest,
  { status, type, body }: Answer,
): string | undefined {
  const said = `${status} ${body.slice(0, 300)}`;
  if (status >= 500 && status !== 501) return `an outage: ${said}`;
  if (/\n\s+at |node:internal|\.m?[jt]s:\d+/.test(body)) return `a stack trace: ${said}`;
  if (status < 400 || method === 'HEAD') return undefined;
  return isClearError(type, body) ? undefined : `an unclear error: ${said}`;
}

function isClearError(type: string, body: string): boolean {
  if (type.includes('xml')) return /<Error(Response)?[\s>]/.test(body) && /<Code>\w+</.test(body);
  try {
    const error = JSON.parse(body) as { __type?: unknown; message?: unknown; Message?: unknown };
    const message = error.message ?? error.Message;
    return typeof error.__type === 'string' && typeof message === 'string' && message !== '';
  } catch {
    return false;
  }
}

function shown({ method, path, headers, body, broken }: FuzzRequest): string {
  const text = Buffer.from(body).toString().slice(0, 300);
  const short = JSON.stringify(headers).slice(0, 250);
  return `${method} ${path.slice(0, 200)} ${short} ${broken ? 'broken ' : ''}${text}`;
}

/** The smallest that it gets within a few seconds: collectors take their time. */
async function settledRss(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 10; tries += 1) {
    const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
    const [, kibibytes = '0'] = /VmRSS:\s+(\d+)/.exec(status) ?? [];
    least = Math.min(least, Number(kibibytes) * 1024);
    await wait(200);
  }
  return least;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
