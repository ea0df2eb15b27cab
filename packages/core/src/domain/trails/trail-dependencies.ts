import { type Refusal, refuse } from '../refusal.ts';

/** What was found out about the things that a trail needs; absent: not asked, not needed. */
export interface TrailDependencies {
  readonly bucket?: BucketFinding;
  readonly topic?: { readonly arn: string; readonly state: 'usable' | 'missing' | 'denied' };
  readonly key?: {
    readonly arn: string;
    readonly region: string;
    readonly state: 'usable' | 'missing' | 'disabled' | 'denied';
  };
  readonly logGroup?: 'usable' | 'missing';
  readonly role?: 'usable' | 'not-trusted' | 'not-permitted';
}

export type BucketFinding =
  | { readonly state: 'missing' }
  | { readonly state: 'denied' }
  | { readonly state: 'usable'; readonly region: string };

export type TrailDependencyCode =
  | 'S3BucketDoesNotExistException'
  | 'InsufficientS3BucketPolicyException'
  | 'InsufficientSnsTopicPolicyException'
  | 'InsufficientEncryptionPolicyException'
  | 'KmsKeyNotFoundException'
  | 'KmsKeyDisabledException'
  | 'InvalidKmsKeyIdException'
  | 'InvalidCloudWatchLogsLogGroupArnException'
  | 'InvalidCloudWatchLogsRoleArnException';

/** In the order in which CreateTrail asks: bucket, topic, key, role, log group. */
export function checkTrailDependencies(
  bucketName: string,
  found: TrailDependencies,
): Refusal<TrailDependencyCode> | undefined {
  return (
    checkBucket(bucketName, found.bucket) ??
    checkTopic(found.topic) ??
    checkKey(bucketName, found) ??
    checkRole(found)
  );
}

function checkBucket(name: string, bucket: BucketFinding | undefined) {
  if (bucket?.state === 'missing') {
    return refuse('S3BucketDoesNotExistException', `S3 bucket ${name} does not exist!`);
  }
  if (bucket?.state === 'denied') {
    return refuse(
      'InsufficientS3BucketPolicyException',
      `Incorrect S3 bucket policy is detected for bucket: ${name}`,
    );
  }
  return undefined;
}

function checkTopic(topic: TrailDependencies['topic']) {
  if (!topic || topic.state === 'usable') return undefined;
  return refuse(
    'InsufficientSnsTopicPolicyException',
    'SNS Topic does not exist or the topic policy is incorrect!',
  );
}

function checkKey(bucketName: string, { key, bucket }: TrailDependencies) {
  if (!key) return undefined;
  if (key.state === 'missing') {
    return refuse('KmsKeyNotFoundException', `KMS key ${key.arn} was not found.`);
  }
  if (key.state === 'disabled') {
    return refuse('KmsKeyDisabledException', `KMS key ${key.arn} is disabled.`);
  }
  const elsewhere = bucket?.state === 'usable' && bucket.region !== key.region;
  if (key.state === 'denied' || elsewhere) {
    return refuse(
      'InsufficientEncryptionPolicyException',
      `Insufficient permissions to access S3 bucket ${bucketName} or KMS key ${key.arn}.`,
    );
  }
  return undefined;
}

// Terraform retries these while their message contains "Access denied.": a role that was made
// seconds ago may not be visible yet.
function checkRole({ role, logGroup }: TrailDependencies) {
  if (role === 'not-trusted') {
    return refuse(
      'InvalidCloudWatchLogsRoleArnException',
      'Access denied. Check the trust relationships for your role.',
    );
  }
  if (role === 'not-permitted') {
    return refuse(
      'InvalidCloudWatchLogsLogGroupArnException',
      'Access denied. Check the permissions for your role.',
    );
  }
  if (logGroup === 'missing') {
    return refuse(
      'InvalidCloudWatchLogsLogGroupArnException',
      'Access denied. Verify in IAM that the role has adequate permissions.',
    );
  }
  return undefined;
}
