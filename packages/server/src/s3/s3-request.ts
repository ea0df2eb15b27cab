import type { IncomingMessage } from 'node:http';
import { isPossibleKey } from '@trailkeep/core/adapters/embedded/buckets/key-order.ts';
import { refuse } from '@trailkeep/core/domain/refusal.ts';
import { refuseWith, type S3Refusal } from './s3-refusals.ts';

/**
 * Whether the request is for the buckets: by the service in its signature's scope (`s3`), else,
 * unsigned, by any path that is not one of the other doors' on the same port.
 */
export function isS3Request(request: IncomingMessage): boolean {
  const service = signedService(request);
  if (service !== undefined) return service === 's3';
  if (!objectMethods.has(request.method ?? '')) return false;
  const [path = '/'] = (request.url ?? '/').split('?', 1);
  return !reservedPaths.test(path);
}

/** What a request is about: path style, percent-decoded. */
export interface S3Target {
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
  /** As it came, for the Resource of errors. */
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
}

export function readTarget(url: string): S3Target | S3Refusal {
  const rest = url.replace(/^https?:\/\/[^/?]*/i, '');
  const mark = rest.indexOf('?');
  const path = mark < 0 ? rest : rest.slice(0, mark);
  const query = mark < 0 ? new Map<string, string>() : readQuery(rest.slice(mark + 1));
  const decoded = decode(path);
  if (query === undefined || decoded === undefined || !decoded.startsWith('/')) {
    return refuseWith('InvalidURI', "Couldn't parse the specified URI.", { URI: path });
  }
  const slash = decoded.indexOf('/', 1);
  const bucket = slash < 0 ? decoded.slice(1) : decoded.slice(1, slash);
  const key = slash < 0 ? '' : decoded.slice(slash + 1);
  const refused = key === '' ? undefined : refusedKey(key);
  return refused ?? { bucket, key, path, query };
}

export function refusedKey(key: string): S3Refusal | undefined {
  if (isPossibleKey(key)) return undefined;
  if (key.includes('\u0000')) return refuse('InvalidArgument', 'A key cannot hold a NUL character');
  return refuseWith('KeyTooLongError', 'Your key is too long', {
    MaxSizeAllowed: 1_024,
    Size: Buffer.byteLength(key),
  });
}

function readQuery(text: string): Map<string, string> | undefined {
  const query = new Map<string, string>();
  const pairs = text.split('&');
  if (pairs.length > parametersMax) return undefined;
  for (const pair of pairs) {
    if (pair === '') continue;
    const mark = pair.indexOf('=');
    const name = decode((mark < 0 ? pair : pair.slice(0, mark)).replaceAll('+', ' '));
    const value = mark < 0 ? '' : decode(pair.slice(mark + 1).replaceAll('+', ' '));
    if (name === undefined || value === undefined) return undefined;
    if (!query.has(name)) query.set(name, value);
  }
  return query;
}

/** Undefined for a `%` without two hex digits, and for bytes that are not UTF-8. */
export function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function signedService(request: IncomingMessage): string | undefined {
  const header = request.headers.authorization;
  if (header?.startsWith('AWS4-')) return /Credential=([^,\s]*)/.exec(header)?.[1]?.split('/')[3];
  if (header?.startsWith('AWS ')) return 's3';
  const found = /[?&]X-Amz-Credential=([^&]*)/.exec(request.url ?? '');
  return found?.[1] === undefined ? undefined : decode(found[1])?.split('/')[3];
}

const objectMethods = new Set(['GET', 'PUT', 'HEAD', 'DELETE', 'POST']);
/** `/` alone is the API's door, `/PutAuditEvents` the data API's, `/_trailkeep` our own. */
const reservedPaths = /^\/?$|^\/PutAuditEvents\/?$|^\/_trailkeep(\/|$)/;
const parametersMax = 100;
