import type { OrganizationStanding } from './organization-trail.ts';
import type { TrailEvent, TrailSettings } from './trail.ts';
import type { TrailSummary } from './trail-quota.ts';

/** 2026-01-02T03:04:05Z. */
export const at = Date.UTC(2026, 0, 2, 3, 4, 5);
export const caller = { account: '123456789012', region: 'us-east-1' };

export const settings: TrailSettings = {
  name: 'audit',
  account: caller.account,
  homeRegion: caller.region,
  s3BucketName: 'logs-of-audit',
  includeGlobalServiceEvents: true,
  isMultiRegionTrail: false,
  isOrganizationTrail: false,
  logFileValidationEnabled: false,
};

export const created: TrailEvent = { type: 'TrailCreated', at, settings };

export const organization: OrganizationStanding = {
  id: 'o-exampleorg1',
  managementAccountId: caller.account,
  delegatedAdministrators: ['222222222222'],
  allFeatures: true,
  trustedAccess: true,
  serviceLinkedRole: true,
};

export function summary(name: string, more: Partial<TrailSummary> = {}): TrailSummary {
  const { account, region: homeRegion } = caller;
  return {
    name,
    account,
    homeRegion,
    isMultiRegionTrail: false,
    isOrganizationTrail: false,
    ...more,
  };
}
