import { refuse } from '@trailkeep/core/domain/refusal.ts';
import { bucketConfigRoutes } from './bucket-configs.ts';
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  headBucket,
  listBuckets,
} from './bucket-operations.ts';
import { completeMultipartUpload } from './complete-upload.ts';
import { copyObject } from './copy-object.ts';
import { deleteObject, deleteObjects } from './delete-objects.ts';
import { getObject, headObject } from './get-object.ts';
import { listObjectsV1, listObjectsV2, listObjectVersions } from './list-operations.ts';
import { listMultipartUploads } from './list-uploads.ts';
import {
  abortMultipartUpload,
  createMultipartUpload,
  listParts,
  uploadPart,
  uploadPartCopy,
} from './multipart-operations.ts';
import { getObjectAcl, putObjectAcl } from './object-acl.ts';
import { getObjectAttributes } from './object-attributes.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './object-tagging.ts';
import { putObject } from './put-object.ts';
import type { BucketHandler, S3Call, ServiceHandler } from './s3-call.ts';
import { notBuilt, type S3Refusal } from './s3-refusals.ts';

export type Route =
  | { readonly level: 'service'; readonly handle: ServiceHandler }
  | { readonly level: 'bucket'; readonly action: string; readonly handle: BucketHandler };

/** Which operation a request is: its method, whether it names a key, and its sub-resource. */
export function findRoute(method: string, call: S3Call): Route | S3Refusal {
  if (call.bucketName === '') {
    return method === 'GET' ? service(listBuckets) : methodNotAllowed;
  }
  const place = call.key === '' ? 'bucket' : 'object';
  const sub = subresourceOf(place, call.query);
  const copies = method === 'PUT' && call.header('x-amz-copy-source') !== undefined;
  const name = `${method} ${place}${sub === undefined ? '' : `?${sub}`}`;
  if (name === 'PUT bucket') return service(createBucket);
  const route = (copies ? copyRoutes : routes)[name];
  if (route !== undefined) return { level: 'bucket', action: `s3:${route[0]}`, handle: route[1] };
  if (sub !== undefined) return notBuilt(`${method} of a ${place}'s ?${sub}`);
  if (name === 'POST bucket') return notBuilt('form uploads');
  return methodNotAllowed;
}

function service(handle: ServiceHandler): Route {
  return { level: 'service', handle };
}

function subresourceOf(
  place: 'bucket' | 'object',
  query: ReadonlyMap<string, string>,
): string | undefined {
  const names = place === 'bucket' ? bucketSubresources : objectSubresources;
  if (place === 'bucket' && query.get('list-type') === '2') return 'list-type';
  return names.find((name) => query.has(name));
}

const routes: Readonly<Record<string, readonly [action: string, handle: BucketHandler]>> = {
  'HEAD bucket': ['ListBucket', headBucket],
  'DELETE bucket': ['DeleteBucket', deleteBucket],
  'GET bucket': ['ListBucket', listObjectsV1],
  'GET bucket?list-type': ['ListBucket', listObjectsV2],
  'GET bucket?versions': ['ListBucketVersions', listObjectVersions],
  'GET bucket?location': ['GetBucketLocation', getBucketLocation],
  'GET bucket?uploads': ['ListBucketMultipartUploads', listMultipartUploads],
  'POST bucket?delete': ['DeleteObject', deleteObjects],
  ...bucketConfigRoutes,
  'PUT object': ['PutObject', putObject],
  'GET object': ['GetObject', getObject],
  'HEAD object': ['GetObject', headObject],
  'DELETE object': ['DeleteObject', deleteObject],
  'GET object?attributes': ['GetObjectAttributes', getObjectAttributes],
  'GET object?tagging': ['GetObjectTagging', getObjectTagging],
  'PUT object?tagging': ['PutObjectTagging', putObjectTagging],
  'DELETE object?tagging': ['DeleteObjectTagging', deleteObjectTagging],
  'GET object?acl': ['GetObjectAcl', getObjectAcl],
  'PUT object?acl': ['PutObjectAcl', putObjectAcl],
  'POST object?uploads': ['PutObject', createMultipartUpload],
  'PUT object?uploadId': ['PutObject', uploadPart],
  'POST object?uploadId': ['PutObject', completeMultipartUpload],
  'GET object?uploadId': ['ListMultipartUploadParts', listParts],
  'DELETE object?uploadId': ['AbortMultipartUpload', abortMultipartUpload],
};

const copyRoutes: typeof routes = {
  'PUT object': ['PutObject', copyObject],
  'PUT object?uploadId': ['PutObject', uploadPartCopy],
};

const methodNotAllowed = refuse(
  'MethodNotAllowed',
  'The specified method is not allowed against this resource.',
);

/** All that S3 has; those without a route are not built. */
const bucketSubresources = [
  'abac',
  'accelerate',
  'acl',
  'analytics',
  'cors',
  'delete',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'lifecycle',
  'location',
  'logging',
  'metadataConfiguration',
  'metadataTable',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'replication',
  'requestPayment',
  'session',
  'tagging',
  'uploads',
  'versioning',
  'versions',
  'website',
];
const objectSubresources = [
  'acl',
  'append',
  'attributes',
  'encryption',
  'legal-hold',
  'renameObject',
  'restore',
  'retention',
  'select',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
];
