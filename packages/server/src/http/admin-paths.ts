import type { IncomingMessage } from 'node:http';
import { isRefusal, type Refusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { acceptRecords, type Writer } from '@trailkeep/core/ingest.ts';
import type { ServiceClock } from '../clock.ts';
import type { Engine } from '../engine.ts';
import { renderMetrics, type ServerMetrics } from '../metrics.ts';
import { bodyPool } from './body-pool.ts';
import { inflateBody, readBody } from './read-body.ts';

export interface AdminPorts {
  readonly version: string;
  readonly clock: ServiceClock;
  readonly metrics: ServerMetrics;
  /** Undefined while the server starts, resets or stops. */
  engine(): Engine | undefined;
  /** Whose records the sender of a request may write. */
  writer(request: IncomingMessage): Promise<Writer | Refusal>;
  reset(): Promise<void>;
}

export interface AdminReply {
  readonly status: number;
  readonly body: string | object;
  readonly contentType?: string;
}

type Path = (
  request: IncomingMessage,
  ports: AdminPorts,
  query: URLSearchParams,
) => Promise<AdminReply>;

export const adminPrefix = '/_trailkeep/';

/**
 * Everything of our own beside the AWS APIs: health, metrics, records in, and dev mode's levers.
 */
export async function adminReply(request: IncomingMessage, ports: AdminPorts): Promise<AdminReply> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const path = paths[url.pathname];
  if (!path) return failure(404, 'NotFound', `${url.pathname} is not a path of Trailkeep.`);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const handler = path[method ?? ''];
  if (!handler) {
    const allowed = Object.keys(path).join(', ');
    return failure(405, 'MethodNotAllowed', `${url.pathname} takes ${allowed}.`);
  }
  // A web page that the user has open must not work these levers.
  if (method !== 'GET' && request.headers.origin !== undefined) {
    return failure(403, 'Forbidden', 'Requests from web pages are not accepted.');
  }
  return handler(request, ports, url.searchParams);
}

const paths: Record<string, Record<string, Path>> = {
  '/_trailkeep/health': { GET: health },
  '/_trailkeep/metrics': { GET: metrics },
  '/_trailkeep/events': { POST: events },
  '/_trailkeep/flush': { POST: flush },
  '/_trailkeep/clock': { GET: readClock, PUT: setClock },
  '/_trailkeep/reset': { POST: reset },
};

async function health(_: IncomingMessage, { engine, version }: AdminPorts): Promise<AdminReply> {
  return engine()
    ? { status: 200, body: { status: 'ready', version } }
    : { status: 503, body: { status: 'starting', version } };
}

async function metrics(_: IncomingMessage, ports: AdminPorts): Promise<AdminReply> {
  const { text, contentType } = await renderMetrics(ports.metrics);
  return { status: 200, body: text, contentType };
}

const bodyBytesMax = 32 * 1024 * 1024;
const inflatedBytesMax = 64 * 1024 * 1024;

async function events(request: IncomingMessage, ports: AdminPorts): Promise<AdminReply> {
  const engine = ports.engine();
  if (!engine) return unavailable();
  const writer = await ports.writer(request);
  if (isRefusal(writer)) return failure(403, writer.refused, writer.message);
  const answer = await bodies.with(request, bodyBytesMax, async (sent) => {
    const body = await inflateBody(sent, inflatedBytesMax);
    return isRefusal(body) ? body : take(body, engine, writer, ports.metrics);
  });
  return isRefusal(answer) ? bodyRefusal(answer) : answer;
}

const bodies = bodyPool();

async function take(
  body: Buffer,
  engine: Engine,
  writer: Writer,
  metrics: ServerMetrics,
): Promise<AdminReply> {
  const began = process.hrtime.bigint();
  const accepted = await acceptRecords(engine.ingest, writer, body);
  if (isRefusal(accepted)) return failure(400, accepted.refused, accepted.message);
  metrics.accepted(accepted, Number(process.hrtime.bigint() - began) / 1e9);
  return { status: 200, body: accepted };
}

function bodyRefusal({ refused, message }: Refusal): AdminReply {
  return failure(refused === 'RequestEntityTooLargeException' ? 413 : 400, refused, message);
}

async function flush(
  _: IncomingMessage,
  ports: AdminPorts,
  query: URLSearchParams,
): Promise<AdminReply> {
  const engine = ports.engine();
  if (!engine) return unavailable();
  const digests = query.get('digests') === 'true';
  return { status: 200, body: await engine.background.flush({ digests }) };
}

async function readClock(_: IncomingMessage, { clock }: AdminPorts): Promise<AdminReply> {
  return { status: 200, body: clockBody(clock) };
}

async function setClock(request: IncomingMessage, { clock }: AdminPorts): Promise<AdminReply> {
  const body = await readBody(request, 4096);
  const change = isRefusal(body) ? body : readClockChange(body);
  if (isRefusal(change)) return failure(400, change.refused, change.message);
  const refusal =
    'now' in change
      ? clock.set(change.now)
      : 'advanceSeconds' in change
        ? clock.advance(change.advanceSeconds)
        : clock.real();
  if (refusal) return failure(400, refusal.refused, refusal.message);
  return { status: 200, body: clockBody(clock) };
}

function clockBody(clock: ServiceClock) {
  return { now: new Date(clock.now()).toISOString(), real: clock.offset() === 0 };
}

type ClockChange = { now: number } | { advanceSeconds: number } | { real: true };

function readClockChange(body: Buffer): ClockChange | Refusal<'InvalidClock'> {
  const change = parsed(body);
  const [entry, ...more] = Object.entries(change ?? {});
  if (entry && more.length === 0) {
    const [name, value] = entry;
    const now = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    if (name === 'now' && Number.isFinite(now)) return { now };
    if (name === 'advanceSeconds' && typeof value === 'number') return { advanceSeconds: value };
    if (name === 'real' && value === true) return { real: true };
  }
  return refuse(
    'InvalidClock',
    'Give one of {"now":"2026-01-31T12:00:00Z"}, {"advanceSeconds":3600} and {"real":true}.',
  );
}

function parsed(body: Buffer): object | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

async function reset(_: IncomingMessage, ports: AdminPorts): Promise<AdminReply> {
  if (!ports.engine()) return unavailable();
  await ports.reset();
  return { status: 200, body: { status: 'ready' } };
}

function unavailable(): AdminReply {
  return failure(503, 'ServiceUnavailable', 'Trailkeep is starting or stopping. Try again.');
}

export function failure(status: number, code: string, message: string): AdminReply {
  return { status, body: { __type: code, code, message } };
}
