import type { OrganizationFacts, Organizations } from '../../ports/organizations.ts';

/** The one organization of the configuration, or none. The management account is always in it. */
export function configuredOrganizations(
  configured: ConfiguredOrganization | undefined,
): Organizations {
  const facts = configured && factsOf(configured);
  const members = new Set(facts?.accounts.map((account) => account.id));
  return {
    async of(account) {
      return members.has(account) ? facts : undefined;
    },
  };
}

export interface ConfiguredOrganization {
  readonly id: string;
  readonly managementAccountId: string;
  readonly accounts: readonly {
    readonly id: string;
    readonly name?: string;
    readonly email?: string;
  }[];
  readonly delegatedAdministrators: readonly string[];
  readonly allFeatures: boolean;
  readonly trustedAccess: boolean;
  readonly serviceLinkedRole: boolean;
}

function factsOf(configured: ConfiguredOrganization): OrganizationFacts {
  const { managementAccountId: management } = configured;
  const listed = new Map(configured.accounts.map((account) => [account.id, account]));
  if (!listed.has(management)) listed.set(management, { id: management, name: 'Management' });
  const accounts = [...listed.values()].map(({ id, name, email }) => ({
    id,
    name: name ?? `Account ${id}`,
    // AWS has an address for every account; example.com takes no mail (RFC 2606).
    email: email ?? `account-${id}@example.com`,
  }));
  return { ...configured, accounts };
}
