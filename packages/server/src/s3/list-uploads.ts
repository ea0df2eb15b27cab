import {
  afterKey,
  afterPrefix,
  laterKey,
} from '@trailkeep/core/adapters/embedded/buckets/key-order.ts';
import type { Upload } from '@trailkeep/core/adapters/embedded/buckets/upload-rows.ts';
import { isRefusal } from '@trailkeep/core/domain/refusal.ts';
import { readListAsk } from './list-operations.ts';
import { type BucketCall, canonicalId, isoTime, type S3Outcome, xmlAnswer } from './s3-call.ts';
import { element, elements, s3Document } from './xml-writer.ts';

/** Uploads that were neither completed nor aborted, by key and then by id. */
export function listMultipartUploads(call: BucketCall): S3Outcome {
  const ask = readListAsk(call, 'max-uploads');
  if (isRefusal(ask)) return ask;
  const keyMarker = call.query.get('key-marker') ?? '';
  const idMarker = keyMarker === '' ? '' : (call.query.get('upload-id-marker') ?? '');
  const page = takePage(call, ask, keyMarker, idMarker);
  const { encode } = ask;
  const person = element('ID', canonicalId(call.bucket.account));
  const uploads = page.uploads.map((upload) =>
    element('Upload', [
      elements({ Key: encode(upload.key), UploadId: upload.id }),
      element('Initiator', person),
      element('Owner', person),
      element('StorageClass', upload.facts.storageClass ?? 'STANDARD'),
      element('Initiated', isoTime(upload.startedAt)),
      element('ChecksumAlgorithm', upload.checksum?.algorithm),
      element('ChecksumType', upload.checksum?.type),
    ]),
  );
  return xmlAnswer(
    s3Document('ListMultipartUploadsResult', [
      element('Bucket', call.bucketName),
      element('KeyMarker', encode(keyMarker)),
      element('UploadIdMarker', idMarker),
      element('NextKeyMarker', page.more ? encode(page.lastKey) : ''),
      element('NextUploadIdMarker', page.more ? page.lastId : ''),
      element('Prefix', encode(ask.prefix)),
      element('Delimiter', ask.delimiter && encode(ask.delimiter)),
      element('EncodingType', ask.encodingType),
      element('MaxUploads', ask.maxKeys),
      element('IsTruncated', page.more),
      uploads,
      page.prefixes.map((prefix) => element('CommonPrefixes', element('Prefix', encode(prefix)))),
    ]),
  );
}

interface UploadsPage {
  readonly uploads: readonly Upload[];
  readonly prefixes: readonly string[];
  readonly more: boolean;
  readonly lastKey: string;
  readonly lastId: string;
}

function takePage(
  call: BucketCall,
  ask: { prefix: string; delimiter: string | undefined; maxKeys: number },
  keyMarker: string,
  idMarker: string,
): UploadsPage {
  const uploads: Upload[] = [];
  const prefixes: string[] = [];
  const to = afterPrefix(ask.prefix);
  let last = { key: keyMarker, id: idMarker };
  let place = firstPlace(ask, keyMarker, idMarker);
  for (;;) {
    const [next] = call.parts.uploads.all(call.bucket.id, place, to, 1);
    const full = uploads.length + prefixes.length >= ask.maxKeys;
    if (next === undefined || full) {
      const more = next !== undefined && ask.maxKeys > 0;
      return { uploads, prefixes, more, lastKey: last.key, lastId: last.id };
    }
    const at = ask.delimiter ? next.key.indexOf(ask.delimiter, ask.prefix.length) : -1;
    if (at < 0) {
      uploads.push(next);
      last = next;
      place = next;
      continue;
    }
    const prefix = next.key.slice(0, at + (ask.delimiter?.length ?? 0));
    prefixes.push(prefix);
    last = { key: prefix, id: '' };
    place = { key: afterPrefix(prefix), id: '' };
  }
}

/** A key marker without an id marker is after all uploads of its key, or of its common prefix. */
function firstPlace(
  ask: { prefix: string; delimiter: string | undefined },
  keyMarker: string,
  idMarker: string,
): { key: string; id: string } {
  if (keyMarker === '' || idMarker !== '') {
    return { key: laterKey(ask.prefix, keyMarker), id: idMarker };
  }
  const isPrefix = ask.delimiter !== undefined && keyMarker.endsWith(ask.delimiter);
  const after = isPrefix ? afterPrefix(keyMarker) : afterKey(keyMarker);
  return { key: laterKey(ask.prefix, after), id: '' };
}
