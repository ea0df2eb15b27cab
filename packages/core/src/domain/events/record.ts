/**
 * What a consumer of records needs to know about a CloudTrail record without parsing it again.
 * Field names are the record's own; a field that the record lacks is undefined.
 * Source: CloudTrail User Guide, "CloudTrail record contents".
 */
export interface RecordFacts {
  readonly eventID: string;
  /** Milliseconds since the epoch. */
  readonly eventTime: number;
  readonly eventName: string;
  readonly eventSource: string;
  readonly awsRegion: string;
  readonly recipientAccountId: string;
  readonly eventCategory: EventCategory;
  readonly eventType: string;
  readonly readOnly: boolean | undefined;
  readonly errorCode: string | undefined;
  readonly vpcEndpointId: string | undefined;
  /** The string "true" or absent, as in the record. */
  readonly sessionCredentialFromConsole: string | undefined;
  readonly userIdentityArn: string | undefined;
  readonly accessKeyId: string | undefined;
  /** As LookupEvents shows it: the IAM user, the role session's name, or `root`. */
  readonly username: string | undefined;
  readonly resources: readonly RecordResource[];
}

export interface RecordResource {
  readonly arn: string | undefined;
  readonly type: string | undefined;
}

export type EventCategory = 'Management' | 'Data' | 'NetworkActivity' | 'Insight';

/**
 * Records side by side in one buffer, each as compact JSON, one comma between neighbours, so that
 * any run of neighbours can be copied into a log file's `Records` array as it stands.
 */
export interface RecordBatch {
  readonly bytes: Buffer;
  readonly records: readonly RecordSpan[];
}

/** `bytes[start, end)` is the record. */
export interface RecordSpan {
  readonly start: number;
  readonly end: number;
  readonly facts: RecordFacts;
}

/** A record of 256 KB at most; CloudTrail User Guide, record contents, since eventVersion 1.05. */
export const recordBytesMax = 256 * 1024;
