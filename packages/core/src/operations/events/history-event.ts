import { usernameOf } from '../../domain/events/record-facts.ts';

/** A record as LookupEvents shows it. `record` is JSON that was checked when it was accepted. */
export function historyEvent(record: string) {
  const fields = JSON.parse(record) as RecordFields;
  const { userIdentity, readOnly, eventTime } = fields;
  return {
    EventId: fields.eventID,
    EventName: fields.eventName ?? fields.insightDetails?.eventName,
    ReadOnly: readOnly === undefined ? undefined : String(readOnly),
    AccessKeyId: userIdentity?.accessKeyId || undefined,
    EventTime: new Date(eventTime),
    EventSource: fields.eventSource ?? fields.insightDetails?.eventSource,
    Username: usernameOf(userIdentity as never),
    Resources: (fields.resources ?? []).map((resource) => ({
      ResourceType: resource.type,
      ResourceName: resource.ARN,
    })),
    CloudTrailEvent: record,
  };
}

interface RecordFields {
  readonly eventID: string;
  readonly eventName?: string;
  readonly eventSource?: string;
  readonly eventTime: string;
  readonly readOnly?: boolean;
  readonly userIdentity?: { readonly accessKeyId?: string };
  readonly resources?: readonly { readonly ARN?: string; readonly type?: string }[];
  readonly insightDetails?: { readonly eventName?: string; readonly eventSource?: string };
}
