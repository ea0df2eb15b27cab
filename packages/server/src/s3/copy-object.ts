import { putObject } from '@trailkeep/core/adapters/embedded/buckets/object-changes.ts';
import type {
  ObjectFacts,
  StoredVersion,
  Tag,
} from '@trailkeep/core/adapters/embedded/buckets/stored-version.ts';
import { isRefusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { toChecksumAlgorithm } from './checksums.ts';
import { type CopySource, findCopySource, receiveCopy } from './copy-source.ts';
import { factsOfHeaders, headersOfWritten } from './object-headers.ts';
import { namedAlgorithm } from './payload.ts';
import { putCondition } from './put-object.ts';
import { type BucketCall, isoTime, type S3Outcome, xmlAnswer } from './s3-call.ts';
import { invalidArgument, type S3Refusal } from './s3-refusals.ts';
import { element, elements, s3Document } from './xml-writer.ts';

export async function copyObject(call: BucketCall): Promise<S3Outcome> {
  const source = findCopySource(call);
  if (isRefusal(source)) return source;
  const stated = statedOfCopy(call, source);
  if (isRefusal(stated)) return stated;
  const condition = putCondition(call);
  if (isRefusal(condition)) return condition;
  const named = namedAlgorithm(call.request);
  if (isRefusal(named)) return named;
  const kept = source.version.facts.checksum?.algorithm;
  const algorithm = named ?? (kept === undefined ? undefined : toChecksumAlgorithm(kept));
  const body = await receiveCopy(call, source, { algorithm });
  if (isRefusal(body)) return body;
  const { received, checksum } = body;
  const facts = { ...stated.facts, checksum };
  const put = { key: call.key, received, facts, tags: stated.tags, condition };
  const stored = await putObject(call.parts, put);
  return isRefusal(stored) ? stored : copied(call, source, stored);
}

function copied(call: BucketCall, source: CopySource, stored: StoredVersion): S3Outcome {
  const headers: Record<string, string> = headersOfWritten(call.bucket, stored);
  if (source.keepsVersions) headers['x-amz-copy-source-version-id'] = source.version.version;
  return xmlAnswer(s3Document('CopyObjectResult', copyResult(stored)), headers);
}

export function copyResult(stored: {
  readonly modifiedAt: number;
  readonly etag: string;
  readonly facts: ObjectFacts;
}) {
  const { checksum } = stored.facts;
  return [
    element('LastModified', isoTime(stored.modifiedAt)),
    element('ETag', `"${stored.etag}"`),
    checksum === undefined
      ? undefined
      : elements({
          [`Checksum${checksum.algorithm}`]: checksum.value,
          ChecksumType: checksum.type,
        }),
  ];
}

/** Metadata and tags are the source's unless the directives say REPLACE; the rest is asked anew. */
function statedOfCopy(
  call: BucketCall,
  source: CopySource,
): { facts: ObjectFacts; tags: readonly Tag[] } | S3Refusal {
  const metadata = directive(call, 'x-amz-metadata-directive');
  const tagging = directive(call, 'x-amz-tagging-directive');
  if (isRefusal(metadata)) return metadata;
  if (isRefusal(tagging)) return tagging;
  const asked = factsOfHeaders(call.request, call.bucket);
  if (isRefusal(asked)) return asked;
  const { facts: of } = source.version;
  const { headers, metadata: own } = metadata === 'COPY' ? of : asked.facts;
  const tags = tagging === 'COPY' ? source.version.tags : asked.tags;
  if (metadata === 'COPY' && copiesOntoItself(call, source, asked.facts)) return ontoItself;
  return { facts: { ...asked.facts, headers, metadata: own }, tags };
}

function copiesOntoItself(call: BucketCall, source: CopySource, asked: ObjectFacts): boolean {
  const same = source.bucketName === call.bucketName && source.version.key === call.key;
  const changes =
    asked.storageClass ?? asked.encryption ?? asked.headers?.['x-amz-website-redirect-location'];
  return same && source.version.latest && changes === undefined;
}

function directive(call: BucketCall, name: string): 'COPY' | 'REPLACE' | S3Refusal {
  const value = call.header(name) ?? 'COPY';
  if (value === 'COPY' || value === 'REPLACE') return value;
  return invalidArgument('Unknown directive.', name, value);
}

const ontoItself = refuse(
  'InvalidRequest',
  'This copy request is illegal because it is trying to copy an object to itself without ' +
    "changing the object's metadata, storage class, website redirect location or encryption " +
    'attributes.',
);
