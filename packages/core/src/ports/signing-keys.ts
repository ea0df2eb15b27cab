/**
 * The RSA-2048 key pairs that sign digests: one per Region at a time, valid for 30 days, the next
 * one starting before the last one ends. Public keys are kept as long as digests may live.
 */
export interface SigningKeys {
  /**
   * Signs with the key that is active in the Region at `at` (milliseconds), making one if need be.
   */
  sign(region: string, at: number, bytes: Buffer): Promise<Signature>;
  /** The fingerprint of the key that `sign` uses for the same Region and time. */
  activeFingerprint(region: string, at: number): Promise<string>;
  /** Every key of the Region whose validity touches [from, to] (milliseconds, inclusive). */
  list(region: string, from: number, to: number): Promise<readonly PublicKeyFacts[]>;
}

export interface Signature {
  /** SHA256withRSA (PKCS#1 v1.5), lower-case hex. */
  readonly signature: string;
  readonly fingerprint: string;
}

export interface PublicKeyFacts {
  /** PKCS#1 RSAPublicKey DER: aws-cli refuses SPKI. */
  readonly value: Buffer;
  /** Lower-case hex MD5 of `value`. */
  readonly fingerprint: string;
  /** Milliseconds since the epoch. */
  readonly validityStart: number;
  readonly validityEnd: number;
}
