import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Bucket } from '@trailkeep/core/adapters/embedded/buckets/bucket-rows.ts';
import type { FolderBuckets } from '@trailkeep/core/adapters/embedded/buckets/folder-buckets.ts';
import {
  noSuchBucket,
  refusalOfDisk,
} from '@trailkeep/core/adapters/embedded/buckets/store-parts.ts';
import { isRefusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { refusedPresigned } from './presigned.ts';
import { findRoute } from './routes.ts';
import type { S3Answer, S3Call, S3Caller, S3Outcome } from './s3-call.ts';
import { accessDenied, type S3Refusal, statusOf } from './s3-refusals.ts';
import { readTarget, type S3Target } from './s3-request.ts';
import { element, elements, plainDocument } from './xml-writer.ts';

export interface S3GatewayOptions {
  /** The service's clock, in milliseconds: what objects are dated with. */
  now(): number;
  /** May another account than the owner do this? Without it: no. */
  readonly mayAccess?: (ask: AccessAsk) => boolean;
  /** A bug or an outage; the caller reads InternalError. */
  readonly onError?: (error: unknown) => void;
}

export interface AccessAsk {
  readonly bucket: Bucket;
  /** `s3:GetObject`, ... */
  readonly action: string;
  readonly resource: string;
  readonly caller: S3Caller;
}

export type S3Gateway = (
  request: IncomingMessage,
  response: ServerResponse,
  caller: S3Caller,
) => Promise<void>;

/**
 * S3's own protocol, path style, on the folder buckets. It resolves when the request is answered;
 * a failure is answered too, never thrown. Signatures are the server's to verify, before.
 */
export function s3Gateway(buckets: FolderBuckets, options: S3GatewayOptions): S3Gateway {
  return async (request, response, caller) => {
    const ids = { request: requestId(), host: randomBytes(42).toString('base64') };
    const target = readTarget(request.url ?? '/');
    const outcome = await answerOf(buckets, options, request, target, caller);
    try {
      await send(request, response, outcome, ids, isRefusal(target) ? undefined : target);
    } catch (error) {
      // The caller went away, or the file's disk did: nobody is left to tell.
      response.destroy();
      if (!isGoneAway(error)) options.onError?.(error);
    }
  };
}

async function answerOf(
  buckets: FolderBuckets,
  options: S3GatewayOptions,
  request: IncomingMessage,
  target: S3Target | S3Refusal,
  caller: S3Caller,
): Promise<S3Outcome> {
  try {
    if (isRefusal(target)) return target;
    const late = refusedPresigned(target.query, Date.now());
    if (late !== undefined) return late;
    return await handle(newCall(buckets, options, request, target, caller));
  } catch (error) {
    if (isGoneAway(error)) return refuse('RequestTimeout', 'The request ended before its body did');
    const disk = refusalOfDisk(error);
    if (disk !== undefined) return disk;
    options.onError?.(error);
    return refuse('InternalError', 'We encountered an internal error. Please try again.');
  }
}

function newCall(
  buckets: FolderBuckets,
  options: S3GatewayOptions,
  request: IncomingMessage,
  target: S3Target,
  caller: S3Caller,
): S3Call {
  return {
    buckets,
    parts: buckets.parts,
    request,
    bucketName: target.bucket,
    key: target.key,
    query: target.query,
    caller,
    may: (bucket, action, key) => {
      if (bucket.account === caller.account) return true;
      const resource = `arn:aws:s3:::${bucket.name}${key === '' ? '' : `/${key}`}`;
      return options.mayAccess?.({ bucket, action, resource, caller }) === true;
    },
    now: () => options.now(),
    header: (name) => request.headers[name] as string | undefined,
  };
}

async function handle(call: S3Call): Promise<S3Outcome> {
  const route = findRoute(call.request.method ?? 'GET', call);
  if (isRefusal(route)) return route;
  if (route.level === 'service') return route.handle(call);
  const bucket = call.parts.buckets.find(call.bucketName);
  if (bucket === undefined) return noSuchBucket;
  const expectedOwner = call.header('x-amz-expected-bucket-owner');
  if (expectedOwner !== undefined && expectedOwner !== bucket.account) return accessDenied;
  if (!call.may(bucket, route.action, call.key)) return accessDenied;
  return route.handle({ ...call, bucket });
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  outcome: S3Outcome,
  ids: { request: string; host: string },
  target: S3Target | undefined,
): Promise<void> {
  const answer = isRefusal(outcome) ? errorAnswer(outcome, ids, target) : outcome;
  const headers: Record<string, string> = {
    'x-amz-request-id': ids.request,
    'x-amz-id-2': ids.host,
    server: 'Trailkeep',
    ...answer.headers,
  };
  const { body } = answer;
  if (typeof body === 'string') headers['content-length'] = String(Buffer.byteLength(body));
  else if (body !== undefined) headers['content-length'] = String(body.sizeBytes);
  else if (answer.status === 200 && !('content-length' in headers)) headers['content-length'] = '0';
  response.writeHead(answer.status, headers);
  const bodiless = request.method === 'HEAD' || answer.status === 304;
  if (bodiless && typeof body === 'object') body.stream.destroy();
  if (body === undefined || bodiless) response.end();
  else if (typeof body === 'string') response.end(body);
  else await pipeline(body.stream, response);
  if (!request.complete) drain(request);
}

/** Lets the caller finish sending what nobody reads, so that it comes to read the answer. */
function drain(request: IncomingMessage): void {
  let left = drainBytesMax;
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.on('error', () => request.destroy());
  request.setTimeout(drainSecondsMax * 1000, () => request.destroy());
  request.resume();
}

function errorAnswer(
  refusal: S3Refusal,
  ids: { request: string; host: string },
  target: S3Target | undefined,
): S3Answer {
  const status = statusOf(refusal.refused);
  const headers = { ...refusal.headers };
  if (status === 304) return { status, headers };
  const body = plainDocument('Error', [
    element('Code', refusal.refused),
    element('Message', refusal.message),
    elements(placeDetail(refusal, target)),
    elements(refusal.detail ?? {}),
    element('RequestId', ids.request),
    element('HostId', ids.host),
  ]);
  return { status, headers: { 'content-type': 'application/xml', ...headers }, body };
}

function placeDetail(refusal: S3Refusal, target: S3Target | undefined): Record<string, string> {
  if (target === undefined) return {};
  const place: Record<string, string> = { Resource: target.path };
  if (target.bucket !== '' && /Bucket/.test(refusal.refused)) place['BucketName'] = target.bucket;
  if (target.key !== '' && refusal.refused === 'NoSuchKey') place['Key'] = target.key;
  return place;
}

function isGoneAway(error: unknown): boolean {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code !== undefined && goneAwayCodes.has(code);
}

/** 16 characters, as S3's are. */
function requestId(): string {
  return randomBytes(8).toString('hex').toUpperCase();
}

const goneAwayCodes = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);
const drainBytesMax = 64 * 1024 * 1024;
const drainSecondsMax = 30;
