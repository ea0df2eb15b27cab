/** What CreateTrail and UpdateTrail ask of SNS, KMS, CloudWatch Logs and IAM before they decide. */
export interface Neighbours {
  /** `nameOrArn` as the caller gave it; the ARN it stands for when CloudTrail may publish there. */
  topic(nameOrArn: string, caller: Caller): Promise<TopicFacts>;
  /** A key id, key ARN, alias name or alias ARN. */
  key(keyId: string, caller: Caller): Promise<KeyFacts>;
  logGroup(arn: string): Promise<'usable' | 'missing'>;
  /** May CloudTrail assume the role, and may the role write to the group's streams? */
  role(arn: string, logGroupArn: string): Promise<'usable' | 'not-trusted' | 'not-permitted'>;
}

export interface Caller {
  readonly account: string;
  readonly region: string;
}

export type TopicFacts = { readonly arn: string; readonly state: 'usable' | 'missing' | 'denied' };

export type KeyFacts = {
  readonly arn: string;
  readonly region: string;
  readonly state: 'usable' | 'missing' | 'disabled' | 'denied';
};
