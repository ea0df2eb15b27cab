import {
  type BucketSettings,
  type PublicAccessBlock,
  setting,
} from '@trailkeep/core/adapters/embedded/buckets/bucket-settings.ts';
import { isRefusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { aclDocument, aclsAreOff, aclsNotSupported, requestedAcl } from './canned-acl.ts';
import { type BucketCall, done, noContent, type S3Outcome, xmlAnswer, xmlBody } from './s3-call.ts';
import { invalidArgument, malformedXml, notBuilt, type S3Refusal } from './s3-refusals.ts';
import { child, childText } from './xml-reader.ts';
import { element, elements, s3Document } from './xml-writer.ts';

export function getBucketAcl({ bucket }: BucketCall): S3Outcome {
  return xmlAnswer(aclDocument(bucket.account, setting(bucket, 'acl')));
}

export async function putBucketAcl(call: BucketCall): Promise<S3Outcome> {
  if (aclsAreOff(call.bucket)) return aclsNotSupported;
  const acl = requestedAcl(call.request, call.bucket);
  if (isRefusal(acl)) return acl;
  if (acl === undefined) return notBuilt('ACLs in a body; name a canned one in x-amz-acl');
  return (await call.buckets.set(call.bucketName, 'acl', acl)) ?? done;
}

export function getOwnership({ bucket }: BucketCall): S3Outcome {
  const ownership = setting(bucket, 'ownership');
  if (ownership === undefined) {
    const message = 'The bucket ownership controls were not found';
    return refuse('OwnershipControlsNotFoundError', message);
  }
  const rule = element('Rule', element('ObjectOwnership', ownership));
  return xmlAnswer(s3Document('OwnershipControls', rule));
}

export async function putOwnership(call: BucketCall): Promise<S3Outcome> {
  const root = await xmlBody(call, 'OwnershipControls');
  if (isRefusal(root)) return root;
  const rule = child(root, 'Rule');
  const ownership = readOwnership((rule && childText(rule, 'ObjectOwnership')) ?? '');
  if (isRefusal(ownership)) return malformedXml;
  const acl = setting(call.bucket, 'acl') ?? 'private';
  if (ownership === 'BucketOwnerEnforced' && acl !== 'private') {
    const message =
      "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
    return refuse('InvalidBucketAclWithObjectOwnership', message);
  }
  return (await call.buckets.set(call.bucketName, 'ownership', ownership)) ?? done;
}

export async function deleteOwnership(call: BucketCall): Promise<S3Outcome> {
  return (await call.buckets.set(call.bucketName, 'ownership', undefined)) ?? noContent;
}

export function readOwnership(text: string): BucketSettings['ownership'] | S3Refusal {
  if (
    text === 'BucketOwnerEnforced' ||
    text === 'BucketOwnerPreferred' ||
    text === 'ObjectWriter'
  ) {
    return text;
  }
  return invalidArgument('Invalid x-amz-object-ownership header', 'x-amz-object-ownership', text);
}

export function getPublicAccessBlock({ bucket }: BucketCall): S3Outcome {
  const block = setting(bucket, 'publicAccessBlock');
  if (block === undefined) {
    const message = 'The public access block configuration was not found';
    return refuse('NoSuchPublicAccessBlockConfiguration', message);
  }
  return xmlAnswer(
    s3Document(
      'PublicAccessBlockConfiguration',
      elements({
        BlockPublicAcls: block.blockPublicAcls,
        IgnorePublicAcls: block.ignorePublicAcls,
        BlockPublicPolicy: block.blockPublicPolicy,
        RestrictPublicBuckets: block.restrictPublicBuckets,
      }),
    ),
  );
}

export async function putPublicAccessBlock(call: BucketCall): Promise<S3Outcome> {
  const root = await xmlBody(call, 'PublicAccessBlockConfiguration');
  if (isRefusal(root)) return root;
  const is = (name: string) => childText(root, name)?.trim().toLowerCase() === 'true';
  const block: PublicAccessBlock = {
    blockPublicAcls: is('BlockPublicAcls'),
    ignorePublicAcls: is('IgnorePublicAcls'),
    blockPublicPolicy: is('BlockPublicPolicy'),
    restrictPublicBuckets: is('RestrictPublicBuckets'),
  };
  return (await call.buckets.set(call.bucketName, 'publicAccessBlock', block)) ?? done;
}

export async function deletePublicAccessBlock(call: BucketCall): Promise<S3Outcome> {
  return (await call.buckets.set(call.bucketName, 'publicAccessBlock', undefined)) ?? noContent;
}
