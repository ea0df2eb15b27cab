import { isRefusal } from '../../domain/refusal.ts';
import { trimmedPrefix } from '../../domain/trails/create-trail.ts';
import type { TrailSettings } from '../../domain/trails/trail.ts';
import { trailArn } from '../../domain/trails/trail-arn.ts';
import { checkTrailSettings } from '../../domain/trails/trail-settings.ts';
import { decideUpdateTrail } from '../../domain/trails/update-trail.ts';
import type { OrganizationFacts } from '../../ports/organizations.ts';
import type { InputOf } from '../../wire/shapes.ts';
import { type Operation, organizationOf } from '../operation.ts';
import { changeTrail, findChangeableTrail, trailsOf } from './trail-access.ts';
import { type BucketNeed, trailFindings } from './trail-findings.ts';
import { settingsOutput } from './trail-output.ts';

export const updateTrail: Operation<'UpdateTrail'> = async (input, call, ports) => {
  const Name = input.Name ?? '';
  const trail = await findChangeableTrail(Name, call, ports);
  if (isRefusal(trail)) return trail;
  const refusal = checkTrailSettings(input);
  if (refusal) return refusal;
  const { settings } = trail.trail;
  const organization = await organizationOf(call, ports);
  const found = await trailFindings(input, needOf(settings, input, organization), call, ports);
  const changed = await changeTrail(Name, call, ports, async (live) => {
    const otherTrails = (await trailsOf(ports.streams, settings.account)).filter(
      (other) => other.name !== settings.name || other.homeRegion !== settings.homeRegion,
    );
    return decideUpdateTrail(
      { at: call.now, caller: call, input, organization, otherTrails, found },
      live,
    );
  });
  return isRefusal(changed) ? changed : settingsOutput(changed.settings);
};

/** The bucket is asked again when anything changes on which its policy may depend. */
function needOf(
  settings: TrailSettings,
  input: InputOf<'UpdateTrail'>,
  organization: OrganizationFacts | undefined,
): BucketNeed | undefined {
  const { S3BucketName, S3KeyPrefix, IsOrganizationTrail, KmsKeyId } = input;
  const asks = [S3BucketName, S3KeyPrefix, IsOrganizationTrail, KmsKeyId || undefined];
  if (asks.every((member) => member === undefined)) return undefined;
  const { account, homeRegion: region, name } = settings;
  return {
    bucket: S3BucketName ?? settings.s3BucketName,
    prefix: S3KeyPrefix === undefined ? settings.s3KeyPrefix : trimmedPrefix(S3KeyPrefix),
    trailArn: trailArn({ account, region, name }),
    account,
    organizationId:
      (IsOrganizationTrail ?? settings.isOrganizationTrail) ? organization?.id : undefined,
  };
}
