import { changeObject } from '@trailkeep/core/adapters/embedded/buckets/object-changes.ts';
import { isRefusal } from '@trailkeep/core/domain/refusal.ts';
import { aclDocument, aclsAreOff, aclsNotSupported, requestedAcl } from './canned-acl.ts';
import { findVersion } from './get-object.ts';
import { type BucketCall, done, type S3Outcome, xmlAnswer } from './s3-call.ts';
import { notBuilt } from './s3-refusals.ts';

export function getObjectAcl(call: BucketCall): S3Outcome {
  const version = findVersion(call);
  if (isRefusal(version)) return version;
  const acl = aclsAreOff(call.bucket) ? 'private' : version.facts.acl;
  return xmlAnswer(aclDocument(call.bucket.account, acl));
}

export async function putObjectAcl(call: BucketCall): Promise<S3Outcome> {
  if (aclsAreOff(call.bucket)) return aclsNotSupported;
  const acl = requestedAcl(call.request, call.bucket);
  if (isRefusal(acl)) return acl;
  if (acl === undefined) return notBuilt('ACLs in a body; name a canned one in x-amz-acl');
  const found = findVersion(call);
  if (isRefusal(found)) return found;
  const changed = await changeObject(call.parts, call.bucketName, found, (version) => ({
    ...version,
    facts: { ...version.facts, acl },
  }));
  return isRefusal(changed) ? changed : done;
}
