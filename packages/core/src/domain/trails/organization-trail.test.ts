import { expect, test } from 'vitest';
import { checkOrganizationTrail, type OrganizationStanding } from './organization-trail.ts';
import { caller, organization } from './trail.fixture.ts';

const check = (account: string, more?: Partial<OrganizationStanding>) =>
  checkOrganizationTrail(account, more && { ...organization, ...more })?.refused;

test('the management account and a delegated administrator may have organization trails', () => {
  expect(check(caller.account, {})).toBeUndefined();
  expect(check('222222222222', {})).toBeUndefined();
});

test.each([
  ['no organization', undefined, 'OrganizationsNotInUseException'],
  [
    'only consolidated billing',
    { allFeatures: false },
    'OrganizationNotInAllFeaturesModeException',
  ],
  ['no trusted access', { trustedAccess: false }, 'CloudTrailAccessNotEnabledException'],
  ['no service-linked role', { serviceLinkedRole: false }, 'NoManagementAccountSLRExistsException'],
] as const)('with %s they may not', (_, more, code) => {
  expect(check(caller.account, more)).toBe(code);
});

test('a member may not, and is told so before what its administrators lack', () => {
  expect(check('333333333333', { trustedAccess: false, serviceLinkedRole: false })).toBe(
    'NotOrganizationMasterAccountException',
  );
});
