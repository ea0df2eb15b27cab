import type { IncomingMessage } from 'node:http';
import { setting } from '@trailkeep/core/adapters/embedded/buckets/bucket-settings.ts';
import type { ObjectEncryption } from '@trailkeep/core/adapters/embedded/buckets/stored-version.ts';
import { isRefusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { type BucketCall, done, noContent, type S3Outcome, xmlAnswer, xmlBody } from './s3-call.ts';
import { malformedXml, type S3Refusal } from './s3-refusals.ts';
import { child, childText, type XmlElement } from './xml-reader.ts';
import { element, s3Document } from './xml-writer.ts';

/**
 * What a put's headers ask for. Objects are kept as plain files all the same: the answer is what
 * is recorded, as with a bucket whose disk encrypts, or does not.
 */
export function requestedEncryption(
  request: IncomingMessage,
): ObjectEncryption | undefined | S3Refusal {
  const prefix = 'x-amz-server-side-encryption';
  const algorithm = request.headers[prefix] as string | undefined;
  const kmsKeyId = request.headers[`${prefix}-aws-kms-key-id`] as string | undefined;
  const bucketKey = request.headers[`${prefix}-bucket-key-enabled`] === 'true';
  if (algorithm === undefined) return kmsKeyId === undefined ? undefined : keyWithoutKms;
  return checkedEncryption(algorithm, kmsKeyId, bucketKey);
}

function checkedEncryption(
  algorithm: string,
  kmsKeyId: string | undefined,
  bucketKey: boolean,
): ObjectEncryption | S3Refusal {
  if (!algorithms.has(algorithm)) {
    const message = 'The encryption request you specified is not valid. Supported value: AES256.';
    return refuse('InvalidEncryptionAlgorithmError', message);
  }
  if (algorithm === 'AES256' && kmsKeyId !== undefined) return keyWithoutKms;
  return { algorithm, kmsKeyId, bucketKey };
}

/** A bucket without a setting of its own encrypts with AES256, as all of S3's do. */
export function getBucketEncryption({ bucket }: BucketCall): S3Outcome {
  const set = setting(bucket, 'encryption') ?? { algorithm: 'AES256' };
  return xmlAnswer(
    s3Document(
      'ServerSideEncryptionConfiguration',
      element('Rule', [
        element('ApplyServerSideEncryptionByDefault', [
          element('SSEAlgorithm', set.algorithm),
          element('KMSMasterKeyID', set.kmsKeyId),
        ]),
        element('BucketKeyEnabled', set.bucketKey === true),
      ]),
    ),
  );
}

export async function putBucketEncryption(call: BucketCall): Promise<S3Outcome> {
  const root = await xmlBody(call, 'ServerSideEncryptionConfiguration');
  if (isRefusal(root)) return root;
  const read = readEncryption(root);
  if (isRefusal(read)) return read;
  return (await call.buckets.set(call.bucketName, 'encryption', read)) ?? done;
}

export async function deleteBucketEncryption(call: BucketCall): Promise<S3Outcome> {
  return (await call.buckets.set(call.bucketName, 'encryption', undefined)) ?? noContent;
}

function readEncryption(root: XmlElement): ObjectEncryption | S3Refusal {
  const rule = child(root, 'Rule');
  const byDefault = rule && child(rule, 'ApplyServerSideEncryptionByDefault');
  const algorithm = byDefault && childText(byDefault, 'SSEAlgorithm');
  if (rule === undefined || byDefault === undefined || !algorithm) return malformedXml;
  if (!algorithms.has(algorithm)) return malformedXml;
  const kmsKeyId = childText(byDefault, 'KMSMasterKeyID') || undefined;
  return checkedEncryption(algorithm, kmsKeyId, childText(rule, 'BucketKeyEnabled') === 'true');
}

const keyWithoutKms = refuse(
  'InvalidArgument',
  'Server Side Encryption with AWS KMS managed key requires HTTP header ' +
    'x-amz-server-side-encryption : aws:kms',
);
const algorithms = new Set(['AES256', 'aws:kms', 'aws:kms:dsse']);
