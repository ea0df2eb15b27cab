import { notDeployable } from './not-deployable.ts';

/** The keys that sign digests. Another change makes them; today there are none. */
export interface Keys {
  /** An asymmetric KMS key (RSA_2048, SIGN_VERIFY). */
  readonly digestKeyArn: SstOutput<string>;
}

export function keys(): Keys {
  return notDeployable('keys (the KMS key that signs digests)');
}
