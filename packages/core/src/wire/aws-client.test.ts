import { Readable } from 'node:stream';
import {
  CloudTrailClient,
  CreateTrailCommand,
  ListInsightsDataCommand,
  ListPublicKeysCommand,
  LookupEventsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { expect, test } from 'vitest';
import { isRefusal } from '../domain/refusal.ts';
import { operationOf, readBody, writeBody, writeError } from './aws-json.ts';
import type { OperationName } from './shapes.ts';
import type { InputRefusal } from './validate.ts';

interface WireRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** AWS's own client, with this in place of the network. */
function clientOf(answer: (operation: OperationName, input: unknown) => object): CloudTrailClient {
  const handle = async (request: WireRequest): Promise<unknown> => {
    const operation = operationOf(request.headers['x-amz-target'])!;
    const read = readBody(operation, bytesOf(request.body));
    if (isRefusal<InputRefusal['refused']>(read)) {
      const { status, headers, body } = writeError(read, 'request-1');
      return reply(status, lowerCase(headers), body);
    }
    return reply(200, {}, writeBody(operation, answer(operation, read.input)));
  };
  return new CloudTrailClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: { handle } as never,
  });
}

function bytesOf(body: Uint8Array | string): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : new Uint8Array(body);
}

function reply(statusCode: number, headers: object, body: Buffer): object {
  return { response: { statusCode, headers, body: Readable.from([body]) } };
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([k, v]) => [k.toLowerCase(), v]));
}

test("a request of AWS's client is read as it was written", async () => {
  const seen: unknown[] = [];
  const client = clientOf((...call) => {
    seen.push(call);
    return {};
  });
  const trail = { Name: 'abc', S3BucketName: 'bucket', TagsList: [{ Key: 'a', Value: 'ä😀' }] };
  await client.send(new CreateTrailCommand(trail));
  const window = { StartTime: new Date(1_767_225_600_500), MaxResults: 7 };
  await client.send(new LookupEventsCommand(window));
  const insights = {
    InsightSource: 'arn:aws:cloudtrail:eu-west-1:123456789012:trail/abc',
    DataType: 'InsightsEvents' as const,
    Dimensions: { EventName: 'RunInstances' },
  };
  await client.send(new ListInsightsDataCommand(insights));
  expect(seen).toEqual([
    ['CreateTrail', trail],
    ['LookupEvents', window],
    ['ListInsightsData', insights],
  ]);
});

test("a reply is read by AWS's client as it was meant", async () => {
  const key = {
    Value: new Uint8Array([1, 2, 255]),
    ValidityStartTime: new Date(1_767_225_600_123),
    Fingerprint: 'f',
  };
  const client = clientOf((operation) =>
    operation === 'ListPublicKeys' ? { PublicKeyList: [key] } : {},
  );
  const { PublicKeyList } = await client.send(new ListPublicKeysCommand({}));
  expect(PublicKeyList?.[0]).toEqual(key);
  const { $metadata, ...nothing } = await client.send(new StartLoggingCommand({ Name: 'abc' }));
  expect($metadata.httpStatusCode).toBe(200);
  expect(nothing).toEqual({});
});

test("a refusal is the exception of AWS's client", async () => {
  const client = clientOf(() => ({}));
  const sent = client.send(new CreateTrailCommand({ Name: undefined, S3BucketName: 'b' }));
  await expect(sent).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining("Value null at 'name'"),
    $metadata: { httpStatusCode: 400, requestId: 'request-1' },
  });
});
