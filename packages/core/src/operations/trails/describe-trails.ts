import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { LiveTrail } from '../../domain/trails/trail.ts';
import type { CallContext, Operation, OperationPorts } from '../operation.ts';
import { describedTrail } from './described-trail.ts';
import { findTrail, loadTrail, visibleTrails } from './trail-access.ts';

/** Names that nobody knows are left out: DescribeTrails has no TrailNotFoundException. */
export const describeTrails: Operation<'DescribeTrails'> = async (input, call, ports) => {
  const names = input.trailNameList ?? [];
  if (names.length === 0) {
    const trails = await trailsHere(call, ports, input.includeShadowTrails ?? true);
    return { trailList: trails.map(describedTrail) };
  }
  const trailList = new Map<string, ReturnType<typeof describedTrail>>();
  for (const name of names) {
    const found = await findTrail(name, call, ports);
    if (isRefusal(found)) {
      const { refused, message } = found;
      if (refused === 'TrailNotFoundException') continue;
      return refuse(refused, message);
    }
    const trail = describedTrail(found.trail);
    trailList.set(trail.TrailARN, trail);
  }
  return { trailList: [...trailList.values()] };
};

/** The Region's own trails and the shadows of multi-Region trails whose home is elsewhere. */
async function trailsHere(
  call: CallContext,
  ports: OperationPorts,
  shadows: boolean,
): Promise<readonly LiveTrail[]> {
  const trails: LiveTrail[] = [];
  for (const summary of await visibleTrails(call, ports)) {
    const atHome = summary.homeRegion === call.region;
    if (!atHome && !(shadows && summary.isMultiRegionTrail)) continue;
    const { account, homeRegion: region, name } = summary;
    const { state } = await loadTrail(ports.streams, { account, region, name });
    if (state.status === 'live') trails.push(state);
  }
  return trails;
}
