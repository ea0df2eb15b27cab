import { isRefusal, type Refusal } from '../../../domain/refusal.ts';
import type { ObjectPut, ObjectRefusal, ObjectStore } from '../../../ports/object-store.ts';
import { setting } from './bucket-settings.ts';
import type { MayDeliver } from './delivery-policy.ts';
import { afterKey, afterPrefix, isPossibleKey, laterKey } from './key-order.ts';
import { putObject } from './object-changes.ts';
import { noSuchKey, readObject } from './open-object.ts';
import { receiveBuffer } from './receive-file.ts';
import { findBucket, orRefusal, type StoreParts } from './store-parts.ts';
import type { ObjectFacts } from './stored-version.ts';

/** The port that trails deliver through, on the folder's buckets. */
export function objectStorePort(parts: StoreParts, mayDeliver: MayDeliver): ObjectStore {
  return {
    bucket: async (name) => {
      const found = findBucket(parts, name);
      if (isRefusal(found)) return asPort(found);
      return {
        region: found.region,
        policy: setting(found, 'policy'),
        requesterPays: setting(found, 'requestPayment') === 'Requester',
      };
    },
    putIfAbsent: async (put) => {
      const outcome = await deliver(parts, mayDeliver, put);
      if (!isRefusal(outcome)) return { outcome };
      return outcome.refused === 'PreconditionFailed' ? { outcome: 'present' } : asPort(outcome);
    },
    get: async (bucketName, key) => {
      const outcome = await getObject(parts, bucketName, key);
      return isRefusal(outcome) ? asPort(outcome) : outcome;
    },
    list: async (bucketName, page) => {
      const found = findBucket(parts, bucketName);
      if (isRefusal(found)) return asPort(found);
      const prefix = page.prefix ?? '';
      const from = page.after === undefined ? prefix : laterKey(prefix, afterKey(page.after));
      const limit = Math.min(page.limit ?? keysMax, keysMax);
      return parts.versions.currentKeys(found.id, from, afterPrefix(prefix), limit);
    },
  };
}

async function deliver(
  parts: StoreParts,
  mayDeliver: MayDeliver,
  put: ObjectPut,
): Promise<'stored' | 'present' | Refusal> {
  const bucket = findBucket(parts, put.bucket);
  if (isRefusal(bucket)) return bucket;
  if (!isPossibleKey(put.key))
    return { refused: 'KeyTooLongError', message: 'Your key is too long' };
  if (!mayDeliver(setting(bucket, 'policy'), put)) {
    return { refused: 'AccessDenied', message: 'Access Denied' };
  }
  const latest = parts.versions.latest(bucket.id, put.key);
  if (latest !== undefined && !latest.deleteMarker) return 'present';
  const received = await orRefusal(receiveBuffer(parts.files, put.bucket, put.body));
  if (isRefusal(received)) return received;
  const condition = { absent: true } as const;
  const stored = await putObject(parts, { key: put.key, received, facts: factsOf(put), condition });
  return isRefusal(stored) ? stored : 'stored';
}

function factsOf(put: ObjectPut): ObjectFacts {
  const headers: Record<string, string> = {};
  if (put.contentType !== undefined) headers['content-type'] = put.contentType;
  if (put.contentEncoding !== undefined) headers['content-encoding'] = put.contentEncoding;
  return {
    headers,
    metadata: put.metadata,
    acl: put.acl,
    encryption:
      put.kmsKeyArn === undefined ? undefined : { algorithm: 'aws:kms', kmsKeyId: put.kmsKeyArn },
  };
}

async function getObject(parts: StoreParts, bucketName: string, key: string) {
  const bucket = findBucket(parts, bucketName);
  if (isRefusal(bucket)) return bucket;
  const latest = parts.versions.latest(bucket.id, key);
  if (latest === undefined || latest.deleteMarker) return noSuchKey;
  const body = await readObject(parts, bucketName, latest);
  return isRefusal(body) ? body : { body, metadata: latest.facts.metadata ?? {} };
}

function asPort(refusal: Refusal): ObjectRefusal {
  return { outcome: 'refused', code: refusal.refused, message: refusal.message };
}

const keysMax = 1_000;
