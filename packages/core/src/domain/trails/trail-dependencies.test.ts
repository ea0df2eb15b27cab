import { expect, test } from 'vitest';
import { checkTrailDependencies, type TrailDependencies } from './trail-dependencies.ts';

const key = 'arn:aws:kms:us-east-1:123456789012:key/one';
const usable: TrailDependencies = {
  bucket: { state: 'usable', region: 'us-east-1' },
  topic: { arn: 'arn:aws:sns:us-east-1:123456789012:told', state: 'usable' },
  key: { arn: key, region: 'us-east-1', state: 'usable' },
  logGroup: 'usable',
  role: 'usable',
};

const check = (more: Partial<TrailDependencies>) =>
  checkTrailDependencies('logs', { ...usable, ...more });

test('what is usable, and what is not needed, is no reason to refuse', () => {
  expect(checkTrailDependencies('logs', usable)).toBeUndefined();
  expect(checkTrailDependencies('logs', {})).toBeUndefined();
});

test.each<[Partial<TrailDependencies>, string, string]>([
  [
    { bucket: { state: 'missing' } },
    'S3BucketDoesNotExistException',
    'S3 bucket logs does not exist!',
  ],
  [
    { bucket: { state: 'denied' } },
    'InsufficientS3BucketPolicyException',
    'Incorrect S3 bucket policy is detected for bucket: logs',
  ],
  [
    { topic: { arn: 'a', state: 'missing' } },
    'InsufficientSnsTopicPolicyException',
    'SNS Topic does not exist or the topic policy is incorrect!',
  ],
  [
    { topic: { arn: 'a', state: 'denied' } },
    'InsufficientSnsTopicPolicyException',
    'SNS Topic does not exist or the topic policy is incorrect!',
  ],
  [
    { key: { arn: key, region: 'us-east-1', state: 'missing' } },
    'KmsKeyNotFoundException',
    `KMS key ${key} was not found.`,
  ],
  [
    { key: { arn: key, region: 'us-east-1', state: 'disabled' } },
    'KmsKeyDisabledException',
    `KMS key ${key} is disabled.`,
  ],
  [
    { key: { arn: key, region: 'us-east-1', state: 'denied' } },
    'InsufficientEncryptionPolicyException',
    `Insufficient permissions to access S3 bucket logs or KMS key ${key}.`,
  ],
  [
    { bucket: { state: 'usable', region: 'eu-west-1' } },
    'InsufficientEncryptionPolicyException',
    `Insufficient permissions to access S3 bucket logs or KMS key ${key}.`,
  ],
  [
    { role: 'not-trusted' },
    'InvalidCloudWatchLogsRoleArnException',
    'Access denied. Check the trust relationships for your role.',
  ],
  [
    { role: 'not-permitted' },
    'InvalidCloudWatchLogsLogGroupArnException',
    'Access denied. Check the permissions for your role.',
  ],
  [
    { logGroup: 'missing' },
    'InvalidCloudWatchLogsLogGroupArnException',
    'Access denied. Verify in IAM that the role has adequate permissions.',
  ],
])('%j is refused with %s', (found, refused, message) => {
  expect(check(found)).toEqual({ refused, message });
});

test('bucket, topic, key, role and log group are told of in this order', () => {
  const wrong: TrailDependencies = {
    bucket: { state: 'missing' },
    topic: { arn: 'a', state: 'missing' },
    key: { arn: key, region: 'us-east-1', state: 'missing' },
    role: 'not-trusted',
    logGroup: 'missing',
  };
  const codes: (string | undefined)[] = [];
  for (const member of ['bucket', 'topic', 'key', 'role', 'logGroup'] as const) {
    codes.push(checkTrailDependencies('logs', wrong)?.refused);
    Object.assign(wrong, { [member]: undefined });
  }
  expect(codes).toEqual([
    'S3BucketDoesNotExistException',
    'InsufficientSnsTopicPolicyException',
    'KmsKeyNotFoundException',
    'InvalidCloudWatchLogsRoleArnException',
    'InvalidCloudWatchLogsLogGroupArnException',
  ]);
});
