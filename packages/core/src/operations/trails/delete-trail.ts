import { isRefusal } from '../../domain/refusal.ts';
import { decideDeleteTrail } from '../../domain/trails/change-trail.ts';
import { trailArn } from '../../domain/trails/trail-arn.ts';
import type { Operation } from '../operation.ts';
import { clearTags } from '../tags/resource-tags.ts';
import { changeTrail } from './trail-access.ts';

/** The bucket and what is in it stay. Records accepted before are still delivered. */
export const deleteTrail: Operation<'DeleteTrail'> = async (input, call, ports) => {
  const deleted = await changeTrail(input.Name ?? '', call, ports, () =>
    decideDeleteTrail(call.now),
  );
  if (isRefusal(deleted)) return deleted;
  const { account, homeRegion: region, name } = deleted.settings;
  await clearTags(ports.streams, trailArn({ account, region, name }), call.now);
  return {};
};
