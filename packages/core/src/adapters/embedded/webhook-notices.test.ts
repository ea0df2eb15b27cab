import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { noticesContract } from '../../ports/notices.contract.ts';
import { type WebhookNoticesOptions, webhookNotices } from './webhook-notices.ts';

const topicArn = 'arn:aws:sns:us-east-1:123456789012:trails';
const logGroupArn = 'arn:aws:logs:us-east-1:123456789012:log-group:trails';

noticesContract('webhooks', async () => {
  const receiver = await startReceiver();
  const bodies = () => receiver.requests.map(({ body }) => JSON.parse(body) as Received);
  return {
    notices: sender(receiver.url),
    topicArn,
    logGroupArn: `${logGroupArn}:*`,
    messages: () => bodies().flatMap((body) => body.Message ?? []),
    logEvents: () =>
      bodies().flatMap(({ logStream = '', logEvents = [] }) =>
        logEvents.map((event) => ({ logStream, ...event })),
      ),
    fail: () => {
      receiver.answer = (response) => response.writeHead(500).end('out of order');
    },
    close: receiver.close,
  };
});

describe('webhooks', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  test('get what an HTTP subscription of SNS gets', async () => {
    await sender(receiver.url).publish(topicArn, '{"s3Bucket":"b"}');
    const { headers, body } = receiver.requests[0]!;
    expect(JSON.parse(body)).toEqual({
      Type: 'Notification',
      MessageId: '00000000-0000-4000-8000-000000000001',
      TopicArn: topicArn,
      Message: '{"s3Bucket":"b"}',
      Timestamp: '2026-10-05T00:00:00.000Z',
    });
    expect(headers).toMatchObject({
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-message-id': '00000000-0000-4000-8000-000000000001',
      'x-amz-sns-topic-arn': topicArn,
    });
  });

  test('get the name of the log group with its events', async () => {
    const events = [{ timestamp: 1, message: 'm' }];
    await sender(receiver.url).putLogEvents({ logGroupArn, roleArn: '', logStream: 's', events });
    expect(JSON.parse(receiver.requests[0]!.body)).toEqual({
      logGroup: 'trails',
      logStream: 's',
      logEvents: events,
    });
  });

  test('get nothing of other topics, which are sent to nobody', async () => {
    const notices = sender(receiver.url);
    expect(await notices.publish(`${topicArn}2`, 'm')).toEqual({ outcome: 'sent' });
    expect(receiver.requests).toEqual([]);
  });

  test.each([
    [302, 'InvalidParameter'],
    [400, 'InvalidParameter'],
    [403, 'AuthorizationError'],
    [404, 'NotFound'],
    [429, 'Throttled'],
    [503, 'InternalError'],
  ])('that answer %d refuse with %s, and no redirect is followed', async (status, code) => {
    receiver.answer = (response) =>
      response.writeHead(status, { location: `${receiver.url}/elsewhere` }).end('because');
    const outcome = await sender(receiver.url).publish(topicArn, 'm');
    expect(outcome).toMatchObject({ code, message: expect.stringContaining(`${status} because`) });
    expect(receiver.requests).toHaveLength(1);
  });

  test('have a time limit, also for the end of their answer', async () => {
    receiver.answer = () => undefined;
    const notices = sender(receiver.url, { timeLimitMilliseconds: 50 });
    expect(await notices.publish(topicArn, 'm')).toMatchObject({ code: 'RequestTimeout' });
    receiver.answer = (response) => response.writeHead(400).write('slowly');
    expect(await notices.publish(topicArn, 'm')).toMatchObject({ code: 'RequestTimeout' });
  });

  test('that answer without end are not read to the end', async () => {
    receiver.answer = (response) => {
      response.writeHead(400);
      const more = () => {
        while (response.write('x'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    };
    const outcome = await sender(receiver.url).publish(topicArn, 'm');
    expect(outcome).toMatchObject({ code: 'InvalidParameter' });
    expect((outcome as { message: string }).message.length).toBeLessThan(1200);
  });

  test('that are not there refuse with NetworkError, without telling the path', async () => {
    const url = receiver.url;
    await receiver.close();
    expect(await sender(`${url}/secret`).publish(topicArn, 'm')).toEqual({
      outcome: 'refused',
      code: 'NetworkError',
      message: `The webhook at ${new URL(url).host} cannot be reached (ECONNREFUSED)`,
    });
  });
});

interface Received {
  readonly Message?: string;
  readonly logStream?: string;
  readonly logEvents?: readonly { timestamp: number; message: string }[];
}

function sender(url: string, options: Partial<WebhookNoticesOptions> = {}) {
  return webhookNotices({
    webhooks: [
      { topicArn, url },
      { logGroupArn, url },
    ],
    now: () => Date.UTC(2026, 9, 5),
    newId: () => '00000000-0000-4000-8000-000000000001',
    ...options,
  });
}

type Receiver = Awaited<ReturnType<typeof startReceiver>>;

async function startReceiver() {
  const requests: { headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    requests.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
    receiver.answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer: (response: ServerResponse): unknown => response.end(),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}
