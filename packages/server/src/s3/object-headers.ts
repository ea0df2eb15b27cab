import type { IncomingMessage } from 'node:http';
import type { Bucket } from '@trailkeep/core/adapters/embedded/buckets/bucket-rows.ts';
import type {
  ObjectFacts,
  StoredVersion,
  Tag,
} from '@trailkeep/core/adapters/embedded/buckets/stored-version.ts';
import { isRefusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { requestedAcl } from './canned-acl.ts';
import { requestedEncryption } from './encryption.ts';
import { checksumHeader } from './payload.ts';
import { keepsVersions } from './s3-call.ts';
import { notBuilt, refuseWith, type S3Refusal } from './s3-refusals.ts';
import { refusedTags } from './tag-sets.ts';

/** What a put's headers state about the object. */
export function factsOfHeaders(
  request: IncomingMessage,
  bucket: Bucket,
): { readonly facts: ObjectFacts; readonly tags: readonly Tag[] } | S3Refusal {
  const refused = refusedHeaders(request);
  if (refused !== undefined) return refused;
  const metadata = metadataOf(request);
  const acl = requestedAcl(request, bucket);
  const encryption = requestedEncryption(request);
  const storageClass = requestedStorageClass(request);
  const tags = requestedTags(request);
  for (const part of [metadata, acl, encryption, storageClass, tags]) {
    if (isRefusal(part)) return part;
  }
  return {
    facts: {
      headers: contentHeaders(request),
      metadata: metadata as Record<string, string>,
      acl: acl as string | undefined,
      encryption: encryption as ObjectFacts['encryption'],
      storageClass: storageClass as string | undefined,
    },
    tags: tags as readonly Tag[],
  };
}

/** The headers that tell about a version, without its length. */
export function headersOfVersion(
  bucket: Bucket,
  version: StoredVersion,
  withChecksum: boolean,
): Record<string, string> {
  const { facts } = version;
  const headers: Record<string, string> = {
    'content-type': 'binary/octet-stream',
    ...facts.headers,
    etag: `"${version.etag}"`,
    'last-modified': new Date(version.modifiedAt).toUTCString(),
    'accept-ranges': 'bytes',
    ...encryptionHeaders(facts),
  };
  for (const [name, value] of Object.entries(facts.metadata ?? {})) {
    headers[`x-amz-meta-${name}`] = value;
  }
  if (keepsVersions(bucket)) headers['x-amz-version-id'] = version.version;
  if (facts.storageClass !== undefined) headers['x-amz-storage-class'] = facts.storageClass;
  if (version.tags.length > 0) headers['x-amz-tagging-count'] = String(version.tags.length);
  if (withChecksum) Object.assign(headers, checksumHeaders(facts));
  return headers;
}

export function checksumHeaders(facts: ObjectFacts): Record<string, string> {
  if (facts.checksum === undefined) return {};
  return {
    [checksumHeader(facts.checksum.algorithm)]: facts.checksum.value,
    'x-amz-checksum-type': facts.checksum.type,
  };
}

export function encryptionHeaders(facts: ObjectFacts): Record<string, string> {
  const { encryption } = facts;
  if (encryption === undefined) return {};
  return {
    'x-amz-server-side-encryption': encryption.algorithm,
    ...(encryption.kmsKeyId === undefined
      ? {}
      : { 'x-amz-server-side-encryption-aws-kms-key-id': encryption.kmsKeyId }),
    ...(encryption.bucketKey ? { 'x-amz-server-side-encryption-bucket-key-enabled': 'true' } : {}),
  };
}

/** What writing an object answers with. */
export function headersOfWritten(bucket: Bucket, version: StoredVersion): Record<string, string> {
  return {
    ...encryptionHeaders(version.facts),
    ...(keepsVersions(bucket) ? { 'x-amz-version-id': version.version } : {}),
  };
}

function refusedHeaders(request: IncomingMessage): S3Refusal | undefined {
  const names = Object.keys(request.headers);
  if (names.some((name) => name.startsWith('x-amz-object-lock-'))) {
    return refuse('InvalidRequest', 'Bucket is missing Object Lock Configuration');
  }
  if (names.some((name) => name.startsWith('x-amz-server-side-encryption-customer-'))) {
    return notBuilt('encryption with keys of the caller (SSE-C)');
  }
  if (names.includes('x-amz-write-offset-bytes')) return notBuilt('appending to an object');
  return undefined;
}

function contentHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of keptHeaders) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  const encoding = headers['content-encoding'];
  if (encoding === undefined) return headers;
  const encodings = encoding.split(',').map((one) => one.trim());
  const kept = encodings.filter((one) => one !== 'aws-chunked' && one !== '');
  if (kept.length > 0) headers['content-encoding'] = kept.join(',');
  else delete headers['content-encoding'];
  return headers;
}

function metadataOf(request: IncomingMessage): Record<string, string> | S3Refusal {
  const metadata: Record<string, string> = {};
  let sizeBytes = 0;
  for (const [name, value] of Object.entries(request.headers)) {
    if (!name.startsWith('x-amz-meta-') || typeof value !== 'string') continue;
    const short = name.slice('x-amz-meta-'.length);
    metadata[short] = value;
    sizeBytes += short.length + Buffer.byteLength(value, 'latin1');
  }
  if (sizeBytes <= metadataBytesMax) return metadata;
  const detail = { Size: sizeBytes, MaxSizeAllowed: metadataBytesMax };
  const message = 'Your metadata headers exceed the maximum allowed metadata size';
  return refuseWith('MetadataTooLarge', message, detail);
}

function requestedStorageClass(request: IncomingMessage): string | undefined | S3Refusal {
  const given = request.headers['x-amz-storage-class'] as string | undefined;
  return given === undefined || given === 'STANDARD' ? undefined : checkedStorageClass(given);
}

/** The classes whose objects are read at once, as ours all are. */
export function checkedStorageClass(name: string): string | S3Refusal {
  if (readableClasses.has(name)) return name;
  if (archiveClasses.has(name)) return notBuilt(`archiving (storage class ${name})`);
  return refuse('InvalidStorageClass', 'The storage class you specified is not valid');
}

function requestedTags(request: IncomingMessage): readonly Tag[] | S3Refusal {
  const given = request.headers['x-amz-tagging'] as string | undefined;
  if (given === undefined || given === '') return [];
  const tags = [...new URLSearchParams(given)].map(([key, value]) => ({ key, value }));
  return refusedTags(tags, objectTagsMax) ?? tags;
}

export const objectTagsMax = 10;

const keptHeaders = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
  'x-amz-website-redirect-location',
];
const metadataBytesMax = 2_048;
const readableClasses = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
]);
const archiveClasses = new Set(['GLACIER', 'DEEP_ARCHIVE', 'OUTPOSTS', 'SNOW', 'EXPRESS_ONEZONE']);
