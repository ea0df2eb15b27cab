import {
  type ListPage,
  listObjects,
  listVersions,
} from '@trailkeep/core/adapters/embedded/buckets/list-objects.ts';
import type { StoredVersion } from '@trailkeep/core/adapters/embedded/buckets/stored-version.ts';
import { isRefusal } from '@trailkeep/core/domain/refusal.ts';
import {
  type BucketCall,
  canonicalId,
  isoTime,
  numberIn,
  type S3Outcome,
  xmlAnswer,
} from './s3-call.ts';
import { invalidArgument, type S3Refusal } from './s3-refusals.ts';
import { element, elements, s3Document, type Xml, type XmlContent } from './xml-writer.ts';

/** What aws-cli and validate-logs list by: marker, NextMarker only with a delimiter. */
export function listObjectsV1(call: BucketCall): S3Outcome {
  const ask = readListAsk(call);
  if (isRefusal(ask)) return ask;
  const marker = call.query.get('marker') ?? '';
  const page = pageOf(call, ask, marker);
  const { encode } = ask;
  return xmlAnswer(
    s3Document('ListBucketResult', [
      element('Name', call.bucketName),
      element('Prefix', encode(ask.prefix)),
      element('Marker', encode(marker)),
      ask.delimiter && page.next !== undefined
        ? element('NextMarker', encode(page.next))
        : undefined,
      element('MaxKeys', ask.maxKeys),
      element('Delimiter', ask.delimiter && encode(ask.delimiter)),
      element('EncodingType', ask.encodingType),
      element('IsTruncated', page.next !== undefined),
      page.entries.map((entry) => contents(call, entry, encode, true)),
      commonPrefixes(page, encode),
    ]),
  );
}

export function listObjectsV2(call: BucketCall): S3Outcome {
  const ask = readListAsk(call);
  if (isRefusal(ask)) return ask;
  const token = call.query.get('continuation-token');
  const startAfter = call.query.get('start-after');
  const after = token === undefined ? (startAfter ?? '') : readToken(token);
  if (isRefusal(after)) return after;
  const page = pageOf(call, ask, after);
  const { encode } = ask;
  const withOwner = call.query.get('fetch-owner') === 'true';
  return xmlAnswer(
    s3Document('ListBucketResult', [
      element('Name', call.bucketName),
      element('Prefix', encode(ask.prefix)),
      element('StartAfter', startAfter && encode(startAfter)),
      element('ContinuationToken', token),
      page.next === undefined ? undefined : element('NextContinuationToken', toToken(page.next)),
      element('KeyCount', page.entries.length + page.commonPrefixes.length),
      element('MaxKeys', ask.maxKeys),
      element('Delimiter', ask.delimiter && encode(ask.delimiter)),
      element('EncodingType', ask.encodingType),
      element('IsTruncated', page.next !== undefined),
      page.entries.map((entry) => contents(call, entry, encode, withOwner)),
      commonPrefixes(page, encode),
    ]),
  );
}

export function listObjectVersions(call: BucketCall): S3Outcome {
  const ask = readListAsk(call);
  if (isRefusal(ask)) return ask;
  const keyMarker = call.query.get('key-marker') ?? '';
  const versionMarker = call.query.get('version-id-marker') ?? '';
  if (versionMarker !== '' && keyMarker === '') {
    const message = 'A version-id marker cannot be specified without a key marker.';
    return invalidArgument(message, 'version-id-marker', versionMarker);
  }
  const found = versionMarker
    ? call.parts.versions.find(call.bucket.id, keyMarker, versionMarker)
    : undefined;
  const limit = ask.maxKeys;
  const from = { after: keyMarker || undefined, afterSeq: found?.seq };
  const page =
    limit === 0
      ? { entries: [], commonPrefixes: [] }
      : listVersions(call.parts, call.bucket.id, { ...ask, limit, ...from });
  const { encode } = ask;
  return xmlAnswer(
    s3Document('ListVersionsResult', [
      element('Name', call.bucketName),
      element('Prefix', encode(ask.prefix)),
      element('KeyMarker', encode(keyMarker)),
      element('VersionIdMarker', versionMarker),
      element('NextKeyMarker', page.next && encode(page.next)),
      element('NextVersionIdMarker', page.nextVersion?.version),
      element('MaxKeys', ask.maxKeys),
      element('Delimiter', ask.delimiter && encode(ask.delimiter)),
      element('EncodingType', ask.encodingType),
      element('IsTruncated', page.next !== undefined),
      page.entries.map((entry) => versionElement(call, entry, encode)),
      commonPrefixes(page, encode),
    ]),
  );
}

