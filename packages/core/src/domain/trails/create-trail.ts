import { type Refusal, refuse } from '../refusal.ts';
import type { OrganizationTrailCode } from './organization-trail.ts';
import { checkOrganizationTrail, type OrganizationStanding } from './organization-trail.ts';
import type { TrailEvent, TrailSettings, TrailState } from './trail.ts';
import type { TrailDependencyCode } from './trail-dependencies.ts';
import { checkTrailDependencies, type TrailDependencies } from './trail-dependencies.ts';
import { checkTrailQuota, type TrailSummary } from './trail-quota.ts';
import { checkLogGroupHasRole, type TrailSettingsInput } from './trail-settings.ts';

export interface CreateTrail {
  readonly at: number;
  readonly name: string;
  readonly caller: { readonly account: string; readonly region: string };
  readonly input: TrailSettingsInput & { readonly S3BucketName: string };
  /** The caller's organization, asked only for an organization trail. */
  readonly organization?: OrganizationStanding;
  /** The trails of the account that will own this one. */
  readonly trails: readonly TrailSummary[];
  readonly found: TrailDependencies;
}

export type CreateTrailCode =
  | 'TrailAlreadyExistsException'
  | 'MaximumNumberOfTrailsExceededException'
  | 'InvalidCloudWatchLogsLogGroupArnException'
  | 'InvalidCloudWatchLogsRoleArnException'
  | OrganizationTrailCode
  | TrailDependencyCode;

export function decideCreateTrail(
  command: CreateTrail,
  state: TrailState,
): readonly TrailEvent[] | Refusal<CreateTrailCode> {
  const settings = settingsOf(command);
  const refusal =
    checkLogGroupHasRole(settings) ??
    (settings.isOrganizationTrail
      ? checkOrganizationTrail(command.caller.account, command.organization)
      : undefined) ??
    checkAbsent(state, settings) ??
    checkTrailQuota(command.trails, { ...settings, region: settings.homeRegion }) ??
    checkTrailDependencies(settings.s3BucketName, command.found);
  if (refusal) return refusal;
  return [{ type: 'TrailCreated', at: command.at, settings }];
}

function checkAbsent(state: TrailState, { name, account }: TrailSettings) {
  return state.status === 'live'
    ? refuse('TrailAlreadyExistsException', `Trail ${name} already exists for customer: ${account}`)
    : undefined;
}

function settingsOf({ name, caller, input, organization, found }: CreateTrail): TrailSettings {
  const isOrganizationTrail = input.IsOrganizationTrail ?? false;
  const owner = isOrganizationTrail ? organization?.managementAccountId : undefined;
  return {
    name,
    account: owner ?? caller.account,
    homeRegion: caller.region,
    s3BucketName: input.S3BucketName,
    s3KeyPrefix: trimmedPrefix(input.S3KeyPrefix),
    snsTopicName: input.SnsTopicName || undefined,
    snsTopicArn: found.topic?.arn,
    includeGlobalServiceEvents: input.IncludeGlobalServiceEvents ?? true,
    isMultiRegionTrail: input.IsMultiRegionTrail ?? false,
    isOrganizationTrail,
    organizationId: isOrganizationTrail ? organization?.id : undefined,
    logFileValidationEnabled: input.EnableLogFileValidation ?? false,
    cloudWatchLogsLogGroupArn: input.CloudWatchLogsLogGroupArn || undefined,
    cloudWatchLogsRoleArn: input.CloudWatchLogsRoleArn || undefined,
    kmsKeyArn: found.key?.arn,
    recursiveLogging: input.RecursiveLogging,
  };
}

/** aws-cli joins prefix and key with a slash of its own, so none is stored. */
export function trimmedPrefix(prefix: string | undefined): string | undefined {
  return prefix?.replace(/\/+$/, '') || undefined;
}
