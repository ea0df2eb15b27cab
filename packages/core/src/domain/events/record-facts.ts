import type { EventCategory, RecordFacts, RecordResource } from './record.ts';

type Json = Readonly<Record<string, unknown>>;

/** The facts of a record that is complete. Insights carry name and source in insightDetails. */
export function factsOf(record: Json, eventTime: number): RecordFacts {
  const identity = objectOf(record['userIdentity']);
  const insight = objectOf(record['insightDetails']);
  return {
    eventID: record['eventID'] as string,
    eventTime,
    eventName: text(record['eventName']) ?? text(insight?.['eventName']) ?? '',
    eventSource: text(record['eventSource']) ?? text(insight?.['eventSource']) ?? '',
    awsRegion: record['awsRegion'] as string,
    recipientAccountId: record['recipientAccountId'] as string,
    eventCategory: record['eventCategory'] as EventCategory,
    eventType: record['eventType'] as string,
    readOnly: typeof record['readOnly'] === 'boolean' ? record['readOnly'] : undefined,
    errorCode: text(record['errorCode']),
    vpcEndpointId: text(record['vpcEndpointId']),
    sessionCredentialFromConsole: text(record['sessionCredentialFromConsole']),
    userIdentityArn: text(identity?.['arn']),
    accessKeyId: text(identity?.['accessKeyId']) || undefined,
    username: usernameOf(identity),
    resources: resourcesOf(record['resources']),
  };
}

/**
 * Whom LookupEvents names: the IAM user's name, `root`, a role's session name; for the other types
 * userName, or what follows the last `:` of principalId, or nobody.
 */
export function usernameOf(identity: Json | undefined): string | undefined {
  if (identity === undefined) return undefined;
  const type = identity['type'];
  if (type === 'Root') return 'root';
  if (type !== 'AssumedRole') {
    const userName = text(identity['userName']);
    if (userName !== undefined) return userName;
  }
  const session = after(text(identity['principalId']), ':');
  if (session !== undefined || type !== 'AssumedRole') return session;
  return after(text(identity['arn']), '/');
}

function after(value: string | undefined, mark: string): string | undefined {
  if (value === undefined) return undefined;
  const at = value.lastIndexOf(mark);
  return at === -1 || at === value.length - 1 ? undefined : value.slice(at + 1);
}

function resourcesOf(value: unknown): readonly RecordResource[] {
  if (!Array.isArray(value) || value.length === 0) return none;
  return value.map((resource: Json) => ({
    arn: text(resource['ARN']),
    type: text(resource['type']),
  }));
}

const none: readonly RecordResource[] = Object.freeze([]);

function objectOf(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
