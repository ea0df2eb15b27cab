import { createHash } from 'node:crypto';

/**
 * Opaque NextToken: where to go on, bound to the request it belongs to, since a token must come
 * back with the same parameters. It says nothing that the caller has not seen.
 */
export function writeToken(after: string, request: unknown): string {
  return Buffer.from(JSON.stringify([after, fingerprint(request)])).toString('base64url');
}

/** Where to go on; undefined when the token is not one of ours, or of another request. */
export function readToken(token: string, request: unknown): string | undefined {
  if (token.length > tokenLengthMax || !/^[A-Za-z0-9_-]+$/.test(token)) return undefined;
  try {
    const read: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (!Array.isArray(read) || read.length !== 2) return undefined;
    const [after, print] = read;
    return typeof after === 'string' && print === fingerprint(request) ? after : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const tokenLengthMax = 4096;

function fingerprint(request: unknown): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('base64url').slice(0, 16);
}
