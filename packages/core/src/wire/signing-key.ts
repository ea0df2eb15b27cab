import { createHash, createHmac } from 'node:crypto';

export interface SigningKey {
  readonly bytes: Buffer;
  /** A hash, so that the cache holds no secret. */
  readonly cacheKey: string;
}

/** Signature Version 4's key for one day (`20260131`), region and service. */
export function signingKey(
  secret: string,
  date: string,
  region: string,
  service: string,
): SigningKey {
  const cacheKey = hash(`${date}/${region}/${service}\n${secret}`);
  const known = remembered.get(cacheKey);
  if (known !== undefined) return { bytes: known, cacheKey };
  const day = hmac(hmac(hmac(`AWS4${secret}`, date), region), service);
  return { bytes: hmac(day, 'aws4_request'), cacheKey };
}

/**
 * Keeps a key for the next request. Called only when the key has verified a signature, so that
 * nobody without a secret can push keys out; the least recently used goes first.
 */
export function rememberSigningKey({ bytes, cacheKey }: SigningKey): void {
  remembered.delete(cacheKey);
  remembered.set(cacheKey, bytes);
  const oldest = remembered.keys().next();
  if (remembered.size > rememberedMax && oldest.done !== true) remembered.delete(oldest.value);
}

export function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

const remembered = new Map<string, Buffer>();
const rememberedMax = 500;

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
