import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ServedBuckets, serveBuckets } from './served-buckets.fixture.ts';

let served: ServedBuckets;
let port: number;

beforeAll(async () => {
  served = await serveBuckets();
  port = Number(new URL(served.endpoint).port);
  const owner = { account: '123456789012', region: 'us-east-1' };
  await served.buckets.createBucket({ name: 'target', ...owner });
});

afterAll(() => served.close());

beforeEach(() => expect(served.errors).toEqual([]));

/** Sends bytes as they are, and reads until the server closes or a whole reply is there. */
function raw(text: string | Buffer, options: { end?: boolean } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let reply = '';
    socket.on('data', (bytes) => {
      reply += bytes.toString('latin1');
      const length = /content-length: (\d+)/i.exec(reply)?.[1];
      const head = reply.indexOf('\r\n\r\n');
      if (head >= 0 && length !== undefined && reply.length >= head + 4 + Number(length)) {
        socket.destroy();
      }
    });
    socket.on('close', () => resolve(reply));
    socket.on('error', reject);
    socket.write(text);
    if (options.end) socket.end();
  });
}

function request(line: string, headers: string[] = [], body = ''): string {
  return [`${line} HTTP/1.1`, 'Host: x', ...headers, '', body].join('\r\n');
}

async function putXml(query: string, body: string): Promise<string> {
  const url = `${served.endpoint}/target?${query}`;
  const method = query === 'delete' ? 'POST' : 'PUT';
  return (await fetch(url, { method, body })).text();
}

test.each([
  ['/target/%zz', 'InvalidURI'],
  ['/target/%', 'InvalidURI'],
  ['/target/%ff%fe', 'InvalidURI'],
  ['/target?prefix=%zz', 'InvalidURI'],
  ['/target/a%00b', 'InvalidArgument'],
  [`/target/${'k'.repeat(1_025)}`, 'KeyTooLongError'],
  ['/target?max-keys=many', 'InvalidArgument'],
  ['/target?max-keys=-1', 'InvalidArgument'],
  ['/target?encoding-type=base64', 'InvalidArgument'],
  ['/target?list-type=2&continuation-token=forged', 'InvalidArgument'],
  ['/..', 'NoSuchBucket'],
  ['/../target/a', 'NoSuchBucket'],
])('GET %s is refused with %s', async (path, code) => {
  const reply = await raw(request(`GET ${path}`));
  expect(reply).toContain(`<Code>${code}</Code>`);
  expect(reply).toMatch(/^HTTP\/1\.1 4\d\d/);
});

test('no key leaves the folder', async () => {
  const before = readdirSync(served.dir);
  for (const key of [
    '../../out',
    '%2e%2e/%2e%2e/out',
    '..%2f..%2fout',
    '/etc/out',
    '.trailkeep/x',
  ]) {
    const length = 'Content-Length: 3';
    const reply = await raw(request(`PUT /target/${key}`, [length], 'out'));
    expect(reply, key).toMatch(/^HTTP\/1\.1 200/);
    expect(await raw(request(`GET /target/${key}`)), key).toMatch(/out$/);
  }
  expect(readdirSync(served.dir)).toEqual(before);
  expect(readdirSync(`${served.dir}/buckets`)).toEqual(['target']);
});

test('a body shorter than it says leaves no object and no file', async () => {
  const text = request('PUT /target/cut', ['Content-Length: 200000'], 'x'.repeat(100_000));
  await raw(text, { end: true });
  expect(await raw(request('HEAD /target/cut', ['Connection: close']))).toMatch(/^HTTP\/1\.1 404/);
  await expect
    .poll(() => readdirSync(`${served.dir}/buckets/target/.trailkeep/incoming`))
    .toEqual([]);
});

test('aws-chunked bodies that are not, are refused', async () => {
  const streaming = 'x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER';
  const put = (body: string, decoded: number) =>
    raw(
      request(
        'PUT /target/chunked',
        [streaming, `x-amz-decoded-content-length: ${decoded}`, `Content-Length: ${body.length}`],
        body,
      ),
    );
  expect(await put('zz\r\nabc\r\n0\r\n\r\n', 3)).toContain('<Code>InvalidRequest</Code>');
  expect(await put('3\r\nabcdef\r\n0\r\n\r\n', 3)).toContain('<Code>InvalidRequest</Code>');
  expect(await put('3\r\nabc\r\n0\r\n\r\n', 4)).toContain('<Code>IncompleteBody</Code>');
  expect(await put('3\r\nabc\r\n', 3)).toContain('<Code>IncompleteBody</Code>');
  expect(await put(`${'f'.repeat(9_000)}`, 3)).toContain('<Code>InvalidRequest</Code>');
  expect(await put('3;chunk-signature=0a\r\nabc\r\n0\r\n\r\n', 3)).toMatch(/^HTTP\/1\.1 200/);
});

