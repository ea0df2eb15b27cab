/** The organization that an account is in, as AWS Organizations would answer. */
export interface Organizations {
  /** Undefined when the account is in none. */
  of(account: string): Promise<OrganizationFacts | undefined>;
}

export interface OrganizationFacts {
  /** `o-` and 10 to 32 lower-case letters or digits. */
  readonly id: string;
  readonly managementAccountId: string;
  readonly accounts: readonly {
    readonly id: string;
    readonly name: string;
    readonly email: string;
  }[];
  readonly delegatedAdministrators: readonly string[];
  readonly allFeatures: boolean;
  /** Trusted access for cloudtrail.amazonaws.com. */
  readonly trustedAccess: boolean;
  readonly serviceLinkedRole: boolean;
}
