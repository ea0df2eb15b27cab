import { type Refusal, refuse } from '../refusal.ts';

/** The members that CreateTrail and UpdateTrail share, as they come from the caller. */
export interface TrailSettingsInput {
  readonly S3BucketName?: string;
  readonly S3KeyPrefix?: string;
  readonly SnsTopicName?: string;
  readonly IncludeGlobalServiceEvents?: boolean;
  readonly IsMultiRegionTrail?: boolean;
  readonly EnableLogFileValidation?: boolean;
  readonly CloudWatchLogsLogGroupArn?: string;
  readonly CloudWatchLogsRoleArn?: string;
  readonly KmsKeyId?: string;
  readonly IsOrganizationTrail?: boolean;
  readonly RecursiveLogging?: boolean;
}

export type TrailSettingsCode =
  | 'InvalidS3BucketNameException'
  | 'InvalidS3PrefixException'
  | 'InvalidSnsTopicNameException'
  | 'InvalidKmsKeyIdException'
  | 'InvalidParameterCombinationException'
  | 'InvalidCloudWatchLogsLogGroupArnException'
  | 'InvalidCloudWatchLogsRoleArnException';

/** What can be said of the settings without asking anyone, in the order in which it is said. */
export function checkTrailSettings(
  input: TrailSettingsInput,
): Refusal<TrailSettingsCode> | undefined {
  return (
    checkBucketName(input.S3BucketName) ??
    checkPrefix(input.S3KeyPrefix) ??
    checkTopicName(input.SnsTopicName) ??
    checkGlobalServiceEvents(input) ??
    checkLogGroup(input) ??
    checkKeyId(input.KmsKeyId)
  );
}

function checkBucketName(name: string | undefined) {
  if (name === undefined) return undefined;
  const wellFormed =
    name.length >= 3 &&
    name.length <= 63 &&
    /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(name) &&
    !/\.\.|-\.|\.-/.test(name) &&
    !/^\d{1,3}(\.\d{1,3}){3}$/.test(name);
  return wellFormed
    ? undefined
    : refuse(
        'InvalidS3BucketNameException',
        `S3 bucket name ${name.slice(0, 80)} is not valid. A bucket name has 3 to 63 characters: ` +
          'lowercase letters, numbers, periods and hyphens, beginning and ending with a letter or number.',
      );
}

const prefixLengthMax = 200;

function checkPrefix(prefix: string | undefined) {
  if (prefix === undefined) return undefined;
  if (prefix.length > prefixLengthMax) {
    return refuse(
      'InvalidS3PrefixException',
      `S3 prefix is too long. Maximum allowed length: ${prefixLengthMax} characters. Specified prefix length: ${prefix.length} characters.`,
    );
  }
  // An object key cannot hold these, so a trail with such a prefix could never deliver.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it seeks
  if (/[\u0000-\u001f\u007f]/.test(prefix) || prefix.startsWith('/')) {
    return refuse(
      'InvalidS3PrefixException',
      'S3 prefix is not valid: it cannot begin with a slash or contain control characters.',
    );
  }
  return undefined;
}

function checkTopicName(name: string | undefined) {
  if (name === undefined || name === '') return undefined;
  const bare = name.startsWith('arn:') ? (name.split(':')[5] ?? '') : name;
  if (name.length <= 256 && /^[A-Za-z0-9_-]{1,256}(\.fifo)?$/.test(bare)) return undefined;
  return refuse(
    'InvalidSnsTopicNameException',
    `SNS topic name ${name.slice(0, 80)} is not valid. Give a topic name or ARN of at most 256 characters.`,
  );
}

function checkGlobalServiceEvents(input: TrailSettingsInput) {
  return input.IsMultiRegionTrail === true && input.IncludeGlobalServiceEvents === false
    ? refuse(
        'InvalidParameterCombinationException',
        'Multi-Region trail must include global service events.',
      )
    : undefined;
}

const logGroupArnShape = /^arn:aws[a-z-]{0,20}:logs:[a-z0-9-]+:\d{12}:log-group:[^:]{1,512}:\*$/;
const roleArnShape = /^arn:aws[a-z-]{0,20}:iam::\d{12}:role\/.{1,512}$/;

function checkLogGroup({
  CloudWatchLogsLogGroupArn: group,
  CloudWatchLogsRoleArn: role,
}: TrailSettingsInput) {
  if (group && !logGroupArnShape.test(group.slice(0, 800))) {
    return refuse(
      'InvalidCloudWatchLogsLogGroupArnException',
      "Check the log group ARN: CloudTrail can't validate it.",
    );
  }
  if (role && !roleArnShape.test(role.slice(0, 800))) {
    return refuse(
      'InvalidCloudWatchLogsRoleArnException',
      "Check the role ARN: CloudTrail can't validate it.",
    );
  }
  return undefined;
}

/** Both or neither: said of the settings as they will be, after an update is merged. */
export function checkLogGroupHasRole(settings: {
  readonly cloudWatchLogsLogGroupArn?: string;
  readonly cloudWatchLogsRoleArn?: string;
}) {
  if (settings.cloudWatchLogsLogGroupArn && !settings.cloudWatchLogsRoleArn) {
    return refuse(
      'InvalidCloudWatchLogsRoleArnException',
      'You must specify a role ARN as well as a log group.',
    );
  }
  if (settings.cloudWatchLogsRoleArn && !settings.cloudWatchLogsLogGroupArn) {
    return refuse(
      'InvalidCloudWatchLogsLogGroupArnException',
      'You must specify a log group ARN as well as a role ARN.',
    );
  }
  return undefined;
}

const keyIdShape =
  /^(arn:aws[a-z-]{0,20}:kms:[a-z0-9-]+:\d{12}:(key\/[A-Za-z0-9-]{1,128}|alias\/[A-Za-z0-9/_-]{1,250})|alias\/[A-Za-z0-9/_-]{1,250}|[A-Za-z0-9-]{1,128})$/;

function checkKeyId(keyId: string | undefined) {
  if (!keyId || keyIdShape.test(keyId.slice(0, 500))) return undefined;
  return refuse(
    'InvalidKmsKeyIdException',
    `KMS key ${keyId.slice(0, 80)} is not valid. Give a key id, a key ARN, an alias name or an alias ARN.`,
  );
}
