import { completeUpload, findUpload } from '@trailkeep/core/adapters/embedded/buckets/multipart.ts';
import type { ObjectChecksum } from '@trailkeep/core/adapters/embedded/buckets/stored-version.ts';
import type { Upload, UploadPart } from '@trailkeep/core/adapters/embedded/buckets/upload-rows.ts';
import { isRefusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { newChecksum, toChecksumAlgorithm } from './checksums.ts';
import { headersOfWritten } from './object-headers.ts';
import { checksumHeader } from './payload.ts';
import { putCondition } from './put-object.ts';
import { type BucketCall, type S3Outcome, xmlAnswer, xmlBody } from './s3-call.ts';
import { malformedXml, refuseWith, type S3Refusal } from './s3-refusals.ts';
import { childrenOf, childText, type XmlElement } from './xml-reader.ts';
import { element, elements, s3Document } from './xml-writer.ts';

export async function completeMultipartUpload(call: BucketCall): Promise<S3Outcome> {
  const uploadId = call.query.get('uploadId') ?? '';
  const of = { bucket: call.bucketName, key: call.key, uploadId };
  const upload = findUpload(call.parts, of);
  if (isRefusal(upload)) return upload;
  const condition = putCondition(call);
  if (isRefusal(condition)) return condition;
  const root = await xmlBody(call, 'CompleteMultipartUpload');
  if (isRefusal(root)) return root;
  const parts = checkedParts(call, upload, root);
  if (isRefusal(parts)) return parts;
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  const stated = call.header('x-amz-mp-object-size');
  if (stated !== undefined && Number(stated) !== sizeBytes) return sizeMismatch(stated, sizeBytes);
  const checks = wholeChecksum(call, upload, parts);
  const facts = {
    ...upload.facts,
    parts: parts.map((part) => ({
      number: part.number,
      sizeBytes: part.sizeBytes,
      checksum: part.checksum,
    })),
  };
  const stored = await completeUpload(call.parts, { of, parts, facts, condition, ...checks });
  if (isRefusal(stored)) return stored;
  const { checksum } = stored.facts;
  const result = s3Document('CompleteMultipartUploadResult', [
    element(
      'Location',
      `http://${call.header('host') ?? 'localhost'}/${of.bucket}/${encodeURI(of.key)}`,
    ),
    elements({ Bucket: of.bucket, Key: of.key }),
    element('ETag', `"${stored.etag}"`),
    checksum === undefined
      ? undefined
      : elements({
          [`Checksum${checksum.algorithm}`]: checksum.value,
          ChecksumType: checksum.type,
        }),
  ]);
  return xmlAnswer(result, headersOfWritten(call.bucket, stored));
}

/** The parts that the request names: in order, as uploaded, and none but the last small. */
function checkedParts(
  call: BucketCall,
  upload: Upload,
  root: XmlElement,
): readonly UploadPart[] | S3Refusal {
  const named = childrenOf(root, 'Part');
  if (named.length === 0 || named.length > partsMax) return malformedXml;
  const parts: UploadPart[] = [];
  let before = 0;
  for (const one of named) {
    const number = Number(childText(one, 'PartNumber'));
    const etag = childText(one, 'ETag')?.replace(/^"(.*)"$/, '$1');
    if (!Number.isInteger(number) || etag === undefined) return malformedXml;
    if (number <= before) return invalidPartOrder;
    before = number;
    const part = call.parts.uploads.part(upload.id, number);
    if (part === undefined || part.etag !== etag || !checksumAgrees(upload, part, one)) {
      return invalidPart(upload.id, number, etag);
    }
    parts.push(part);
  }
  const small = parts.slice(0, -1).find((part) => part.sizeBytes < partBytesMin);
  return small === undefined ? parts : tooSmall(small);
}

function checksumAgrees(upload: Upload, part: UploadPart, named: XmlElement): boolean {
  if (upload.checksum === undefined) return true;
  const stated = childText(named, `Checksum${upload.checksum.algorithm}`);
  return stated === undefined || stated === part.checksum;
}

/** What is said about the whole: computed while the parts are put together, or of their values. */
function wholeChecksum(call: BucketCall, upload: Upload, parts: readonly UploadPart[]) {
  const algorithm = upload.checksum && toChecksumAlgorithm(upload.checksum.algorithm);
  if (algorithm === undefined || upload.checksum === undefined) return {};
  const { type } = upload.checksum;
  const running = newChecksum(algorithm);
  const stated = call.header(checksumHeader(algorithm));
  const atEnd = (): { checksum: ObjectChecksum } | S3Refusal => {
    if (type === 'COMPOSITE') {
      for (const part of parts) running.update(Buffer.from(part.checksum ?? '', 'base64'));
    }
    const suffix = type === 'COMPOSITE' ? `-${parts.length}` : '';
    const value = `${running.value()}${suffix}`;
    if (stated === undefined || stated === value || `${stated}${suffix}` === value) {
      return { checksum: { algorithm, value, type } };
    }
    const message = `The ${algorithm} you specified did not match the calculated checksum.`;
    return refuse('BadDigest', message);
  };
  if (type === 'COMPOSITE') return { atEnd };
  return { atEnd, onBytes: (chunk: Buffer) => running.update(chunk) };
}

function invalidPart(uploadId: string, number: number, etag: string): S3Refusal {
  const message =
    'One or more of the specified parts could not be found.  The part may not have been ' +
    "uploaded, or the specified entity tag may not match the part's entity tag.";
  const detail = { UploadId: uploadId, PartNumber: number, ETag: etag };
  return refuseWith('InvalidPart', message, detail);
}

function tooSmall(part: UploadPart): S3Refusal {
  const message = 'Your proposed upload is smaller than the minimum allowed size';
  return refuseWith('EntityTooSmall', message, {
    ProposedSize: part.sizeBytes,
    MinSizeAllowed: partBytesMin,
    PartNumber: part.number,
    ETag: part.etag,
  });
}

function sizeMismatch(stated: string, sizeBytes: number): S3Refusal {
  const message =
    `The provided 'x-amz-mp-object-size' header value ${stated} does not match what was ` +
    `computed: ${sizeBytes}`;
  return refuse('InvalidRequest', message);
}

const invalidPartOrder = refuse(
  'InvalidPartOrder',
  'The list of parts was not in ascending order. Parts must be ordered by part number.',
);
const partBytesMin = 5 * 1024 * 1024;
const partsMax = 10_000;
