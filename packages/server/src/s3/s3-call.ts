import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Bucket } from '@trailkeep/core/adapters/embedded/buckets/bucket-rows.ts';
import { setting } from '@trailkeep/core/adapters/embedded/buckets/bucket-settings.ts';
import type { FolderBuckets } from '@trailkeep/core/adapters/embedded/buckets/folder-buckets.ts';
import type { StoreParts } from '@trailkeep/core/adapters/embedded/buckets/store-parts.ts';
import { isRefusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { receiveText } from './payload.ts';
import { malformedXml, type S3Refusal } from './s3-refusals.ts';
import { readXml, type XmlElement } from './xml-reader.ts';

/** One request to the buckets. */
export interface S3Call {
  readonly buckets: FolderBuckets;
  readonly parts: StoreParts;
  readonly request: IncomingMessage;
  readonly bucketName: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  readonly caller: S3Caller;
  /** Whether the caller may do `action` (`s3:GetObject`) in the bucket, on `key` if not empty. */
  may(bucket: Bucket, action: string, key: string): boolean;
  /** The service's clock, in milliseconds. */
  now(): number;
  header(name: string): string | undefined;
}

export interface S3Caller {
  /** 12 digits. */
  readonly account: string;
  /** The Region in the signature's scope. */
  readonly region: string;
}

/** A call on a bucket that is there. */
export interface BucketCall extends S3Call {
  readonly bucket: Bucket;
}

export interface S3Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** XML or JSON text; a stream with its length; undefined for none. */
  readonly body?: string | { readonly stream: Readable; readonly sizeBytes: number };
}

export type S3Outcome = S3Answer | S3Refusal;

export type ServiceHandler = (call: S3Call) => Promise<S3Outcome> | S3Outcome;

export type BucketHandler = (call: BucketCall) => Promise<S3Outcome> | S3Outcome;

export function xmlAnswer(body: string, headers?: Readonly<Record<string, string>>): S3Answer {
  return { status: 200, headers: { 'content-type': 'application/xml', ...headers }, body };
}

export const done: S3Answer = { status: 200 };

export const noContent: S3Answer = { status: 204 };

/** The body's XML, its root being `name`. */
export async function xmlBody(call: S3Call, name: string): Promise<XmlElement | S3Refusal> {
  const text = await receiveText(call.request, xmlBytesMax);
  if (isRefusal(text)) return text;
  const root = readXml(text);
  return root?.name === name ? root : malformedXml;
}

/** A whole number in the query; undefined when it is not given. */
export function numberIn(
  call: S3Call,
  name: string,
  range: { readonly min: number; readonly max: number },
): number | undefined | S3Refusal {
  const text = call.query.get(name);
  if (text === undefined || text === '') return undefined;
  const message = `Provided ${name} not an integer or within integer range`;
  if (!/^-?\d{1,10}$/.test(text)) return refuse('InvalidArgument', message);
  const value = Number(text);
  const within = `Argument ${name} must be an integer between ${range.min} and ${range.max}`;
  if (value < range.min || value > range.max) return refuse('InvalidArgument', within);
  return value;
}

/** The canonical user id that stands for an account. */
export function canonicalId(account: string): string {
  return createHash('sha256').update(`trailkeep canonical user ${account}`).digest('hex');
}

/** Whether answers about objects of the bucket name versions. */
export function keepsVersions(bucket: Bucket): boolean {
  return setting(bucket, 'versioning') !== undefined;
}

export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** DeleteObjects and CompleteMultipartUpload at their largest need some two thirds of it. */
const xmlBytesMax = 4 * 1024 * 1024;
