import { type Refusal, refuse } from '../refusal.ts';

export interface OrganizationStanding {
  readonly id: string;
  readonly managementAccountId: string;
  readonly delegatedAdministrators: readonly string[];
  readonly allFeatures: boolean;
  readonly trustedAccess: boolean;
  readonly serviceLinkedRole: boolean;
}

export type OrganizationTrailCode =
  | 'OrganizationsNotInUseException'
  | 'OrganizationNotInAllFeaturesModeException'
  | 'NotOrganizationMasterAccountException'
  | 'CloudTrailAccessNotEnabledException'
  | 'NoManagementAccountSLRExistsException';

/** May `account` have organization trails? Its organization is undefined when it is in none. */
export function checkOrganizationTrail(
  account: string,
  organization: OrganizationStanding | undefined,
): Refusal<OrganizationTrailCode> | undefined {
  if (!organization) {
    return refuse(
      'OrganizationsNotInUseException',
      'Your account is not a member of an organization. Create or join an organization first.',
    );
  }
  if (!organization.allFeatures) {
    return refuse(
      'OrganizationNotInAllFeaturesModeException',
      'AWS Organizations is not in all features mode. Enable all features in your organization.',
    );
  }
  if (!administers(account, organization)) return notAdministrator();
  if (!organization.trustedAccess) {
    return refuse(
      'CloudTrailAccessNotEnabledException',
      'Trusted access for cloudtrail.amazonaws.com is not enabled in your organization.',
    );
  }
  if (!organization.serviceLinkedRole) {
    return refuse(
      'NoManagementAccountSLRExistsException',
      'The management account does not have the CloudTrail service-linked role.',
    );
  }
  return undefined;
}

/** The management account and the delegated administrators look after organization trails. */
export function administers(account: string, organization: OrganizationStanding): boolean {
  return (
    organization.managementAccountId === account ||
    organization.delegatedAdministrators.includes(account)
  );
}

export function notAdministrator(): Refusal<'NotOrganizationMasterAccountException'> {
  return refuse(
    'NotOrganizationMasterAccountException',
    "The account that made the request is not the organization's management account or a delegated administrator.",
  );
}
