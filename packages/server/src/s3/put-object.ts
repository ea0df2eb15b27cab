import {
  type PutCondition,
  putObject as storeObject,
} from '@trailkeep/core/adapters/embedded/buckets/object-changes.ts';
import {
  dropReceived,
  type Received,
  receiveFile,
} from '@trailkeep/core/adapters/embedded/buckets/receive-file.ts';
import type { ObjectChecksum } from '@trailkeep/core/adapters/embedded/buckets/stored-version.ts';
import { isRefusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { checksumHeaders, factsOfHeaders, headersOfWritten } from './object-headers.ts';
import { namedAlgorithm, type PayloadLimits, receivePayload } from './payload.ts';
import type { BucketCall, S3Outcome } from './s3-call.ts';
import { invalidArgument, notBuilt, type S3Refusal } from './s3-refusals.ts';

export async function putObject(call: BucketCall): Promise<S3Outcome> {
  const stated = factsOfHeaders(call.request, call.bucket);
  if (isRefusal(stated)) return stated;
  const condition = putCondition(call);
  if (isRefusal(condition)) return condition;
  const body = await receiveObject(call);
  if (isRefusal(body)) return body;
  const { received, checksum } = body;
  const facts = { ...stated.facts, checksum };
  const put = { key: call.key, received, facts, tags: stated.tags, condition };
  const stored = await storeObject(call.parts, put);
  if (isRefusal(stored)) return stored;
  const headers = {
    etag: `"${stored.etag}"`,
    ...headersOfWritten(call.bucket, stored),
    ...checksumHeaders(facts),
  };
  return { status: 200, headers };
}

export interface ReceivedObject {
  readonly received: Received;
  readonly checksum?: ObjectChecksum;
}

/** The body, on its way into the bucket's folder but no object yet. */
export async function receiveObject(
  call: BucketCall,
  more: Partial<PayloadLimits> = {},
): Promise<ReceivedObject | S3Refusal> {
  const named = namedAlgorithm(call.request);
  if (isRefusal(named)) return named;
  if (!hasLength(call)) {
    const message = 'You must provide the Content-Length HTTP header.';
    return refuse('MissingContentLength', message);
  }
  const incoming = receiveFile(call.parts.files, call.bucketName);
  try {
    const limits = { bytesMax: putBytesMax, algorithm: named, ...more };
    const facts = await receivePayload(call.request, limits, incoming.write);
    if (isRefusal(facts)) {
      await incoming.discard();
      return facts;
    }
    const received = await incoming.finish();
    const { checksum } = facts;
    return { received, checksum: checksum && { ...checksum, type: 'FULL_OBJECT' } };
  } catch (error) {
    await incoming.discard();
    throw error;
  }
}

export function dropReceivedObject({ received }: ReceivedObject): void {
  dropReceived(received);
}

function hasLength(call: BucketCall): boolean {
  return (
    call.header('content-length') !== undefined ||
    call.header('x-amz-decoded-content-length') !== undefined
  );
}

/** If-None-Match: * and If-Match; S3 has no other conditions on writes. */
export function putCondition(call: BucketCall): PutCondition | undefined | S3Refusal {
  const ifNoneMatch = call.header('if-none-match');
  const ifMatch = call.header('if-match');
  if (ifNoneMatch !== undefined && ifMatch !== undefined) {
    return notBuilt('If-Match and If-None-Match in one write');
  }
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== '*') return notBuilt('If-None-Match of writes other than *');
    return { absent: true };
  }
  if (ifMatch === undefined) return undefined;
  const etag = ifMatch.trim().replace(/^"(.*)"$/, '$1');
  if (etag === '') return invalidArgument('The ETag is empty', 'If-Match', ifMatch);
  return { etag };
}

/** 5 GiB, for one PutObject or UploadPart. */
export const putBytesMax = 5 * 1024 ** 3;
