import { createHash, randomBytes } from 'node:crypto';
import { isRefusal, type Refusal, refuse } from '../../../domain/refusal.ts';
import type { Bucket } from './bucket-rows.ts';
import type { Applied } from './commit-queue.ts';
import { reservedFolder } from './friendly-path.ts';
import type { FilePlace } from './garbage-rows.ts';
import { type PutCondition, putObject } from './object-changes.ts';
import { openObject } from './open-object.ts';
import { dropReceived, type Received, receiveFile } from './receive-file.ts';
import { findBucket, orRefusal, type StoreParts } from './store-parts.ts';
import type { ObjectFacts, StoredVersion, Tag } from './stored-version.ts';
import type { Upload, UploadChecksum, UploadPart } from './upload-rows.ts';

export interface UploadPlaceOf {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
}

export async function beginUpload(
  parts: StoreParts,
  bucketName: string,
  begin: { key: string; facts: ObjectFacts; tags: readonly Tag[]; checksum?: UploadChecksum },
): Promise<Upload | Refusal> {
  const upload = { ...begin, id: newUploadId(), startedAt: parts.now() };
  return orRefusal(
    parts.queue.submit<Upload | Refusal>({
      apply: () => {
        const bucket = findBucket(parts, bucketName);
        if (isRefusal(bucket)) return { result: bucket };
        parts.uploads.insert(bucket.id, upload);
        return { result: upload };
      },
    }),
  );
}

export function findUpload(parts: StoreParts, of: UploadPlaceOf): Upload | Refusal {
  const bucket = findBucket(parts, of.bucket);
  if (isRefusal(bucket)) return bucket;
  return parts.uploads.find(bucket.id, of.key, of.uploadId) ?? noSuchUpload;
}

/** Keeps a part; one of the same number before it is replaced. */
export async function putPart(
  parts: StoreParts,
  of: UploadPlaceOf,
  part: { readonly number: number; readonly received: Received; readonly checksum?: string },
): Promise<UploadPart | Refusal> {
  const { id, sizeBytes, md5, body, file } = part.received;
  const candidates = [`${reservedFolder}/parts/${id}`];
  const apply = (path: string): Applied<UploadPart | Refusal> => {
    const place = { bucket: of.bucket, key: of.key };
    const upload = findUpload(parts, of);
    if (isRefusal(upload)) return { result: upload };
    const before = parts.uploads.part(of.uploadId, part.number);
    const { number, checksum } = part;
    const kept = { number, sizeBytes, etag: md5, modifiedAt: parts.now(), checksum, path };
    parts.uploads.putPart(of.uploadId, kept);
    return { result: kept, path, garbage: before ? [{ ...place, path: before.path }] : [] };
  };
  const bytes = { bucket: of.bucket, key: of.key, candidates, body, file };
  const outcome = await orRefusal(parts.queue.submit({ bytes, apply }));
  if (isRefusal(outcome)) dropReceived(part.received);
  return outcome;
}

export async function abortUpload(
  parts: StoreParts,
  of: UploadPlaceOf,
): Promise<Refusal | undefined> {
  return orRefusal(
    parts.queue.submit<Refusal | undefined>({
      apply: () => {
        const upload = findUpload(parts, of);
        if (isRefusal(upload)) return { result: upload };
        const garbage = partFiles(parts, of);
        parts.uploads.remove(of.uploadId);
        return { result: undefined, garbage };
      },
    }),
  );
}

export interface CompleteUpload {
  readonly of: UploadPlaceOf;
  /** In the order of their numbers; checked by the caller. */
  readonly parts: readonly UploadPart[];
  readonly facts: ObjectFacts;
  readonly condition?: PutCondition;
  /** Sees every byte of the whole, in order. */
  onBytes?(chunk: Buffer): void;
  /** After the last byte: what is still to be said about the object, or why it is refused. */
  atEnd?(): Partial<ObjectFacts> | Refusal;
}

/** Puts the parts together into one object. Parts that were not named go with the upload. */
export async function completeUpload(
  parts: StoreParts,
  complete: CompleteUpload,
): Promise<StoredVersion | Refusal> {
  const { of } = complete;
  const received = await joinParts(parts, complete);
  if (isRefusal(received)) return received;
  const upload = findUpload(parts, of);
  const more = complete.atEnd?.() ?? {};
  const refused = isRefusal(upload) ? upload : isRefusal(more) ? more : undefined;
  if (refused !== undefined || isRefusal(upload) || isRefusal(more)) {
    dropReceived(received);
    return refused ?? noSuchUpload;
  }
  const put = {
    key: of.key,
    received,
    facts: { ...complete.facts, ...more },
    tags: upload.tags,
    condition: complete.condition,
    etag: etagOfParts(complete.parts),
  };
  return putObject(parts, put, () => {
    const garbage = partFiles(parts, of);
    parts.uploads.remove(of.uploadId);
    return garbage;
  });
}

async function joinParts(parts: StoreParts, complete: CompleteUpload): Promise<Received | Refusal> {
  const { bucket, key } = complete.of;
  const incoming = receiveFile(parts.files, bucket);
  try {
    for (const part of complete.parts) {
      const opened = await openObject(parts, bucket, partAsVersion(key, part));
      if (isRefusal(opened)) {
        await incoming.discard();
        return opened;
      }
      if (opened.sizeBytes === 0) {
        await opened.close();
        continue;
      }
      for await (const chunk of opened.stream(0, opened.sizeBytes - 1)) {
        complete.onBytes?.(chunk as Buffer);
        await incoming.write(chunk as Buffer);
      }
    }
    return await incoming.finish();
  } catch (error) {
    await incoming.discard();
    throw error;
  }
}

function partAsVersion(key: string, part: UploadPart): StoredVersion {
  return {
    key,
    seq: 0,
    version: 'null',
    latest: false,
    deleteMarker: false,
    sizeBytes: part.sizeBytes,
    etag: part.etag,
    modifiedAt: part.modifiedAt,
    path: part.path,
    facts: {},
    tags: [],
  };
}

/** The MD5 of the parts' MD5s, and how many they are: as S3 has it. */
function etagOfParts(parts: readonly UploadPart[]): string {
  const md5 = createHash('md5');
  for (const part of parts) md5.update(Buffer.from(part.etag, 'hex'));
  return `${md5.digest('hex')}-${parts.length}`;
}

function partFiles(parts: StoreParts, of: UploadPlaceOf): FilePlace[] {
  const { bucket, key, uploadId } = of;
  return parts.uploads.parts(uploadId, 0, partsMax).map(({ path }) => ({ bucket, key, path }));
}

/** Removes all uploads of a bucket: they do not keep it from being deleted. */
export function removeUploads(parts: StoreParts, bucket: Bucket, to: string): FilePlace[] {
  const garbage: FilePlace[] = [];
  for (;;) {
    const uploads = parts.uploads.all(bucket.id, { key: '', id: '' }, to, partsMax);
    if (uploads.length === 0) return garbage;
    for (const { id, key } of uploads) {
      garbage.push(...partFiles(parts, { bucket: bucket.name, key, uploadId: id }));
      parts.uploads.remove(id);
    }
  }
}

const noSuchUpload = refuse(
  'NoSuchUpload',
  'The specified upload does not exist. The upload ID may be invalid, or the upload may have ' +
    'been aborted or completed.',
);

function newUploadId(): string {
  return randomBytes(48).toString('base64url');
}

export const partsMax = 10_000;
