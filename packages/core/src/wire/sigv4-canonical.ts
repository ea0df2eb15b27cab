/** Header names in any case; a header that came several times is a list (`headersDistinct`). */
export type RawHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface SignedRequest {
  readonly method: string;
  /** As on the wire, still percent-encoded, without the query. */
  readonly path: string;
  /** As on the wire, without the `?`. */
  readonly query: string;
  readonly headers: RawHeaders;
}

/** The canonical request of Signature Version 4, whose hash is signed. */
export function canonicalRequest(
  request: SignedRequest,
  signedHeaders: readonly string[],
  service: string,
  payloadHash: string,
): string {
  const headers = headerValues(request.headers);
  return [
    request.method,
    canonicalPath(request.path, service),
    canonicalQuery(request.query),
    ...signedHeaders.map((name) => `${name}:${headers.get(name)?.map(collapse).join(',') ?? ''}`),
    '',
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

/** Every value of every header, by lower-case name. */
export function headerValues(headers: RawHeaders): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const key = name.toLowerCase();
    const known = values.get(key) ?? [];
    values.set(key, known.concat(value));
  }
  return values;
}

/** The parameters of a raw query, percent-decoding nothing that is no UTF-8. */
export function queryParameters(query: string): readonly (readonly [string, string])[] {
  if (query === '') return [];
  return query.split('&').map((pair) => {
    const at = pair.indexOf('=');
    return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  });
}

function collapse(value: string): string {
  return value.trim().replace(/[ \t]+/g, ' ');
}

/** S3 signs the path as it is; every other service without dot segments, and encoded twice. */
function canonicalPath(path: string, service: string): string {
  if (service === 's3') return encode(path, true);
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  if (segments.length === 0) return '/';
  const end = path.endsWith('/') ? '/' : '';
  return `/${segments.map(percentEncode).join('/')}${end}`;
}

function canonicalQuery(query: string): string {
  return queryParameters(query)
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encode(name, false), encode(value, false)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** RFC 3986: what is not unreserved is percent-encoded, with upper-case digits. */
function percentEncode(text: string): string {
  let result = '';
  for (const byte of Buffer.from(text)) result += encodeByte(byte);
  return result;
}

/** The same for text that may be encoded already: it comes out encoded exactly once. */
function encode(text: string, keepSlash: boolean): string {
  return text
    .split(/(%[0-9A-Fa-f]{2}|\/)/)
    .map((part, i) => {
      if (i % 2 === 0) return percentEncode(part);
      if (part === '/') return keepSlash ? '/' : '%2F';
      return encodeByte(Number.parseInt(part.slice(1), 16));
    })
    .join('');
}

function encodeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (/[A-Za-z0-9\-._~]/.test(character)) return character;
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
