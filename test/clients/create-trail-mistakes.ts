import type { Mistake } from './mistakes.ts';

const account = '123456789012';
const bucket = `logs-of-${account}`;
const logGroup = `arn:aws:logs:us-east-1:${account}:log-group:trails:*`;
const role = `arn:aws:iam::${account}:role/trails`;

/** What the server is configured with, so that there is something to be mistaken about. */
export const mistakenConfig = {
  topics: [`arn:aws:sns:us-east-1:${account}:known`],
  keys: [
    { arn: `arn:aws:kms:us-east-1:${account}:key/disabled`, enabled: false },
    { arn: `arn:aws:kms:us-east-1:${account}:key/denied`, permitted: false },
    { arn: `arn:aws:kms:eu-west-1:${account}:key/elsewhere` },
  ],
  logGroups: [`arn:aws:logs:us-east-1:${account}:log-group:others:*`],
  roles: [role],
};

/** Where the account has a trail `there`, and the bucket that it logs to. */
export const createTrailMistakes: readonly Mistake[] = [
  {
    title: 'a trail name that is too short',
    ...creating({ Name: 'ab' }),
    code: 'InvalidTrailNameException',
    message:
      'Trail name too short. Minimum allowed length: 3 characters. Specified name length: 2 characters.',
  },
  {
    title: 'a trail name that is too long',
    ...creating({ Name: 'a'.repeat(129) }),
    code: 'InvalidTrailNameException',
    message:
      'Trail name too long. Maximum allowed length: 128 characters. Specified name length: 129 characters.',
  },
  {
    title: 'a trail name that begins with a hyphen',
    ...creating({ Name: '-trail' }),
    code: 'InvalidTrailNameException',
    message: 'Trail name must starts with a letter or number.',
  },
  {
    title: 'a trail name that ends with a period',
    ...creating({ Name: 'trail.' }),
    code: 'InvalidTrailNameException',
    message: 'Trail name must ends with a letter or number.',
  },
  {
    title: 'a trail name with a space',
    ...creating({ Name: 'my trail' }),
    code: 'InvalidTrailNameException',
    message:
      'Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).',
  },
  {
    title: 'a bucket that does not exist',
    ...creating({ S3BucketName: 'not-there' }),
    code: 'S3BucketDoesNotExistException',
    message: 'S3 bucket not-there does not exist!',
  },
  {
    title: 'a bucket name that no bucket can have',
    ...creating({ S3BucketName: 'Not_A_Bucket' }),
    code: 'InvalidS3BucketNameException',
    message: /Not_A_Bucket/,
  },
  {
    title: 'a prefix that is too long',
    ...creating({ S3KeyPrefix: 'p'.repeat(201) }),
    code: 'InvalidS3PrefixException',
    message: /200 characters/,
  },
  {
    title: 'a topic name that no topic can have',
    ...creating({ SnsTopicName: 'not a topic' }),
    code: 'InvalidSnsTopicNameException',
    message: /not a topic/,
  },
  {
    title: 'a topic that does not exist',
    ...creating({ SnsTopicName: 'unknown' }),
    code: 'InsufficientSnsTopicPolicyException',
    message: 'SNS Topic does not exist or the topic policy is incorrect!',
  },
  {
    title: 'a key id that no key can have',
    ...creating({ KmsKeyId: 'not/a/key' }),
    code: 'InvalidKmsKeyIdException',
    message: /not\/a\/key/,
  },
  {
    title: 'a key that does not exist',
    ...creating({ KmsKeyId: 'alias/unknown' }),
    code: 'KmsKeyNotFoundException',
    message: /was not found/,
  },
  {
    title: 'a key that is disabled',
    ...creating({ KmsKeyId: mistakenConfig.keys[0]!.arn }),
    code: 'KmsKeyDisabledException',
    message: /is disabled/,
  },
  {
    title: 'a key that CloudTrail may not use',
    ...creating({ KmsKeyId: mistakenConfig.keys[1]!.arn }),
    code: 'InsufficientEncryptionPolicyException',
    message: `Insufficient permissions to access S3 bucket ${bucket} or KMS key ${mistakenConfig.keys[1]!.arn}.`,
  },
  {
    title: 'a key of another Region than the bucket',
    ...creating({ KmsKeyId: mistakenConfig.keys[2]!.arn }),
    code: 'InsufficientEncryptionPolicyException',
    message: /Insufficient permissions/,
  },
  {
    title: 'a log group without a role',
    ...creating({ CloudWatchLogsLogGroupArn: logGroup }),
    code: 'InvalidCloudWatchLogsRoleArnException',
    message: 'You must specify a role ARN as well as a log group.',
  },
  {
    title: 'a log group that does not exist',
    ...creating({ CloudWatchLogsLogGroupArn: logGroup, CloudWatchLogsRoleArn: role }),
    code: 'InvalidCloudWatchLogsLogGroupArnException',
    message: /^Access denied\./,
  },
  {
    title: 'a log group ARN that is none',
    ...creating({ CloudWatchLogsLogGroupArn: 'trails', CloudWatchLogsRoleArn: role }),
    code: 'InvalidCloudWatchLogsLogGroupArnException',
    message: "Check the log group ARN: CloudTrail can't validate it.",
  },
  {
    title: 'a multi-Region trail without global events',
    ...creating({ IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false }),
    code: 'InvalidParameterCombinationException',
    message: /global service events/,
  },
  {
    title: 'an organization trail of an account without organization',
    ...creating({ IsMultiRegionTrail: true, IsOrganizationTrail: true }),
    code: 'OrganizationsNotInUseException',
    message: /organization/,
  },
  {
    title: 'a tag key that is given twice',
    ...creating({ TagsList: [{ Key: 'a' }, { Key: 'a' }] }),
    code: 'InvalidTagParameterException',
    message: /given twice/,
  },
  {
    title: 'more tags than a trail can have',
    ...creating({ TagsList: Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}` })) }),
    code: 'TagsLimitExceededException',
    message: /50/,
  },
  {
    title: 'a trail that is there already',
    ...creating({ Name: 'there' }),
    code: 'TrailAlreadyExistsException',
    message: `Trail there already exists for customer: ${account}`,
  },
];

function creating(input: Record<string, unknown>) {
  return { operation: 'CreateTrail', input: { Name: 'mistaken', S3BucketName: bucket, ...input } };
}
