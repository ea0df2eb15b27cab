import { type Refusal, refuse } from '../refusal.ts';

/** CloudTrail quotas: trails per Region; a multi-Region trail counts in every Region. */
export const trailsPerRegionMax = 5;

/** A row of the account's list of trails. */
export interface TrailSummary {
  readonly name: string;
  readonly account: string;
  readonly homeRegion: string;
  readonly isMultiRegionTrail: boolean;
  readonly isOrganizationTrail: boolean;
}

/** May one more trail be in `region`, and in every other Region if it is a multi-Region trail? */
export function checkTrailQuota(
  trails: readonly TrailSummary[],
  wanted: { account: string; region: string; isMultiRegionTrail: boolean },
): Refusal<'MaximumNumberOfTrailsExceededException'> | undefined {
  const homes = wanted.isMultiRegionTrail ? trails.map((trail) => trail.homeRegion) : [];
  for (const region of new Set([wanted.region, ...homes])) {
    const count = trails.filter(
      (trail) => trail.isMultiRegionTrail || trail.homeRegion === region,
    ).length;
    if (count >= trailsPerRegionMax) {
      return refuse(
        'MaximumNumberOfTrailsExceededException',
        `User: ${wanted.account} already has ${trailsPerRegionMax} trails in ${region}.`,
      );
    }
  }
  return undefined;
}
