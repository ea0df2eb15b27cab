import {
  abortUpload,
  beginUpload,
  findUpload,
  putPart,
} from '@trailkeep/core/adapters/embedded/buckets/multipart.ts';
import type {
  Upload,
  UploadChecksum,
  UploadPart,
} from '@trailkeep/core/adapters/embedded/buckets/upload-rows.ts';
import { isRefusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { type ChecksumAlgorithm, toChecksumAlgorithm } from './checksums.ts';
import { copyResult } from './copy-object.ts';
import { findCopySource, receiveCopy } from './copy-source.ts';
import { encryptionHeaders, factsOfHeaders } from './object-headers.ts';
import { checksumHeader, namedAlgorithm } from './payload.ts';
import { dropReceivedObject, type ReceivedObject, receiveObject } from './put-object.ts';
import {
  type BucketCall,
  canonicalId,
  isoTime,
  noContent,
  numberIn,
  type S3Outcome,
  xmlAnswer,
} from './s3-call.ts';
import { invalidArgument, type S3Refusal } from './s3-refusals.ts';
import { element, elements, s3Document } from './xml-writer.ts';

export async function createMultipartUpload(call: BucketCall): Promise<S3Outcome> {
  const stated = factsOfHeaders(call.request, call.bucket);
  if (isRefusal(stated)) return stated;
  const checksum = requestedChecksum(call);
  if (isRefusal(checksum)) return checksum;
  const begin = { key: call.key, ...stated, checksum };
  const upload = await beginUpload(call.parts, call.bucketName, begin);
  if (isRefusal(upload)) return upload;
  const headers: Record<string, string> = encryptionHeaders(stated.facts);
  if (checksum !== undefined) {
    headers['x-amz-checksum-algorithm'] = checksum.algorithm;
    headers['x-amz-checksum-type'] = checksum.type;
  }
  const result = elements({ Bucket: call.bucketName, Key: call.key, UploadId: upload.id });
  return xmlAnswer(s3Document('InitiateMultipartUploadResult', result), headers);
}

function requestedChecksum(call: BucketCall): UploadChecksum | undefined | S3Refusal {
  const algorithm = namedAlgorithm(call.request);
  if (algorithm === undefined || isRefusal(algorithm)) return algorithm;
  const type = call.header('x-amz-checksum-type')?.toUpperCase();
  if (type !== undefined && type !== 'FULL_OBJECT' && type !== 'COMPOSITE') {
    return refuse('InvalidRequest', 'Value for x-amz-checksum-type header is invalid.');
  }
  const own = algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';
  const asked = type ?? own;
  const hashed = algorithm === 'SHA1' || algorithm === 'SHA256';
  if ((asked === 'FULL_OBJECT' && hashed) || (asked === 'COMPOSITE' && algorithm === 'CRC64NVME')) {
    const name = algorithm.toLowerCase();
    const message = `The ${asked} checksum type cannot be used with the ${name} algorithm.`;
    return refuse('InvalidRequest', message);
  }
  return { algorithm, type: asked };
}

export async function uploadPart(call: BucketCall): Promise<S3Outcome> {
  const ask = readPartAsk(call);
  if (isRefusal(ask)) return ask;
  const body = await receiveObject(call, { algorithm: algorithmOf(ask.upload) });
  if (isRefusal(body)) return body;
  const part = await keepPart(call, ask, body);
  if (isRefusal(part)) return part;
  const headers: Record<string, string> = { etag: `"${part.etag}"` };
  if (body.checksum) headers[checksumHeader(body.checksum.algorithm)] = body.checksum.value;
  return { status: 200, headers: { ...headers, ...encryptionHeaders(ask.upload.facts) } };
}

export async function uploadPartCopy(call: BucketCall): Promise<S3Outcome> {
  const ask = readPartAsk(call);
  if (isRefusal(ask)) return ask;
  const source = findCopySource(call);
  if (isRefusal(source)) return source;
  const range = call.header('x-amz-copy-source-range');
  const algorithm = algorithmOf(ask.upload);
  const body = await receiveCopy(call, source, { range, algorithm });
  if (isRefusal(body)) return body;
  const part = await keepPart(call, ask, body);
  if (isRefusal(part)) return part;
  const { modifiedAt, etag } = part;
  const facts = { checksum: body.checksum };
  return xmlAnswer(s3Document('CopyPartResult', copyResult({ modifiedAt, etag, facts })));
}

interface PartAsk {
  readonly number: number;
  readonly upload: Upload;
}

function readPartAsk(call: BucketCall): PartAsk | S3Refusal {
  const text = call.query.get('partNumber') ?? '';
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number < 1 || number > partsMax) {
    const message = `Part number must be an integer between 1 and ${partsMax}, inclusive`;
    return invalidArgument(message, 'partNumber', text);
  }
  const upload = findUpload(call.parts, uploadOf(call));
  return isRefusal(upload) ? upload : { number, upload };
}

