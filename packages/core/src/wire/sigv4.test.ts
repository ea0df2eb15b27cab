import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAuthorization, type Verification, verifySignature } from './sigv4.ts';

const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const now = new Date('2026-01-31T12:00:00Z');
const body = Buffer.from('{"Name":"management"}');

class Sha256 {
  #hash: { update(data: string | Uint8Array): unknown; digest(): Uint8Array };
  constructor(key?: string | ArrayBuffer | Uint8Array) {
    const known = typeof key === 'string' || key instanceof Uint8Array ? key : undefined;
    this.#hash = known === undefined ? createHash('sha256') : createHmac('sha256', known);
  }
  update(data: string | ArrayBuffer | Uint8Array): void {
    this.#hash.update(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

interface Parts {
  readonly path?: string;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly service?: string;
  readonly presign?: boolean;
  readonly sessionToken?: string;
}

/** Signs with AWS's own signer, and gives what a server sees. */
async function signed(parts: Parts = {}): Promise<Verification> {
  const { path = '/', query = {}, service = 'cloudtrail', presign = false } = parts;
  const signer = new SignatureV4({
    credentials: {
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: secret,
      sessionToken: parts.sessionToken,
    },
    region: 'eu-west-1',
    service,
    sha256: Sha256 as never,
    uriEscapePath: service !== 's3',
  });
  const headers = {
    host: '127.0.0.1:4710',
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'CloudTrail_20131101.GetTrail',
    ...parts.headers,
  };
  const method = presign ? 'GET' : 'POST';
  const request = { method, protocol: 'http:', hostname: '127.0.0.1', path, query, headers };
  const result = presign
    ? await signer.presign(request, { signingDate: now, expiresIn: 600 })
    : await signer.sign({ ...request, body }, { signingDate: now });
  return {
    method,
    path,
    query: Object.entries(result.query ?? {})
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
      .join('&'),
    headers: result.headers,
    body: presign ? Buffer.alloc(0) : body,
    secret,
    now,
    skewSeconds: 300,
  };
}

describe("what AWS's own signer signs is accepted", () => {
  test.each<[string, Parts]>([
    ['a JSON request', {}],
    ['a path with a base', { path: '/base/path/' }],
    ['a path with dots, doubled slashes and escapes', { path: '/a/./b/../c//d%20e/%C3%A4' }],
    ['a query', { query: { channelArn: 'arn:aws:x/y', externalId: 'a b+c~é*', Z: '', a: '=' } }],
    ['spaces in a header', { headers: { 'x-amz-meta': '  a   b  ' } }],
    ['a session token', { sessionToken: 'token/with+signs==' }],
    ['the data service', { path: '/PutAuditEvents', service: 'cloudtrail-data' }],
    ['an S3 key', { path: '/bucket/a//b/../c%20d%21%28%2A~', service: 's3' }],
    ['a presigned request', { presign: true, query: { Action: 'GetCallerIdentity' } }],
    ['a presigned request with a token', { presign: true, sessionToken: 'a/b+c==' }],
  ])('%s', async (_what, parts) => {
    const request = await signed(parts);
    expect(verifySignature(request)).toBeUndefined();
    // Again, with the signing key remembered.
    expect(verifySignature(request)).toBeUndefined();
    expect(verifySignature({ ...request, secret: `${secret}x` })?.refused).toBe(
      'InvalidSignatureException',
    );
  });

  test('with headers in any case, as lists, and one that CloudFront adds', async () => {
    const request = await signed();
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toUpperCase(), [String(value)]]),
    );
    headers['X-Amz-Cf-Id'] = ['added'];
    expect(verifySignature({ ...request, headers })).toBeUndefined();
  });

