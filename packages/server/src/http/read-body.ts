import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Refusal, refuse } from '@trailkeep/core/domain/refusal.ts';

const gunzipAsync = promisify(gunzip);

/** What is read beyond a body that is too large, so that its sender gets to see the answer. */
const drainBytesMax = 64 * 1024 * 1024;

type TooLarge = Refusal<'RequestEntityTooLargeException'>;

/**
 * The whole body; a refusal when it is larger than `bytesMax`. Throws when the sender breaks off.
 */
export async function readBody(
  request: IncomingMessage,
  bytesMax: number,
): Promise<Buffer | TooLarge> {
  const declared = Number(request.headers['content-length'] ?? 0);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (declared <= bytesMax && bytes <= bytesMax) chunks.push(chunk);
    else chunks.length = 0;
    if (bytes > bytesMax + drainBytesMax) break;
  }
  if (bytes > bytesMax || declared > bytesMax) return tooLarge(bytesMax);
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks, bytes);
}

/**
 * Undoes `Content-Encoding: gzip`, and finds a gzip body by its first bytes when nothing is said.
 */
export async function inflateBody(
  body: Buffer,
  bytesMax: number,
): Promise<Buffer | TooLarge | Refusal<'InvalidGzipException'>> {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body;
  try {
    return await gunzipAsync(body, { maxOutputLength: bytesMax });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(bytesMax);
    return refuse(
      'InvalidGzipException',
      `The body is not valid gzip: ${(error as Error).message}.`,
    );
  }
}

function tooLarge(bytesMax: number): TooLarge {
  const megabytes = bytesMax / (1024 * 1024);
  return refuse(
    'RequestEntityTooLargeException',
    `The request body is larger than ${megabytes} MiB. Send less at a time.`,
  );
}
