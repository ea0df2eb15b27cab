import { changeObject } from '@trailkeep/core/adapters/embedded/buckets/object-changes.ts';
import type { Tag } from '@trailkeep/core/adapters/embedded/buckets/stored-version.ts';
import { isRefusal } from '@trailkeep/core/domain/refusal.ts';
import { findVersion } from './get-object.ts';
import { objectTagsMax } from './object-headers.ts';
import { type BucketCall, keepsVersions, type S3Outcome, xmlAnswer, xmlBody } from './s3-call.ts';
import { readTagging, tagSet } from './tag-sets.ts';
import { s3Document } from './xml-writer.ts';

export function getObjectTagging(call: BucketCall): S3Outcome {
  const version = findVersion(call);
  if (isRefusal(version)) return version;
  return xmlAnswer(s3Document('Tagging', tagSet(version.tags)), versionHeader(call, version));
}

export async function putObjectTagging(call: BucketCall): Promise<S3Outcome> {
  const root = await xmlBody(call, 'Tagging');
  if (isRefusal(root)) return root;
  const tags = readTagging(root, objectTagsMax);
  return isRefusal(tags) ? tags : setTags(call, tags, 200);
}

export function deleteObjectTagging(call: BucketCall): Promise<S3Outcome> {
  return setTags(call, [], 204);
}

async function setTags(call: BucketCall, tags: readonly Tag[], status: number): Promise<S3Outcome> {
  const found = findVersion(call);
  if (isRefusal(found)) return found;
  const changed = await changeObject(call.parts, call.bucketName, found, (version) => ({
    ...version,
    tags,
  }));
  return isRefusal(changed) ? changed : { status, headers: versionHeader(call, changed) };
}

function versionHeader(call: BucketCall, { version }: { version: string }): Record<string, string> {
  return keepsVersions(call.bucket) ? { 'x-amz-version-id': version } : {};
}
