import { expect, test } from 'vitest';
import {
  checkLogGroupHasRole,
  checkTrailSettings,
  type TrailSettingsInput,
} from './trail-settings.ts';

const bucket = (S3BucketName: string): TrailSettingsInput => ({ S3BucketName });
const group = 'arn:aws:logs:us-east-1:123456789012:log-group:trails:*';
const role = 'arn:aws:iam::123456789012:role/to-logs';

test.each<TrailSettingsInput>([
  {},
  bucket('abc'),
  bucket('my.logs-1'),
  bucket('a'.repeat(63)),
  { S3KeyPrefix: 'p'.repeat(200) },
  { S3KeyPrefix: '' },
  { SnsTopicName: 'told' },
  { SnsTopicName: 'told.fifo' },
  { SnsTopicName: 'arn:aws:sns:us-east-1:123456789012:told' },
  { SnsTopicName: '' },
  { CloudWatchLogsLogGroupArn: group, CloudWatchLogsRoleArn: role },
  { CloudWatchLogsLogGroupArn: '', CloudWatchLogsRoleArn: '' },
  { KmsKeyId: 'alias/one' },
  { KmsKeyId: 'arn:aws:kms:us-east-1:123456789012:alias/one' },
  { KmsKeyId: 'arn:aws:kms:us-east-1:123456789012:key/mrk-1234' },
  { KmsKeyId: '12345678-1234-1234-1234-123456789012' },
  { KmsKeyId: '' },
  { IsMultiRegionTrail: true, IncludeGlobalServiceEvents: true },
  { IsMultiRegionTrail: false, IncludeGlobalServiceEvents: false },
])('%j is well formed', (input) => {
  expect(checkTrailSettings(input)).toBeUndefined();
});

test.each<[TrailSettingsInput, string]>([
  [bucket(''), 'InvalidS3BucketNameException'],
  [bucket('ab'), 'InvalidS3BucketNameException'],
  [bucket('a'.repeat(64)), 'InvalidS3BucketNameException'],
  [bucket('My-Logs'), 'InvalidS3BucketNameException'],
  [bucket('my_logs'), 'InvalidS3BucketNameException'],
  [bucket('my..logs'), 'InvalidS3BucketNameException'],
  [bucket('my-.logs'), 'InvalidS3BucketNameException'],
  [bucket('my.-logs'), 'InvalidS3BucketNameException'],
  [bucket('logs-'), 'InvalidS3BucketNameException'],
  [bucket('192.168.5.4'), 'InvalidS3BucketNameException'],
  [bucket('../../etc'), 'InvalidS3BucketNameException'],
  [{ S3KeyPrefix: 'p'.repeat(201) }, 'InvalidS3PrefixException'],
  [{ S3KeyPrefix: '/p' }, 'InvalidS3PrefixException'],
  [{ S3KeyPrefix: 'p\u0000' }, 'InvalidS3PrefixException'],
  [{ SnsTopicName: 'a b' }, 'InvalidSnsTopicNameException'],
  [{ SnsTopicName: 'a'.repeat(257) }, 'InvalidSnsTopicNameException'],
  [{ SnsTopicName: 'arn:aws:sns:us-east-1' }, 'InvalidSnsTopicNameException'],
  [{ CloudWatchLogsLogGroupArn: group.slice(0, -2) }, 'InvalidCloudWatchLogsLogGroupArnException'],
  [{ CloudWatchLogsRoleArn: 'to-logs' }, 'InvalidCloudWatchLogsRoleArnException'],
  [{ KmsKeyId: 'alias/' }, 'InvalidKmsKeyIdException'],
  [{ KmsKeyId: 'a key' }, 'InvalidKmsKeyIdException'],
  [
    { IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false },
    'InvalidParameterCombinationException',
  ],
])('%j is refused with %s', (input, code) => {
  expect(checkTrailSettings(input)?.refused).toBe(code);
});

test('a log group and a role come together or not at all', () => {
  const both = { cloudWatchLogsLogGroupArn: group, cloudWatchLogsRoleArn: role };
  expect(checkLogGroupHasRole({})).toBeUndefined();
  expect(checkLogGroupHasRole(both)).toBeUndefined();
  expect(checkLogGroupHasRole({ cloudWatchLogsLogGroupArn: group })).toEqual({
    refused: 'InvalidCloudWatchLogsRoleArnException',
    message: 'You must specify a role ARN as well as a log group.',
  });
  expect(checkLogGroupHasRole({ cloudWatchLogsRoleArn: role })?.refused).toBe(
    'InvalidCloudWatchLogsLogGroupArnException',
  );
});
