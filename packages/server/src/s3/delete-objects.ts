import {
  type Removed,
  removeObject,
} from '@trailkeep/core/adapters/embedded/buckets/object-changes.ts';
import { isRefusal, type Refusal } from '@trailkeep/core/domain/refusal.ts';
import { type BucketCall, type S3Outcome, xmlAnswer, xmlBody } from './s3-call.ts';
import { malformedXml } from './s3-refusals.ts';
import { refusedKey } from './s3-request.ts';
import { childrenOf, childText, type XmlElement } from './xml-reader.ts';
import { element, elements, s3Document, type XmlContent } from './xml-writer.ts';

export async function deleteObject(call: BucketCall): Promise<S3Outcome> {
  const version = call.query.get('versionId') || undefined;
  const etag = call
    .header('if-match')
    ?.trim()
    .replace(/^"(.*)"$/, '$1');
  const removed = await removeObject(call.parts, call.bucketName, {
    key: call.key,
    version,
    etag: etag === '*' ? undefined : etag,
  });
  if (isRefusal(removed)) return removed;
  const headers: Record<string, string> = {};
  if (removed.version !== undefined) headers['x-amz-version-id'] = removed.version;
  if (removed.deleteMarker) headers['x-amz-delete-marker'] = 'true';
  return { status: 204, headers };
}

interface Named {
  readonly key: string;
  readonly version?: string;
  readonly etag?: string;
}

/** Up to 1,000 keys; each has its own outcome. */
export async function deleteObjects(call: BucketCall): Promise<S3Outcome> {
  const root = await xmlBody(call, 'Delete');
  if (isRefusal(root)) return root;
  const named = readNamed(root);
  if (named === undefined) return malformedXml;
  const outcomes = await Promise.all(named.map((one) => deleteOne(call, one)));
  const quiet = childText(root, 'Quiet') === 'true';
  const results = named.map((one, n): XmlContent => {
    const outcome = outcomes[n];
    if (outcome === undefined) return undefined;
    if (isRefusal(outcome)) return errorElement(one, outcome);
    return quiet ? undefined : deletedElement(one, outcome);
  });
  return xmlAnswer(s3Document('DeleteResult', results));
}

function readNamed(root: XmlElement): readonly Named[] | undefined {
  const objects = childrenOf(root, 'Object');
  if (objects.length === 0 || objects.length > keysMax) return undefined;
  const named = objects.map((object) => ({
    key: childText(object, 'Key') ?? '',
    version: childText(object, 'VersionId') || undefined,
    etag: childText(object, 'ETag')?.replace(/^"(.*)"$/, '$1') || undefined,
  }));
  return named.some(({ key }) => key === '') ? undefined : named;
}

async function deleteOne(call: BucketCall, one: Named): Promise<Removed | Refusal> {
  return refusedKey(one.key) ?? (await removeObject(call.parts, call.bucketName, one));
}

function deletedElement(one: Named, removed: Removed): XmlContent {
  const marker = removed.deleteMarker
    ? { DeleteMarker: true, DeleteMarkerVersionId: removed.version }
    : {};
  return element('Deleted', elements({ Key: one.key, VersionId: one.version, ...marker }));
}

function errorElement(one: Named, refusal: Refusal): XmlContent {
  const { refused, message } = refusal;
  const fields = { Key: one.key, VersionId: one.version, Code: refused, Message: message };
  return element('Error', elements(fields));
}

const keysMax = 1_000;
