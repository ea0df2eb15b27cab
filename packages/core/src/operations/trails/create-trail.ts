import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import { checkTags, type Tag } from '../../domain/tags/tags.ts';
import {
  type CreateTrailCode,
  decideCreateTrail,
  trimmedPrefix,
} from '../../domain/trails/create-trail.ts';
import { evolveTrail, type TrailState } from '../../domain/trails/trail.ts';
import { trailArn } from '../../domain/trails/trail-arn.ts';
import { checkTrailName } from '../../domain/trails/trail-name.ts';
import { checkTrailSettings } from '../../domain/trails/trail-settings.ts';
import type { Commit } from '../../ports/event-store.ts';
import type { OrganizationFacts } from '../../ports/organizations.ts';
import { trailStream } from '../../workflows/route-table.ts';
import { type Operation, organizationOf } from '../operation.ts';
import { tagsAppend } from '../tags/resource-tags.ts';
import { listRows, loadTrail, trailQuotaRow, trailsOf } from './trail-access.ts';
import { trailFindings } from './trail-findings.ts';
import { settingsOutput } from './trail-output.ts';

/** A trail in the caller's Region. It does not log before StartLogging. */
export const createTrail: Operation<'CreateTrail'> = async (input, call, ports) => {
  const Name = input.Name ?? '';
  const settings = { ...input, S3BucketName: input.S3BucketName ?? '' };
  const tags = tagsOf(input.TagsList);
  const refusal = checkTrailName(Name) ?? checkTrailSettings(settings) ?? checkTags(tags);
  if (refusal) return refusal;
  const organization = input.IsOrganizationTrail ? await organizationOf(call, ports) : undefined;
  const owner = organization?.managementAccountId ?? call.account;
  const place = { account: owner, region: call.region, name: Name };
  const found = await trailFindings(settings, needOf(settings, place, organization), call, ports);

  return ports.streams.change<CreateTrailAnswer>(async () => {
    const quota = await trailQuotaRow(ports.streams, owner);
    const trails = await trailsOf(ports.streams, owner);
    const { version, state } = await loadTrail(ports.streams, place);
    const events = decideCreateTrail(
      { at: call.now, name: Name, caller: call, input: settings, organization, trails, found },
      state,
    );
    if (isRefusal(events)) return { answer: events };
    const after = events.reduce(evolveTrail, state);
    const tagging = await tagsAppend(ports.streams, trailArn(place), tags, call.now);
    const commit: Commit = {
      streams: [{ stream: trailStream(place), expectedVersion: version, events }, ...tagging],
      views: [...listRows(undefined, after), quota],
    };
    return { commit, answer: output(after) };
  });
};

type CreateTrailAnswer = ReturnType<typeof settingsOutput> | Refusal<CreateTrailCode>;

function output(state: TrailState) {
  if (state.status !== 'live') throw new Error('a trail that was just created is not there');
  return settingsOutput(state.settings);
}

function needOf(
  settings: { readonly S3BucketName: string; readonly S3KeyPrefix?: string },
  place: { account: string; region: string; name: string },
  organization: OrganizationFacts | undefined,
) {
  return {
    bucket: settings.S3BucketName,
    prefix: trimmedPrefix(settings.S3KeyPrefix),
    trailArn: trailArn(place),
    account: place.account,
    organizationId: organization?.id,
  };
}

function tagsOf(
  list: readonly { Key: string | undefined; Value?: string }[] | undefined,
): readonly Tag[] {
  return (list ?? []).map(({ Key = '', Value }) => ({ Key, Value }));
}
