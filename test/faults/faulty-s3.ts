import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of one request to S3. */
export type S3Fault =
  | 'none'
  | 'slow-down'
  | 'internal-error'
  | 'access-denied'
  | 'empty-503'
  | 'slow'
  | 'reset-before-body'
  | 'reset-mid-body'
  | 'stored-but-reply-lost'
  | 'stored-but-reply-cut';

export const s3Faults: readonly S3Fault[] = [
  'slow-down',
  'internal-error',
  'access-denied',
  'empty-503',
  'slow',
  'reset-before-body',
  'reset-mid-body',
  'stored-but-reply-lost',
  'stored-but-reply-cut',
];

/**
 * A proxy in front of a healthy S3 that fails requests as `faultOf` says, and keeps account of the
 * bytes that came for each key.
 */
export async function faultyS3(
  backend: string,
  faultOf: (method: string, path: string) => S3Fault,
): Promise<FaultyS3> {
  const hashes = new Map<string, Set<string>>();
  const counts = new Map<S3Fault, number>();
  const server = createServer((incoming, answer) => {
    const fault = faultOf(incoming.method ?? '', incoming.url ?? '');
    counts.set(fault, (counts.get(fault) ?? 0) + 1);
    pass(backend, fault, incoming, answer, hashes).catch(() => answer.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    counts,
    keysOfDifferentBytes: () => [...hashes].filter(([, of]) => of.size > 1).map(([key]) => key),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface FaultyS3 {
  readonly endpoint: string;
  readonly counts: ReadonlyMap<S3Fault, number>;
  /** Keys that were put more than once, and not with the same bytes. */
  keysOfDifferentBytes(): readonly string[];
  close(): Promise<void>;
}

async function pass(
  backend: string,
  fault: S3Fault,
  incoming: IncomingMessage,
  answer: ServerResponse,
  hashes: Map<string, Set<string>>,
): Promise<void> {
  if (fault === 'reset-before-body') return void incoming.socket.destroy();
  if (fault === 'reset-mid-body') return resetInBody(incoming);
  const body = await bytesOf(incoming);
  if (incoming.method === 'PUT') {
    const key = (incoming.url ?? '').split('?')[0] ?? '';
    const hash = createHash('sha256').update(body).digest('hex');
    hashes.set(key, (hashes.get(key) ?? new Set()).add(hash));
  }
  const refusal = refusals[fault];
  if (refusal) return refuse(answer, ...refusal);
  if (fault === 'slow') await new Promise((resolve) => setTimeout(resolve, slowMs));
  const stored = await forward(backend, incoming, body);
  if (fault === 'stored-but-reply-lost') return void incoming.socket.destroy();
  answer.writeHead(stored.status, stored.headers);
  if (fault === 'stored-but-reply-cut') {
    answer.flushHeaders();
    return void incoming.socket.destroy();
  }
  answer.end(stored.body);
}

const slowMs = 300;

const refusals: Partial<Record<S3Fault, readonly [status: number, code: string]>> = {
  'slow-down': [503, 'SlowDown'],
  'internal-error': [500, 'InternalError'],
  'access-denied': [403, 'AccessDenied'],
  'empty-503': [503, ''],
};

function refuse(answer: ServerResponse, status: number, code: string): void {
  answer.writeHead(status, { 'content-type': 'application/xml' });
  answer.end(code && `<Error><Code>${code}</Code><Message>As planned.</Message></Error>`);
}

async function resetInBody(incoming: IncomingMessage): Promise<void> {
  await new Promise<void>((resolve) => {
    incoming.once('data', () => resolve());
    incoming.once('end', () => resolve());
  });
  incoming.socket.destroy();
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function forward(backend: string, incoming: IncomingMessage, body: Buffer) {
  return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>(
    (resolve, reject) => {
      const { method, headers } = incoming;
      const { hostname, port } = new URL(backend);
      const options = { method, hostname, port, path: incoming.url, headers, agent: false };
      const sent = request(options, (reply) => {
        const status = reply.statusCode ?? 502;
        bytesOf(reply).then((bytes) => resolve({ status, headers: reply.headers, body: bytes }));
      });
      sent.once('error', reject);
      sent.end(body);
    },
  );
}