  test('within the skew, at any time without one, and until a presigned one expires', async () => {
    const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);
    const request = await signed();
    for (const seconds of [-300, 300]) {
      expect(verifySignature({ ...request, now: at(seconds) })).toBeUndefined();
    }
    for (const seconds of [-301, 301]) {
      expect(verifySignature({ ...request, now: at(seconds) })).toMatchObject({
        refused: 'InvalidSignatureException',
        message: expect.stringMatching(/^Signature (expired|not yet current): 20260131T120000Z/),
      });
    }
    const later = { now: at(1e8), skewSeconds: undefined };
    expect(verifySignature({ ...request, ...later })).toBeUndefined();
    const presigned = await signed({ presign: true });
    expect(verifySignature({ ...presigned, now: at(600) })).toBeUndefined();
    expect(verifySignature({ ...presigned, now: at(601) })).toBeDefined();
  });
});

describe('what was changed after signing is refused', () => {
  test.each<[string, (request: Verification) => Partial<Verification>]>([
    ['the method', () => ({ method: 'PUT' })],
    ['the path', () => ({ path: '/other' })],
    ['the query', () => ({ query: 'a=1' })],
    ['the body', () => ({ body: Buffer.from('{"Name":"other"}') })],
    ['the payload word', () => ({ body: 'UNSIGNED-PAYLOAD' })],
    ['the target', ({ headers }) => with_(headers, 'x-amz-target', 'X.DeleteTrail')],
    ['the host', ({ headers }) => with_(headers, 'host', 'other')],
    ['the time', ({ headers }) => with_(headers, 'x-amz-date', '20260131T120001Z')],
    ['the body and its hash', ({ headers }) => swapBody(headers, 'other')],
    ['a header that is not signed', ({ headers }) => with_(headers, 'x-amz-more', '1')],
    ['a signed header, left out', ({ headers }) => with_(headers, 'x-amz-target', undefined)],
    ['a signed header, doubled', ({ headers }) => with_(headers, 'host', ['a', 'b'])],
    ['the region', (request) => edit(request, 'eu-west-1', 'us-east-1')],
    ['the service', (request) => edit(request, '/cloudtrail/', '/s3/')],
    ['the signature', (request) => edit(request, /Signature=../, 'Signature=00')],
    ['the list of signed headers', (request) => edit(request, ';x-amz-target', '')],
    ['the host, taken off the list', (request) => edit(request, 'host;', '')],
  ])('%s', async (_what, change) => {
    const request = await signed();
    expect(verifySignature({ ...request, ...change(request) })?.refused).toBe(
      'InvalidSignatureException',
    );
  });

  test('a parameter of a presigned request', async () => {
    const request = await signed({ presign: true, query: { Action: 'A' } });
    const changes = [
      ['Action=A', 'Action=B'],
      ['X-Amz-Expires=600', 'X-Amz-Expires=6000'],
      ['AKIDEXAMPLE', 'AKIDEXAMPLF'],
      ['Action=A', 'Action=A&More=1'],
    ] as const;
    for (const [from, to] of changes) {
      const query = request.query.replace(from, to);
      expect(query).not.toBe(request.query);
      const accepted = verifySignature({ ...request, query });
      expect(accepted?.refused, to).toBe('InvalidSignatureException');
    }
  });
});

