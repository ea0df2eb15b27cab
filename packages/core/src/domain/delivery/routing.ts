import type { RecordFacts } from '../events/record.ts';
import { compileSelectors } from '../selectors/compile-selectors.ts';
import type { TrailSelectors } from '../selectors/selectors.ts';
import type { TrailSettings } from '../trails/trail.ts';

/** A trail that is logging, as it stood when a record was accepted. */
export interface Route {
  readonly arn: string;
  readonly settings: TrailSettings;
  readonly selectors: TrailSelectors;
}

/**
 * Trails that want exactly the same records of one account and Region: their files are the same.
 */
export interface RouteGroup {
  readonly wants: (facts: RecordFacts) => boolean;
  readonly routes: readonly Route[];
}

/** Where a record of the account and Region may go. `organizationId` is the account's. */
export function routeGroups(
  routes: Iterable<Route>,
  account: string,
  region: string,
  organizationId: string | undefined,
): readonly RouteGroup[] {
  const groups = new Map<string, Route[]>();
  for (const route of routes) {
    if (!reaches(route.settings, account, region, organizationId)) continue;
    const key = selectionKey(route, region);
    groups.set(key, [...(groups.get(key) ?? []), route]);
  }
  return [...groups.values()].map((group) => ({
    wants: predicate(group[0]!, region),
    routes: group,
  }));
}

function reaches(
  settings: TrailSettings,
  account: string,
  region: string,
  organizationId: string | undefined,
): boolean {
  const whose =
    settings.account === account ||
    (settings.isOrganizationTrail && settings.organizationId === organizationId);
  return whose && (settings.isMultiRegionTrail || settings.homeRegion === region);
}

function selectionKey(route: Route, region: string): string {
  return JSON.stringify([leavesGlobalEventsOut(route, region), route.selectors]);
}

function predicate(route: Route, region: string): (facts: RecordFacts) => boolean {
  const selected = compileSelectors(route.selectors);
  const leavesOut = leavesGlobalEventsOut(route, region);
  const insights = logsManagementWrites(route.selectors);
  return (facts) => {
    // Insights events come of what a trail logs, not of its selectors.
    if (facts.eventCategory === 'Insight') return insights;
    return selected(facts) && !(leavesOut && globalServices.has(facts.eventSource));
  };
}

/** Global services are recorded in the Region that leads the partition. */
const leadingRegions = new Set(['us-east-1', 'us-gov-west-1', 'cn-north-1']);
const globalServices = new Set([
  'iam.amazonaws.com',
  'sts.amazonaws.com',
  'cloudfront.amazonaws.com',
]);

function leavesGlobalEventsOut(route: Route, region: string): boolean {
  return !route.settings.includeGlobalServiceEvents && leadingRegions.has(region);
}

/** Insights are drawn from write management events, so they go where those go. */
function logsManagementWrites(selectors: TrailSelectors): boolean {
  if (selectors.kind === 'basic') {
    return selectors.selectors.some(
      (selector) => selector.IncludeManagementEvents && selector.ReadWriteType !== 'ReadOnly',
    );
  }
  return selectors.selectors.some((selector) => {
    const values = (field: string) =>
      selector.FieldSelectors?.find((one) => one.Field === field)?.Equals ?? [];
    return values('eventCategory').includes('Management') && !values('readOnly').includes('true');
  });
}
