import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type S3ObjectStore, s3ObjectStore } from '@trailkeep/core/adapters/aws/s3-object-store.ts';
import { objectStoreContract } from '@trailkeep/core/ports/object-store.contract.ts';
import { type ServedBuckets, serveBuckets } from '@trailkeep/server/s3/served-buckets.fixture.ts';
import { afterEach, expect, test } from 'vitest';

const credentials = { accessKeyId: '123456789012', secretAccessKey: 'any' };

objectStoreContract('S3, served by the gateway', async () => {
  const served: ServedBuckets = await serveBuckets();
  const { endpoint, buckets } = served;
  const store = s3ObjectStore({ endpoint, region: 'us-east-1', credentials });
  return {
    store,
    makeBucket: async (name) => {
      await buckets.createBucket({ name, account: '123456789012', region: 'eu-west-1' });
    },
    setPolicy: async (name, policy) => {
      await buckets.set(name, 'policy', policy);
    },
    close: async () => {
      store.close();
      await served.close();
      expect(served.errors).toEqual([]);
    },
  };
});

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function storeAt(answer: (count: number) => { status: number; body: string }) {
  let count = 0;
  const server = createServer((request, response) => {
    request.resume();
    count += 1;
    const { status, body } = answer(count);
    response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const store: S3ObjectStore = s3ObjectStore({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials,
  });
  closing.push(
    () => store.close(),
    () => server.closeAllConnections(),
    () => new Promise((resolve) => server.close(resolve)),
  );
  return store;
}

test('an S3 that nobody serves is a NetworkError', async () => {
  const store = s3ObjectStore({ endpoint: 'http://127.0.0.1:9', region: 'us-east-1', credentials });
  closing.push(() => store.close());
  const refused = { outcome: 'refused', code: 'NetworkError' };
  expect(await store.bucket('logs')).toMatchObject(refused);
  expect(await store.get('logs', 'a')).toMatchObject(refused);
});

test("S3's own codes are handed on", async () => {
  const error = '<Error><Code>SlowDown</Code><Message>Please reduce</Message></Error>';
  const store = await storeAt(() => ({ status: 503, body: error }));
  expect(await store.bucket('logs')).toEqual({
    outcome: 'refused',
    code: 'SlowDown',
    message: 'Please reduce',
  });
});

test('a bare 503, as proxies answer, is a SlowDown', async () => {
  const store = await storeAt(() => ({ status: 503, body: '' }));
  expect(await store.bucket('logs')).toMatchObject({ outcome: 'refused', code: 'SlowDown' });
});

test('a stumble is smoothed by a second attempt', async () => {
  const location = '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>';
  const list = '<ListBucketResult><Name>logs</Name></ListBucketResult>';
  const answers = [
    { status: 500, body: '' },
    { status: 200, body: location },
    { status: 200, body: list },
  ];
  const store = await storeAt((count) => answers[count - 1] ?? { status: 500, body: '' });
  expect(await store.list('logs', {})).toEqual([]);
});
