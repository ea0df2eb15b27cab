/** Where notices go: SNS topics and CloudWatch Logs groups, or the webhooks that stand for them. */
export interface Notices {
  /** Resolves with `sent` once the receiver has it; a receiver may get a message twice. */
  publish(topicArn: string, message: string): Promise<NoticeOutcome>;
  /** Messages of one log stream, oldest first; the adapter splits them to the receiver's limits. */
  putLogEvents(put: LogEventsPut): Promise<NoticeOutcome>;
}

export interface LogEventsPut {
  readonly logGroupArn: string;
  readonly roleArn: string;
  readonly logStream: string;
  readonly events: readonly { readonly timestamp: number; readonly message: string }[];
}

export type NoticeOutcome =
  | { readonly outcome: 'sent' }
  | { readonly outcome: 'refused'; readonly code: string; readonly message: string };