async function keepPart(
  call: BucketCall,
  ask: PartAsk,
  body: ReceivedObject,
): Promise<UploadPart | S3Refusal> {
  const expected = ask.upload.checksum?.algorithm;
  const { checksum } = body;
  if (expected !== undefined && checksum !== undefined && checksum.algorithm !== expected) {
    dropReceivedObject(body);
    const names = [expected, checksum.algorithm].map((name) => name.toLowerCase());
    const message =
      `Checksum Type mismatch occurred, expected checksum Type: ${names[0]}, ` +
      `actual checksum Type: ${names[1]}`;
    return refuse('InvalidRequest', message);
  }
  const kept = expected === undefined ? undefined : checksum?.value;
  const part = { number: ask.number, received: body.received, checksum: kept };
  return putPart(call.parts, uploadOf(call), part);
}

export function algorithmOf(upload: Upload): ChecksumAlgorithm | undefined {
  return upload.checksum && toChecksumAlgorithm(upload.checksum.algorithm);
}

export function uploadOf(call: BucketCall) {
  const uploadId = call.query.get('uploadId') ?? '';
  return { bucket: call.bucketName, key: call.key, uploadId };
}

export async function abortMultipartUpload(call: BucketCall): Promise<S3Outcome> {
  return (await abortUpload(call.parts, uploadOf(call))) ?? noContent;
}

export function listParts(call: BucketCall): S3Outcome {
  const upload = findUpload(call.parts, uploadOf(call));
  if (isRefusal(upload)) return upload;
  const marker = numberIn(call, 'part-number-marker', { min: 0, max: 2_147_483_647 });
  if (isRefusal(marker)) return marker;
  const asked = numberIn(call, 'max-parts', { min: 0, max: 2_147_483_647 });
  if (isRefusal(asked)) return asked;
  const max = Math.min(asked ?? partsOfPageMax, partsOfPageMax);
  const found = call.parts.uploads.parts(upload.id, marker ?? 0, max + 1);
  const page = found.slice(0, max);
  const algorithm = upload.checksum?.algorithm;
  const person = element('ID', canonicalId(call.bucket.account));
  return xmlAnswer(
    s3Document('ListPartsResult', [
      elements({ Bucket: call.bucketName, Key: call.key, UploadId: upload.id }),
      element('Initiator', person),
      element('Owner', person),
      element('StorageClass', upload.facts.storageClass ?? 'STANDARD'),
      element('PartNumberMarker', marker ?? 0),
      element('NextPartNumberMarker', page.at(-1)?.number ?? marker ?? 0),
      element('MaxParts', max),
      element('IsTruncated', found.length > max),
      element('ChecksumAlgorithm', algorithm),
      element('ChecksumType', upload.checksum?.type),
      page.map((part) => partElement(part, algorithm)),
    ]),
  );
}

function partElement(part: UploadPart, algorithm: string | undefined) {
  return element('Part', [
    element('PartNumber', part.number),
    element('LastModified', isoTime(part.modifiedAt)),
    element('ETag', `"${part.etag}"`),
    element('Size', part.sizeBytes),
    algorithm === undefined ? undefined : element(`Checksum${algorithm}`, part.checksum),
  ]);
}

const partsMax = 10_000;
const partsOfPageMax = 1_000;
