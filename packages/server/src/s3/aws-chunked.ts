import { refuse } from '@trailkeep/core/domain/refusal.ts';
import type { S3Refusal } from './s3-refusals.ts';

/** Takes `aws-chunked` framing off a body, which the current SDKs put on it. */
export interface ChunkDecoder {
  /** The payload bytes in what came; views of it, not copies. */
  push(bytes: Buffer): readonly Buffer[] | S3Refusal;
  /** At the end of the body: its trailers, names in lower case. */
  end(): ReadonlyMap<string, string> | S3Refusal;
}

/**
 * `size[;chunk-signature=...]\r\n data \r\n` ... `0\r\n`, then trailers. Chunk signatures are not
 * verified: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export function chunkDecoder(): ChunkDecoder {
  const trailers = new Map<string, string>();
  let state: 'size' | 'data' | 'dataEnd' | 'trailers' | 'done' = 'size';
  let left = 0;
  let line = '';

  /** Reads to the end of a line; undefined when more bytes are needed. */
  const takeLine = (bytes: Buffer, from: number): { text: string; next: number } | undefined => {
    const end = bytes.indexOf(lineFeed, from);
    line += bytes.toString('latin1', from, end < 0 ? bytes.length : end);
    if (end < 0) return undefined;
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    line = '';
    return { text, next: end + 1 };
  };
  const takeState = (text: string): boolean => {
    if (state === 'size') {
      const found = /^([0-9a-fA-F]{1,10})(;.*)?$/.exec(text);
      if (found === null) return false;
      left = Number.parseInt(found[1]!, 16);
      state = left === 0 ? 'trailers' : 'data';
      return true;
    }
    if (state === 'dataEnd') {
      state = 'size';
      return text === '';
    }
    if (text === '') state = 'done';
    const colon = text.indexOf(':');
    if (colon > 0)
      trailers.set(text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim());
    return text === '' || (colon > 0 && trailers.size <= trailersMax);
  };
  return {
    push: (bytes) => {
      const payload: Buffer[] = [];
      let at = 0;
      while (at < bytes.length && state !== 'done') {
        if (state === 'data') {
          const piece = bytes.subarray(at, at + left);
          payload.push(piece);
          left -= piece.length;
          at += piece.length;
          if (left === 0) state = 'dataEnd';
          continue;
        }
        const taken = takeLine(bytes, at);
        if (line.length > lineBytesMax) return badChunk;
        if (taken === undefined) break;
        at = taken.next;
        if (!takeState(taken.text)) return badChunk;
      }
      return payload;
    },
    end: () => (state === 'done' || (state === 'trailers' && line === '') ? trailers : incomplete),
  };
}

const badChunk = refuse('InvalidRequest', 'The aws-chunked encoding of the body is not valid');
export const incomplete = refuse(
  'IncompleteBody',
  'You did not provide the number of bytes specified by the Content-Length HTTP header',
);
const lineFeed = 0x0a;
const lineBytesMax = 4_096;
const trailersMax = 16;
