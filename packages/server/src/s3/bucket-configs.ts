import { setting } from '@trailkeep/core/adapters/embedded/buckets/bucket-settings.ts';
import { isRefusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import {
  deleteOwnership,
  deletePublicAccessBlock,
  getBucketAcl,
  getOwnership,
  getPublicAccessBlock,
  putBucketAcl,
  putOwnership,
  putPublicAccessBlock,
} from './bucket-access.ts';
import { deleteLifecycle, getLifecycle, putLifecycle } from './bucket-lifecycle.ts';
import {
  deleteBucketPolicy,
  getBucketPolicy,
  getPolicyStatus,
  putBucketPolicy,
} from './bucket-policy.ts';
import { deleteBucketEncryption, getBucketEncryption, putBucketEncryption } from './encryption.ts';
import {
  type BucketCall,
  type BucketHandler,
  done,
  noContent,
  type S3Outcome,
  xmlAnswer,
  xmlBody,
} from './s3-call.ts';
import { malformedXml, notBuilt } from './s3-refusals.ts';
import { readTagging, tagSet } from './tag-sets.ts';
import { childText } from './xml-reader.ts';
import { element, s3Document } from './xml-writer.ts';

/** The settings of buckets. What is not built can be read as what it is, unset, and not be put. */
export const bucketConfigRoutes: Readonly<
  Record<string, readonly [action: string, handle: BucketHandler]>
> = {
  'GET bucket?policy': ['GetBucketPolicy', getBucketPolicy],
  'PUT bucket?policy': ['PutBucketPolicy', putBucketPolicy],
  'DELETE bucket?policy': ['DeleteBucketPolicy', deleteBucketPolicy],
  'GET bucket?policyStatus': ['GetBucketPolicyStatus', getPolicyStatus],
  'GET bucket?acl': ['GetBucketAcl', getBucketAcl],
  'PUT bucket?acl': ['PutBucketAcl', putBucketAcl],
  'GET bucket?tagging': ['GetBucketTagging', getTagging],
  'PUT bucket?tagging': ['PutBucketTagging', putTagging],
  'DELETE bucket?tagging': ['PutBucketTagging', deleteTagging],
  'GET bucket?versioning': ['GetBucketVersioning', getVersioning],
  'PUT bucket?versioning': ['PutBucketVersioning', putVersioning],
  'GET bucket?publicAccessBlock': ['GetBucketPublicAccessBlock', getPublicAccessBlock],
  'PUT bucket?publicAccessBlock': ['PutBucketPublicAccessBlock', putPublicAccessBlock],
  'DELETE bucket?publicAccessBlock': ['PutBucketPublicAccessBlock', deletePublicAccessBlock],
  'GET bucket?encryption': ['GetEncryptionConfiguration', getBucketEncryption],
  'PUT bucket?encryption': ['PutEncryptionConfiguration', putBucketEncryption],
  'DELETE bucket?encryption': ['PutEncryptionConfiguration', deleteBucketEncryption],
  'GET bucket?lifecycle': ['GetLifecycleConfiguration', getLifecycle],
  'PUT bucket?lifecycle': ['PutLifecycleConfiguration', putLifecycle],
  'DELETE bucket?lifecycle': ['PutLifecycleConfiguration', deleteLifecycle],
  'GET bucket?ownershipControls': ['GetBucketOwnershipControls', getOwnership],
  'PUT bucket?ownershipControls': ['PutBucketOwnershipControls', putOwnership],
  'DELETE bucket?ownershipControls': ['PutBucketOwnershipControls', deleteOwnership],
  'GET bucket?requestPayment': ['GetBucketRequestPayment', getRequestPayment],
  'PUT bucket?requestPayment': ['PutBucketRequestPayment', putRequestPayment],
  'GET bucket?logging': ['GetBucketLogging', emptyDocument('BucketLoggingStatus')],
  'PUT bucket?logging': [
    'PutBucketLogging',
    onlyEmpty('BucketLoggingStatus', 'server access logging'),
  ],
  'GET bucket?notification': ['GetBucketNotification', emptyDocument('NotificationConfiguration')],
  'PUT bucket?notification': [
    'PutBucketNotification',
    onlyEmpty('NotificationConfiguration', 'event notifications'),
  ],
  'GET bucket?accelerate': ['GetAccelerateConfiguration', emptyDocument('AccelerateConfiguration')],
  'GET bucket?cors': [
    'GetBucketCORS',
    unset('NoSuchCORSConfiguration', 'The CORS configuration does not exist'),
  ],
  'DELETE bucket?cors': ['PutBucketCORS', () => noContent],
  'GET bucket?website': [
    'GetBucketWebsite',
    unset(
      'NoSuchWebsiteConfiguration',
      'The specified bucket does not have a website configuration',
    ),
  ],
  'DELETE bucket?website': ['DeleteBucketWebsite', () => noContent],
  'GET bucket?replication': [
    'GetReplicationConfiguration',
    unset('ReplicationConfigurationNotFoundError', 'The replication configuration was not found'),
  ],
  'DELETE bucket?replication': ['PutReplicationConfiguration', () => noContent],
  'GET bucket?object-lock': [
    'GetBucketObjectLockConfiguration',
    unset(
      'ObjectLockConfigurationNotFoundError',
      'Object Lock configuration does not exist for this bucket',
    ),
  ],
  'GET bucket?analytics': [
    'GetAnalyticsConfiguration',
    emptyList('ListBucketAnalyticsConfigurationsResult'),
  ],
  'GET bucket?inventory': [
    'GetInventoryConfiguration',
    emptyList('ListInventoryConfigurationsResult'),
  ],
  'GET bucket?metrics': ['GetMetricsConfiguration', emptyList('ListMetricsConfigurationsResult')],
  'GET bucket?intelligent-tiering': [
    'GetIntelligentTieringConfiguration',
    emptyList('ListBucketIntelligentTieringConfigurationsOutput'),
  ],
};

function emptyDocument(name: string): BucketHandler {
  return () => xmlAnswer(s3Document(name, undefined));
}

function unset(code: string, message: string): BucketHandler {
  return () => refuse(code, message);
}

/** All configurations of the kind: none, since none can be put. */
function emptyList(name: string): BucketHandler {
  return ({ query }) =>
    query.has('id')
      ? refuse('NoSuchConfiguration', 'The specified configuration does not exist.')
      : xmlAnswer(s3Document(name, element('IsTruncated', false)));
}

/** Turning off what is not built succeeds; turning it on does not. */
function onlyEmpty(name: string, what: string): BucketHandler {
  return async (call) => {
    const root = await xmlBody(call, name);
    if (isRefusal(root)) return root;
    return root.children.length === 0 ? done : notBuilt(what);
  };
}

function getTagging({ bucket }: BucketCall): S3Outcome {
  const tags = setting(bucket, 'tagging');
  if (tags === undefined) return refuse('NoSuchTagSet', 'The TagSet does not exist');
  return xmlAnswer(s3Document('Tagging', tagSet(tags)));
}

async function putTagging(call: BucketCall): Promise<S3Outcome> {
  const root = await xmlBody(call, 'Tagging');
  if (isRefusal(root)) return root;
  const tags = readTagging(root, bucketTagsMax);
  if (isRefusal(tags)) return tags;
  const value = tags.length === 0 ? undefined : tags;
  return (await call.buckets.set(call.bucketName, 'tagging', value)) ?? noContent;
}

async function deleteTagging(call: BucketCall): Promise<S3Outcome> {
  return (await call.buckets.set(call.bucketName, 'tagging', undefined)) ?? noContent;
}

function getVersioning({ bucket }: BucketCall): S3Outcome {
  const status = setting(bucket, 'versioning');
  return xmlAnswer(s3Document('VersioningConfiguration', element('Status', status)));
}

async function putVersioning(call: BucketCall): Promise<S3Outcome> {
  const root = await xmlBody(call, 'VersioningConfiguration');
  if (isRefusal(root)) return root;
  if (childText(root, 'MfaDelete') === 'Enabled') return notBuilt('MFA delete');
  const status = childText(root, 'Status');
  if (status !== 'Enabled' && status !== 'Suspended') {
    const message = 'The Versioning element must be specified';
    return status === undefined
      ? refuse('IllegalVersioningConfigurationException', message)
      : malformedXml;
  }
  return (await call.buckets.set(call.bucketName, 'versioning', status)) ?? done;
}

function getRequestPayment({ bucket }: BucketCall): S3Outcome {
  const payer = setting(bucket, 'requestPayment') ?? 'BucketOwner';
  return xmlAnswer(s3Document('RequestPaymentConfiguration', element('Payer', payer)));
}

async function putRequestPayment(call: BucketCall): Promise<S3Outcome> {
  const root = await xmlBody(call, 'RequestPaymentConfiguration');
  if (isRefusal(root)) return root;
  const payer = childText(root, 'Payer');
  if (payer !== 'Requester' && payer !== 'BucketOwner') return malformedXml;
  return (await call.buckets.set(call.bucketName, 'requestPayment', payer)) ?? done;
}

const bucketTagsMax = 50;
