import { isRefusal, type Refusal, refuse } from '../refusal.ts';
import type { TrailSelectors } from '../selectors/selectors.ts';
import { administers, notAdministrator, type OrganizationStanding } from './organization-trail.ts';
import type { LiveTrail, TrailEvent, TrailState } from './trail.ts';
import { type TrailReference, trailArn } from './trail-arn.ts';

/** Who wants to see or change which trail, and from where. */
export interface TrailCaller {
  readonly account: string;
  readonly region: string;
  readonly organization?: OrganizationStanding;
}

/** The trail as this caller sees it: their own, or one of their organization. */
export function seeTrail(
  state: TrailState,
  reference: TrailReference,
  caller: TrailCaller,
  /** The trail as the sentence names it: as given, or as its full ARN. */
  named: string,
): LiveTrail | Refusal<'TrailNotFoundException'> {
  const unknown = refuse(
    'TrailNotFoundException',
    `Unknown trail: ${named} for the user: ${caller.account}`,
  );
  if (state.status !== 'live') return unknown;
  if (state.settings.account === caller.account) return state;
  const shared =
    state.settings.isOrganizationTrail &&
    reference.byArn &&
    caller.organization?.id === state.settings.organizationId;
  return shared ? state : unknown;
}

/** The trail, if this caller may change it from the Region they call. */
export function changeableTrail(
  state: TrailState,
  reference: TrailReference,
  caller: TrailCaller,
):
  | LiveTrail
  | Refusal<
      | 'TrailNotFoundException'
      | 'NotOrganizationMasterAccountException'
      | 'InvalidHomeRegionException'
    > {
  const trail = seeTrail(state, reference, caller, trailArn(reference));
  if (isRefusal(trail)) return trail;
  const { settings } = trail;
  if (settings.account !== caller.account) {
    if (!caller.organization || !administers(caller.account, caller.organization)) {
      return notAdministrator();
    }
  }
  if (settings.homeRegion !== caller.region) {
    return refuse(
      'InvalidHomeRegionException',
      `The trail ${trailArn(reference)} can only be changed from its home Region, ${settings.homeRegion}.`,
    );
  }
  return trail;
}

export function decideDeleteTrail(at: number): readonly TrailEvent[] {
  return [{ type: 'TrailDeleted', at }];
}

/** Starting what is started, or stopping what is stopped, succeeds and changes nothing. */
export function decideStartLogging(at: number, trail: LiveTrail): readonly TrailEvent[] {
  return trail.logging ? [] : [{ type: 'LoggingStarted', at }];
}

export function decideStopLogging(at: number, trail: LiveTrail): readonly TrailEvent[] {
  return trail.logging ? [{ type: 'LoggingStopped', at }] : [];
}

/** Putting one kind of selectors replaces the other kind. */
export function decidePutEventSelectors(
  at: number,
  selectors: TrailSelectors,
): readonly TrailEvent[] {
  return [{ type: 'EventSelectorsPut', at, selectors }];
}
