import type { StoredVersion } from '@trailkeep/core/adapters/embedded/buckets/stored-version.ts';
import { isRefusal } from '@trailkeep/core/domain/refusal.ts';
import { findVersion } from './get-object.ts';
import { type BucketCall, keepsVersions, type S3Outcome, xmlAnswer } from './s3-call.ts';
import { invalidArgument } from './s3-refusals.ts';
import { element, elements, s3Document, type XmlContent } from './xml-writer.ts';

/** Those of ETag, Checksum, ObjectParts, StorageClass and ObjectSize that the request names. */
export function getObjectAttributes(call: BucketCall): S3Outcome {
  const version = findVersion(call);
  if (isRefusal(version)) return version;
  const header = call.header('x-amz-object-attributes') ?? '';
  const names = header.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(name in attributes));
  if (unknown !== undefined) {
    const message = 'Invalid attribute name specified.';
    return invalidArgument(message, 'x-amz-object-attributes', header);
  }
  const parts = readPartsAsk(call);
  const fields = Object.entries(attributes)
    .filter(([name]) => names.includes(name))
    .map(([, render]) => render(version, parts));
  const headers: Record<string, string> = {
    'last-modified': new Date(version.modifiedAt).toUTCString(),
  };
  if (keepsVersions(call.bucket)) headers['x-amz-version-id'] = version.version;
  return xmlAnswer(s3Document('GetObjectAttributesResponse', fields), headers);
}

interface PartsAsk {
  readonly marker: number;
  readonly max: number;
}

function readPartsAsk(call: BucketCall): PartsAsk {
  const marker = Number(call.header('x-amz-part-number-marker') ?? 0);
  const max = Number(call.header('x-amz-max-parts') ?? partsMax);
  return {
    marker: Number.isInteger(marker) ? marker : 0,
    max: Number.isInteger(max) && max > 0 ? Math.min(max, partsMax) : partsMax,
  };
}

const attributes: Readonly<Record<string, (of: StoredVersion, parts: PartsAsk) => XmlContent>> = {
  ETag: ({ etag }) => element('ETag', etag),
  Checksum: ({ facts }) => {
    if (facts.checksum === undefined) return undefined;
    const { algorithm, value, type } = facts.checksum;
    return element('Checksum', elements({ [`Checksum${algorithm}`]: value, ChecksumType: type }));
  },
  ObjectParts: ({ facts }, ask) => {
    if (facts.parts === undefined) return undefined;
    const after = facts.parts.filter((part) => part.number > ask.marker);
    const page = after.slice(0, ask.max);
    const algorithm = facts.checksum?.algorithm;
    // S3 lists the parts of uploads with checksums alone.
    const listed = algorithm === undefined ? [] : page;
    return element('ObjectParts', [
      element('TotalPartsCount', facts.parts.length),
      element('PartNumberMarker', ask.marker),
      element('NextPartNumberMarker', page.at(-1)?.number ?? 0),
      element('MaxParts', ask.max),
      element('IsTruncated', after.length > page.length),
      listed.map(({ number, sizeBytes, checksum }) =>
        element(
          'Part',
          elements({ PartNumber: number, Size: sizeBytes, [`Checksum${algorithm}`]: checksum }),
        ),
      ),
    ]);
  },
  StorageClass: ({ facts }) => element('StorageClass', facts.storageClass ?? 'STANDARD'),
  ObjectSize: ({ sizeBytes }) => element('ObjectSize', sizeBytes),
};

const partsMax = 1_000;
