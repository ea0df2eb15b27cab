import type { TrailSettings } from '../../domain/trails/trail.ts';
import { trailArn } from '../../domain/trails/trail-arn.ts';

/** What CreateTrail and UpdateTrail answer. Optional members are there only when they are set. */
export function settingsOutput(settings: TrailSettings) {
  const { name, account, homeRegion } = settings;
  return {
    Name: name,
    S3BucketName: settings.s3BucketName,
    S3KeyPrefix: settings.s3KeyPrefix,
    SnsTopicName: settings.snsTopicName,
    SnsTopicARN: settings.snsTopicArn,
    IncludeGlobalServiceEvents: settings.includeGlobalServiceEvents,
    IsMultiRegionTrail: settings.isMultiRegionTrail,
    TrailARN: trailArn({ account, region: homeRegion, name }),
    LogFileValidationEnabled: settings.logFileValidationEnabled,
    CloudWatchLogsLogGroupArn: settings.cloudWatchLogsLogGroupArn,
    CloudWatchLogsRoleArn: settings.cloudWatchLogsRoleArn,
    KmsKeyId: settings.kmsKeyArn,
    IsOrganizationTrail: settings.isOrganizationTrail,
    RecursiveLogging: settings.recursiveLogging,
  };
}
