import type { IncomingMessage } from 'node:http';
import { isRefusal } from '@trailkeep/core/domain/refusal.ts';
import { readBody } from './read-body.ts';

export interface BodyPool {
  /**
   * Reads the body and hands it to `use`; the bytes must not be kept beyond it. A refusal is handed
   * back as it is.
   */
  with<Answer>(
    request: IncomingMessage,
    bytesMax: number,
    use: (body: Buffer) => Promise<Answer>,
  ): Promise<Answer | Exclude<Awaited<ReturnType<typeof readBody>>, Buffer>>;
}

const pooledBytes = 512 * 1024;
const freeMax = 32;

/**
 * Bodies of common size are read into buffers that are used again: touching fresh memory for each
 * request costs more than everything else that is done to receive it.
 */
export function bodyPool(): BodyPool {
  const free: Buffer[] = [];
  return {
    async with(request, bytesMax, use) {
      const declared = Number(request.headers['content-length'] ?? Number.NaN);
      if (!(declared <= Math.min(pooledBytes, bytesMax))) {
        const body = await readBody(request, bytesMax);
        return isRefusal(body) ? body : use(body);
      }
      const buffer = free.pop() ?? Buffer.allocUnsafeSlow(pooledBytes);
      try {
        return await use(await readInto(request, buffer));
      } finally {
        if (free.length < freeMax) free.push(buffer);
      }
    },
  };
}

/** Node lets no more through than was declared, and fails the request when it is less. */
async function readInto(request: IncomingMessage, buffer: Buffer): Promise<Buffer> {
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.copy(buffer, length);
  }
  return buffer.subarray(0, length);
}
