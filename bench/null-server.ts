import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerQuestions } from './child.ts';

/**
 * The least that a durable ingest can do: receive, hash the body as a signature check must, write
 * the bytes and fdatasync before the reply, together with whatever else came meanwhile. And the
 * least that a lookup can do: fifty reads at random places, and a reply of the same size.
 */
const [path = '', replyBytes = '0'] = process.argv.slice(2);
const file = await open(path, 'w+');
/** The file is written over again from here on, as a log that is trimmed would be. */
const fileBytesMax = 512 * 1024 * 1024;
const preadsPerLookup = 50;
const preadBytes = 1500;

interface Waiting {
  readonly body: Buffer;
  resolve(): void;
  reject(error: unknown): void;
}

let end = 0;
let waiting: Waiting[] = [];
let writing = false;
let written = 0;

const server = createServer((request, response) => {
  answer(request, response).catch((error: Error) => {
    response.writeHead(500).end(error.message);
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
answerQuestions(async () => (server.address() as AddressInfo).port);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const hash = createHash('sha256').update(body).digest('hex');
  if (request.url === '/lookup') return send(response, await lookup(file));
  await durable(body);
  send(response, Buffer.from(`{"accepted":100,"hash":"${hash}"}`));
}

function send(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

function durable(body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    waiting.push({ body, resolve, reject });
    if (!writing) void writeWaiting();
  });
}

async function writeWaiting(): Promise<void> {
  writing = true;
  while (waiting.length > 0) {
    const group = waiting;
    waiting = [];
    try {
      const { bytesWritten } = await file.writev(
        group.map(({ body }) => body),
        end,
      );
      await file.datasync();
      end = end > fileBytesMax ? 0 : end + bytesWritten;
      written = Math.max(written, end);
      for (const { resolve } of group) resolve();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
  writing = false;
}

async function lookup(from: FileHandle): Promise<Buffer> {
  const page = Buffer.allocUnsafe(Number(replyBytes));
  const reads = Array.from({ length: preadsPerLookup }, (_, n) => {
    const position = Math.floor(Math.random() * Math.max(0, written - preadBytes));
    return from.read(page, (n * preadBytes) % (page.length - preadBytes), preadBytes, position);
  });
  await Promise.all(reads);
  return page;
}
