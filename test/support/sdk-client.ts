import { Readable } from 'node:stream';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import type { Service } from '@trailkeep/core/service.ts';
import { ownCallerOf } from '@trailkeep/server/http/caller.ts';
import { expect } from 'vitest';
import { expectOutputShape } from './output-shape.ts';

/**
 * AWS's own client, whose requests are answered in this process. Outputs are held to their shape.
 */
export function sdkClient(
  engine: { readonly service: Service },
  options: { readonly account?: string; readonly region?: string } = {},
): CloudTrailClient {
  const { account = '123456789012', region = 'us-east-1' } = options;
  const handle = async (request: WireRequest) => {
    const answer = await engine.service({
      target: request.headers['x-amz-target'],
      body: bytesOf(request.body),
      caller: ownCallerOf({ account, accessKeyId: account }),
      region,
      sourceIp: '127.0.0.1',
      userAgent: 'trailkeep-tests/1.0',
      host: request.hostname,
    });
    const { status: statusCode, operation, body } = answer;
    if (statusCode === 200) expectOutputShape(operation!, body);
    const headers = Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    return { response: { statusCode, headers, body: Readable.from([body]) } };
  };
  return new CloudTrailClient({
    region,
    credentials: { accessKeyId: account, secretAccessKey: 'any' },
    maxAttempts: 1,
    requestHandler: { handle } as never,
  });
}

function bytesOf(body: Uint8Array | string | undefined): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.from(new Uint8Array(body ?? []));
}

interface WireRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string | undefined;
  readonly hostname: string;
}

/** The exception's name and sentence, as a caller of the SDK catches them. */
export async function refusalOf(sent: Promise<unknown>): Promise<readonly [string, string]> {
  try {
    await sent;
  } catch (error) {
    const { name, message, $metadata } = error as Error & {
      $metadata?: { httpStatusCode: number };
    };
    if ($metadata === undefined) throw error;
    return [name, message];
  }
  return expect.fail('the call was answered, not refused');
}

/** The exception's name alone. */
export async function codeOf(sent: Promise<unknown>): Promise<string> {
  return (await refusalOf(sent))[0];
}

/** What an output says, without the SDK's own metadata. */
export function shown<Output extends { $metadata: unknown }>(
  output: Output,
): Omit<Output, '$metadata'> {
  const { $metadata: _, ...members } = output;
  return members;
}
