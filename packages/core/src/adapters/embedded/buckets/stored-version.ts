/** One version of an object, or a delete marker, as the index knows it. */
export interface StoredVersion {
  readonly key: string;
  /** Grows with each version of the key. */
  readonly seq: number;
  /** `null` for what was stored while the bucket kept no versions. */
  readonly version: string;
  readonly latest: boolean;
  readonly deleteMarker: boolean;
  readonly sizeBytes: number;
  /** Without quotes: hex MD5, with `-N` after a multipart upload of N parts. */
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
  /** Under the bucket's folder. */
  readonly path: string;
  readonly facts: ObjectFacts;
  readonly tags: readonly Tag[];
}

/** What a put states about an object besides its bytes. */
export interface ObjectFacts {
  /** Lower-case names: content-type, content-encoding, cache-control, expires, ... */
  readonly headers?: Readonly<Record<string, string>>;
  /** Names without `x-amz-meta-`, lower case. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly storageClass?: string;
  /** A canned ACL. */
  readonly acl?: string;
  readonly encryption?: ObjectEncryption;
  readonly checksum?: ObjectChecksum;
  /** Of a multipart upload, in order. */
  readonly parts?: readonly PartFacts[];
}

export interface ObjectEncryption {
  /** `AES256`, `aws:kms` or `aws:kms:dsse`. */
  readonly algorithm: string;
  readonly kmsKeyId?: string;
  readonly bucketKey?: boolean;
}

export interface ObjectChecksum {
  /** CRC32, CRC32C, CRC64NVME, SHA1 or SHA256. */
  readonly algorithm: string;
  /** Base64; `-N` after it when it is made of N parts' checksums. */
  readonly value: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

export interface PartFacts {
  readonly number: number;
  readonly sizeBytes: number;
  readonly checksum?: string;
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}
