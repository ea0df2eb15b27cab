import { type Refusal, refuse } from '../refusal.ts';
import { trimmedPrefix } from './create-trail.ts';
import {
  checkOrganizationTrail,
  notAdministrator,
  type OrganizationStanding,
  type OrganizationTrailCode,
} from './organization-trail.ts';
import type { LiveTrail, TrailEvent, TrailSettings } from './trail.ts';
import {
  checkTrailDependencies,
  type TrailDependencies,
  type TrailDependencyCode,
} from './trail-dependencies.ts';
import { checkTrailQuota, type TrailSummary } from './trail-quota.ts';
import { checkLogGroupHasRole, type TrailSettingsInput } from './trail-settings.ts';

export interface UpdateTrail {
  readonly at: number;
  readonly caller: { readonly account: string; readonly region: string };
  readonly input: TrailSettingsInput;
  readonly organization?: OrganizationStanding;
  /** The other trails of the account that owns this one. */
  readonly otherTrails: readonly TrailSummary[];
  readonly found: TrailDependencies;
}

export type UpdateTrailCode =
  | 'OperationNotPermittedException'
  | 'InvalidParameterCombinationException'
  | 'InvalidCloudWatchLogsLogGroupArnException'
  | 'InvalidCloudWatchLogsRoleArnException'
  | OrganizationTrailCode
  | TrailDependencyCode;

/** A partial update: what is absent stays, an empty string clears. */
export function decideUpdateTrail(
  command: UpdateTrail,
  trail: LiveTrail,
): readonly TrailEvent[] | Refusal<UpdateTrailCode> {
  const before = trail.settings;
  const settings = merge(before, command);
  const refusal =
    checkGlobalServiceEvents(settings, command.input) ??
    checkLogGroupHasRole(settings) ??
    checkConversion(before, settings, command) ??
    checkRoomElsewhere(before, settings, command.otherTrails) ??
    checkTrailDependencies(settings.s3BucketName, withKeyOf(settings, command.found));
  if (refusal) return refusal;
  return [{ type: 'TrailUpdated', at: command.at, settings }];
}

function merge(before: TrailSettings, { input, found, organization }: UpdateTrail): TrailSettings {
  const isMultiRegionTrail = input.IsMultiRegionTrail ?? before.isMultiRegionTrail;
  const isOrganizationTrail = input.IsOrganizationTrail ?? before.isOrganizationTrail;
  return {
    ...before,
    s3BucketName: input.S3BucketName ?? before.s3BucketName,
    s3KeyPrefix: updated(trimmedPrefix(input.S3KeyPrefix), input.S3KeyPrefix, before.s3KeyPrefix),
    snsTopicName: updated(input.SnsTopicName, input.SnsTopicName, before.snsTopicName),
    snsTopicArn: updated(found.topic?.arn, input.SnsTopicName, before.snsTopicArn),
    includeGlobalServiceEvents: globalServiceEvents(before, input),
    isMultiRegionTrail,
    isOrganizationTrail,
    organizationId: isOrganizationTrail ? (before.organizationId ?? organization?.id) : undefined,
    logFileValidationEnabled: input.EnableLogFileValidation ?? before.logFileValidationEnabled,
    cloudWatchLogsLogGroupArn: updated(
      input.CloudWatchLogsLogGroupArn,
      input.CloudWatchLogsLogGroupArn,
      before.cloudWatchLogsLogGroupArn,
    ),
    cloudWatchLogsRoleArn: updated(
      input.CloudWatchLogsRoleArn,
      input.CloudWatchLogsRoleArn,
      before.cloudWatchLogsRoleArn,
    ),
    kmsKeyArn: updated(found.key?.arn, input.KmsKeyId, before.kmsKeyArn),
    recursiveLogging: input.RecursiveLogging ?? before.recursiveLogging,
  };
}

function updated(value: string | undefined, given: string | undefined, before?: string) {
  return given === undefined ? before : value || undefined;
}

/**
 * Going to every Region turns global service events on; coming back to one turns them off unless
 * the caller says otherwise (API reference, UpdateTrail).
 */
function globalServiceEvents(before: TrailSettings, input: TrailSettingsInput): boolean {
  if (input.IncludeGlobalServiceEvents !== undefined) return input.IncludeGlobalServiceEvents;
  const after = input.IsMultiRegionTrail ?? before.isMultiRegionTrail;
  return after === before.isMultiRegionTrail ? before.includeGlobalServiceEvents : after;
}

function checkGlobalServiceEvents(settings: TrailSettings, input: TrailSettingsInput) {
  return settings.isMultiRegionTrail && input.IncludeGlobalServiceEvents === false
    ? refuse(
        'InvalidParameterCombinationException',
        'Multi-Region trail must include global service events.',
      )
    : undefined;
}

/** Only the management account turns a trail into an organization trail or back. */
function checkConversion(before: TrailSettings, after: TrailSettings, command: UpdateTrail) {
  if (before.isOrganizationTrail === after.isOrganizationTrail) return undefined;
  const { account } = command.caller;
  if (!after.isOrganizationTrail) {
    return before.account === account ? undefined : notAdministrator();
  }
  const refusal = checkOrganizationTrail(account, command.organization);
  if (refusal) return refusal;
  return command.organization?.managementAccountId === account ? undefined : notAdministrator();
}

/** A key that the trail has already must be in the Region of a new bucket too. */
function withKeyOf({ kmsKeyArn: arn }: TrailSettings, found: TrailDependencies): TrailDependencies {
  if (found.key || !arn) return found;
  const [, , , region = ''] = arn.split(':');
  return { ...found, key: { arn, region, state: 'usable' } };
}

/** UpdateTrail lists no exception for the quota, so the nearest one that it lists carries it. */
function checkRoomElsewhere(
  before: TrailSettings,
  after: TrailSettings,
  otherTrails: readonly TrailSummary[],
) {
  if (before.isMultiRegionTrail || !after.isMultiRegionTrail) return undefined;
  const full = checkTrailQuota(otherTrails, { ...after, region: after.homeRegion });
  return full && refuse('OperationNotPermittedException', full.message);
}
