import {
  CreateTrailCommand,
  type CreateTrailCommandInput,
  GetTrailStatusCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { ask, clientsOf } from './endpoint.ts';

/** A bucket, and a trail of its name that logs to it and validates. */
export async function logTo(
  bucket: string,
  endpoint: string,
  options: { s3Endpoint?: string; trail?: Partial<CreateTrailCommandInput> } = {},
): Promise<void> {
  const { s3 } = clientsOf(options.s3Endpoint ?? endpoint);
  const { trails } = clientsOf(endpoint);
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const settings = { Name: bucket, S3BucketName: bucket, EnableLogFileValidation: true };
  await trails.send(new CreateTrailCommand({ ...settings, ...options.trail }));
  await trails.send(new StartLoggingCommand({ Name: bucket }));
}

export async function statusOf(endpoint: string, trail: string) {
  return clientsOf(endpoint).trails.send(new GetTrailStatusCommand({ Name: trail }));
}

/** Undefined when the server did not live to answer. */
export async function flush(endpoint: string, digests = false): Promise<Flushed | undefined> {
  const answer = await ask(endpoint, 'POST', `flush?digests=${digests}`, '');
  if (answer === undefined) return undefined;
  expect(answer.status, answer.text).toBe(200);
  return JSON.parse(answer.text) as Flushed;
}

export interface Flushed {
  readonly logFiles: number;
  readonly digests: number;
  readonly owing: number;
}

/** Moves the server's clock; negative: back. */
export async function advance(endpoint: string, advanceSeconds: number): Promise<void> {
  const answer = await ask(endpoint, 'PUT', 'clock', JSON.stringify({ advanceSeconds }));
  expect(answer?.status, answer?.text).toBe(200);
}