test('what the request says about its body is checked', async () => {
  const put = (header: string) =>
    raw(request('PUT /target/checked', [header, 'Content-Length: 3'], 'abc'));
  const zeros = '0'.repeat(64);
  expect(await put(`x-amz-content-sha256: ${zeros}`)).toContain('XAmzContentSHA256Mismatch');
  expect(await put('Content-MD5: nonsense')).toContain('InvalidDigest');
  expect(await put('Content-MD5: AAAAAAAAAAAAAAAAAAAAAA==')).toContain('BadDigest');
  expect(await put('x-amz-checksum-crc32: AAAAAA==')).toContain('BadDigest');
  expect(await put('x-amz-checksum-crc32: AAAA')).toContain('InvalidRequest');
  expect(await put('x-amz-checksum-crc32: NSRBwg==')).toMatch(/^HTTP\/1\.1 200/);
  expect(await put('x-amz-checksum-crc32c: Nks/tw==')).toMatch(/^HTTP\/1\.1 200/);
  expect(await put(`x-amz-meta-big: ${'v'.repeat(3_000)}`)).toContain('MetadataTooLarge');
  expect(await put('x-amz-acl: public-read')).toContain('AccessControlListNotSupported');
  expect(await put('x-amz-storage-class: GLACIER')).toContain('NotImplemented');
  expect(await put('x-amz-object-lock-mode: GOVERNANCE')).toContain('InvalidRequest');
});

test('a length that is missing is asked for', async () => {
  const reply = await raw(
    request('PUT /target/x', ['Transfer-Encoding: chunked'], '3\r\nabc\r\n0\r\n\r\n'),
  );
  expect(reply).toMatch(/^HTTP\/1\.1 411/);
});

test.each([
  ['not XML at all', 'no'],
  ['a DOCTYPE', '<!DOCTYPE x [<!ENTITY a "aa">]><Tagging>&a;</Tagging>'],
  ['an entity of its own', '<Tagging><TagSet>&a;</TagSet></Tagging>'],
  ['an open element', '<Tagging><TagSet>'],
  ['crossed elements', '<Tagging><TagSet></Tagging></TagSet>'],
  ['two roots', '<Tagging/><Tagging/>'],
  ['depth', `${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}`],
  ['the wrong root', '<Delete/>'],
])('XML with %s is MalformedXML', async (_, body) => {
  expect(await putXml('tagging', body)).toContain('<Code>MalformedXML</Code>');
});

test('10 MB of XML are refused before they are read', async () => {
  const body = `<Delete>${'<Object><Key>k</Key></Object>'.repeat(350_000)}</Delete>`;
  expect(await putXml('delete', body)).toContain('<Code>EntityTooLarge</Code>');
});

test('headers cannot be written by a query', async () => {
  await raw(request('PUT /target/h', ['Content-Length: 1'], 'h'));
  const reply = await raw(
    request('GET /target/h?response-content-type=text/html%0d%0aSet-Cookie:%20a=b'),
  );
  expect(reply).toContain('<Code>InvalidArgument</Code>');
  expect(reply).not.toMatch(/^set-cookie/im);
});

test('HEAD is refused without a body', async () => {
  const reply = await raw(request('HEAD /target/never', ['Connection: close']));
  expect(reply).toMatch(/^HTTP\/1\.1 404/);
  expect(reply.endsWith('\r\n\r\n')).toBe(true);
});

test('presigned requests end when they say', async () => {
  await raw(request('PUT /target/p', ['Content-Length: 1'], 'p'));
  const query = (date: string, expires: number) =>
    `X-Amz-Algorithm=AWS4-HMAC-SHA256` +
    `&X-Amz-Credential=AK%2F20260101%2Fus-east-1%2Fs3%2Faws4_request` +
    `&X-Amz-Date=${date}&X-Amz-Expires=${expires}&X-Amz-SignedHeaders=host&X-Amz-Signature=00`;
  const now = `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  const get = async (text: string) => {
    const response = await fetch(`${served.endpoint}/target/p?${text}`);
    return `${response.status} ${await response.text()}`;
  };
  expect(await get(query(now, 60))).toBe('200 p');
  expect(await get(query('20200101T000000Z', 60))).toMatch(/^403 .*Request has expired/s);
  expect(await get(query(now, 999_999))).toMatch(/^400 .*AuthorizationQueryParametersError/s);
  expect(await get('X-Amz-Algorithm=AWS4-HMAC-SHA256')).toMatch(/^400 /);
});

test('what is not built says so', async () => {
  for (const [method, path] of [
    ['PUT', '/target?replication'],
    ['PUT', '/target?website'],
    ['PUT', '/target?cors'],
    ['PUT', '/target?accelerate'],
    ['PUT', '/target?object-lock'],
    ['GET', '/target/h?torrent'],
    ['POST', '/target/h?restore'],
    ['POST', '/target/h?select&select-type=2'],
  ] as const) {
    const response = await fetch(`${served.endpoint}${path}`, { method });
    expect(response.status, path).toBe(501);
    expect(await response.text()).toContain('<Code>NotImplemented</Code>');
  }
});