interface ReadListAsk {
  readonly prefix: string;
  readonly delimiter: string | undefined;
  readonly maxKeys: number;
  readonly encodingType: string | undefined;
  encode(text: string): string;
}

export function readListAsk(call: BucketCall, maxName = 'max-keys'): ReadListAsk | S3Refusal {
  const encodingType = call.query.get('encoding-type') || undefined;
  if (encodingType !== undefined && encodingType !== 'url') {
    return invalidArgument(
      'Invalid Encoding Method specified in Request',
      'encoding-type',
      encodingType,
    );
  }
  const asked = numberIn(call, maxName, { min: 0, max: 2_147_483_647 });
  if (isRefusal(asked)) return asked;
  return {
    prefix: call.query.get('prefix') ?? '',
    delimiter: call.query.get('delimiter') || undefined,
    maxKeys: Math.min(asked ?? keysMax, keysMax),
    encodingType,
    encode: encodingType === 'url' ? urlEncode : (text) => text,
  };
}

/** As S3 encodes: a space is `+`, and `/` stays. */
export function urlEncode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
    .replace(/[!'()]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

function pageOf(call: BucketCall, ask: ReadListAsk, after: string): ListPage {
  if (ask.maxKeys === 0) return { entries: [], commonPrefixes: [] };
  const { prefix, delimiter, maxKeys: limit } = ask;
  return listObjects(call.parts, call.bucket.id, { prefix, delimiter, limit, after });
}

function contents(
  call: BucketCall,
  entry: StoredVersion,
  encode: (text: string) => string,
  withOwner: boolean,
): Xml {
  return element('Contents', [
    elements({ Key: encode(entry.key), LastModified: isoTime(entry.modifiedAt) }),
    element('ETag', `"${entry.etag}"`),
    checksumElements(entry),
    element('Size', entry.sizeBytes),
    withOwner ? ownerElement(call) : undefined,
    element('StorageClass', entry.facts.storageClass ?? 'STANDARD'),
  ]);
}

function versionElement(
  call: BucketCall,
  entry: StoredVersion,
  encode: (text: string) => string,
): Xml {
  const place = elements({
    Key: encode(entry.key),
    VersionId: entry.version,
    IsLatest: entry.latest,
    LastModified: isoTime(entry.modifiedAt),
  });
  if (entry.deleteMarker) return element('DeleteMarker', [place, ownerElement(call)]);
  return element('Version', [
    place,
    element('ETag', `"${entry.etag}"`),
    checksumElements(entry),
    element('Size', entry.sizeBytes),
    ownerElement(call),
    element('StorageClass', entry.facts.storageClass ?? 'STANDARD'),
  ]);
}

function checksumElements({ facts }: StoredVersion): XmlContent {
  if (facts.checksum === undefined) return undefined;
  const { algorithm, type } = facts.checksum;
  return elements({ ChecksumAlgorithm: algorithm, ChecksumType: type });
}

function ownerElement({ bucket }: BucketCall): Xml {
  return element('Owner', element('ID', canonicalId(bucket.account)));
}

function commonPrefixes(page: ListPage, encode: (text: string) => string): XmlContent {
  return page.commonPrefixes.map((prefix) =>
    element('CommonPrefixes', element('Prefix', encode(prefix))),
  );
}

function toToken(next: string): string {
  return `1${Buffer.from(next).toString('base64url')}`;
}

function readToken(token: string): string | S3Refusal {
  const next = token.startsWith('1') ? Buffer.from(token.slice(1), 'base64url').toString() : '';
  if (next !== '' && toToken(next) === token) return next;
  return invalidArgument(
    'The continuation token provided is incorrect',
    'continuation-token',
    token,
  );
}

const keysMax = 1_000;
