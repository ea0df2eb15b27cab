/** The S3 buckets that trails deliver to: ours (folders), or any S3. */
export interface ObjectStore {
  bucket(name: string): Promise<BucketFacts | ObjectRefusal>;
  /**
   * Stores the object unless there is one of that key. Resolves when it is durable. `present` is
   * what a repeated delivery gets: keys come from positions, so the bytes are the same.
   */
  putIfAbsent(put: ObjectPut): Promise<{ readonly outcome: 'stored' | 'present' } | ObjectRefusal>;
  get(bucket: string, key: string): Promise<StoredObject | ObjectRefusal>;
  /** Keys in the order of their UTF-8 bytes, at most 1,000. */
  list(
    bucket: string,
    page: { readonly prefix?: string; readonly after?: string; readonly limit?: number },
  ): Promise<readonly string[] | ObjectRefusal>;
}

export interface BucketFacts {
  readonly region: string;
  /** The bucket policy's JSON text; undefined when the bucket has none. */
  readonly policy: string | undefined;
  readonly requesterPays: boolean;
}

export interface ObjectPut {
  readonly bucket: string;
  readonly key: string;
  readonly body: Buffer;
  /** The trail on whose behalf CloudTrail puts it: what a bucket policy calls aws:SourceArn. */
  readonly trailArn?: string;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  /** `x-amz-meta-*`, names without the prefix, lower case. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** `bucket-owner-full-control` for all that CloudTrail delivers. */
  readonly acl?: string;
  /** The KMS key's ARN for SSE-KMS; absent for the bucket's default (SSE-S3). */
  readonly kmsKeyArn?: string;
}

export interface StoredObject {
  readonly body: Buffer;
  readonly metadata: Readonly<Record<string, string>>;
}

/** S3's error code (NoSuchBucket, AccessDenied, SlowDown, ...), or NetworkError. */
export interface ObjectRefusal {
  readonly outcome: 'refused';
  readonly code: string;
  readonly message: string;
}