describe('an authorization', () => {
  test('is read before anything is believed', async () => {
    const { headers, query } = await signed({ sessionToken: 'token' });
    expect(readAuthorization(headers, query)).toMatchObject({
      form: 'header',
      accessKeyId: 'AKIDEXAMPLE',
      date: '20260131',
      region: 'eu-west-1',
      service: 'cloudtrail',
      signedHeaders: expect.arrayContaining(['host', 'x-amz-date', 'x-amz-target']),
      signature: expect.stringMatching(/^[0-9a-f]{64}$/),
      signedAt: now,
      sessionToken: 'token',
    });
    const presigned = await signed({ presign: true });
    expect(readAuthorization(presigned.headers, presigned.query)).toMatchObject({
      form: 'query',
      accessKeyId: 'AKIDEXAMPLE',
      expiresSeconds: 600,
    });
  });

  test('that is absent is not malformed', async () => {
    expect(readAuthorization({ host: 'a' }, 'a=1')).toBeUndefined();
    const request = { ...(await signed()), headers: { host: 'a' } };
    expect(verifySignature(request)?.refused).toBe('MissingAuthenticationTokenException');
  });

  const scope = 'AKID/20260131/eu-west-1/cloudtrail/aws4_request';
  const signature = 'a'.repeat(64);
  const whole = `Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`;
  const edits = (from: string | RegExp, to: string) =>
    `AWS4-HMAC-SHA256 ${whole.replace(from, to)}`;
  test.each([
    ['empty', ''],
    ['a bearer token', 'Bearer token'],
    ['signature version 2', 'AWS AKID:signature'],
    ['nothing but the algorithm', 'AWS4-HMAC-SHA256'],
    ['a part without a value', 'AWS4-HMAC-SHA256 Credential'],
    ['another algorithm', `AWS4-ECDSA-P256-SHA256 ${whole}`],
    ['another terminator', edits('/aws4_request', '/aws5_request')],
    ['no access key', edits('AKID/', '/')],
    ['a scope too long', edits('AKID/', 'AKID/x/')],
    ['a day that is not that of the time', edits('20260131', '20260130')],
    ['a region that is none', edits('eu-west-1', '../etc')],
    ['an upper-case header name', edits('host;', 'Host;')],
    ['no signed headers', edits('host;x-amz-date', '')],
    ['too many signed headers', edits('host;', 'host;'.repeat(200))],
    ['a short signature', edits(/.$/, '')],
    ['two signatures', edits(/$/, `, Signature=${signature}`)],
    ['no end', edits(/$/, ','.repeat(100_000))],
  ])('that is malformed is refused: %s', (_what, authorization) => {
    const headers = { authorization, 'x-amz-date': '20260131T120000Z' };
    expect(readAuthorization(headers, '')).toMatchObject({
      refused: 'IncompleteSignatureException',
    });
  });

  test('needs a valid X-Amz-Date', () => {
    const authorization = `AWS4-HMAC-SHA256 ${whole}`;
    for (const date of [undefined, '', '20260131', '20260131T250000Z', '2026-01-31T12:00:00Z']) {
      const headers = { authorization, 'x-amz-date': date };
      expect(readAuthorization(headers, '')).toHaveProperty('refused');
    }
    const valid = { authorization, 'x-amz-date': '20260131T235959Z' };
    expect(readAuthorization(valid, '')).toHaveProperty('accessKeyId', 'AKID');
  });

  test('may come in the header or in the query, and not in both', () => {
    const headers = {
      authorization: `AWS4-HMAC-SHA256 ${whole}`,
      'x-amz-date': '20260131T000000Z',
    };
    expect(readAuthorization(headers, 'X-Amz-Signature=a')).toHaveProperty('refused');
  });

  test('never makes the reader throw', () => {
    const text = fc.oneof(fc.string(), fc.constant(whole));
    fc.assert(
      fc.property(text, text, fc.string(), (header, date, query) => {
        const headers = { authorization: `AWS4-HMAC-SHA256 ${header}`, 'x-amz-date': date };
        const more = { method: 'POST', path: query, body, secret, now, skewSeconds: 300 };
        expect(verifySignature({ headers, query, ...more })).toBeDefined();
        const presigned = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=${date}&${query}`;
        expect(verifySignature({ headers: {}, query: presigned, ...more })).toBeDefined();
      }),
    );
  });
});

function with_(
  headers: Verification['headers'],
  name: string,
  value: string | string[] | undefined,
): Partial<Verification> {
  return { headers: { ...headers, [name]: value } };
}

function swapBody(headers: Verification['headers'], text: string): Partial<Verification> {
  const hash = createHash('sha256').update(text).digest('hex');
  return { body: Buffer.from(text), ...with_(headers, 'x-amz-content-sha256', hash) };
}

function edit(request: Verification, from: string | RegExp, to: string): Partial<Verification> {
  const before = String(request.headers['authorization']);
  const authorization = before.replace(from, to);
  expect(authorization).not.toBe(before);
  return with_(request.headers, 'authorization', authorization);
}
