import { randomUUID } from 'node:crypto';
import { account, ask, homeRegion } from './endpoint.ts';

/** Keeps account of what was sent and of what the server said yes to. */
export function sender(eventName: string): Sender {
  const sent = new Set<string>();
  const acknowledged = new Set<string>();
  return {
    sent,
    acknowledged,
    async send(endpoint, count, options = {}) {
      const ids = Array.from({ length: count }, () => randomUUID());
      for (const id of ids) sent.add(id);
      const records = ids.map((id) => recordOf(id, eventName, options));
      const body = JSON.stringify({ Records: records });
      const answer = await ask(endpoint, 'POST', 'events', body);
      if (answer?.status !== 200) return { status: answer?.status, ids, body };
      const { accepted } = JSON.parse(answer.text) as { accepted: number };
      if (accepted !== count) throw new Error(`${accepted} of ${count} accepted: ${answer.text}`);
      for (const id of ids) acknowledged.add(id);
      return { status: 200, ids, body };
    },
  };
}

export interface Sender {
  readonly sent: ReadonlySet<string>;
  readonly acknowledged: ReadonlySet<string>;
  /** The status is undefined when no answer came. */
  send(endpoint: string, count: number, options?: RecordOptions): Promise<Sent>;
}

export interface Sent {
  readonly status: number | undefined;
  readonly ids: readonly string[];
  /** The request's body, to be sent again. */
  readonly body: string;
}

export interface RecordOptions {
  readonly region?: string;
  readonly account?: string;
  /** Characters that the record carries beside what it needs. */
  readonly padding?: number;
  /** ISO 8601; the host's time unless given. */
  readonly time?: string;
}

function recordOf(eventID: string, eventName: string, options: RecordOptions): object {
  const owner = options.account ?? account;
  return {
    eventVersion: '1.11',
    eventID,
    eventTime: `${(options.time ?? new Date().toISOString()).slice(0, 19)}Z`,
    eventName,
    eventSource: 'ec2.amazonaws.com',
    awsRegion: options.region ?? homeRegion,
    recipientAccountId: owner,
    eventCategory: 'Management',
    managementEvent: true,
    readOnly: false,
    eventType: 'AwsApiCall',
    userIdentity: { type: 'IAMUser', userName: 'tester', accountId: owner },
    requestParameters: options.padding ? { padding: 'x'.repeat(options.padding) } : null,
  };
}

/** What is wrong with what arrived: `nothingWrong` when all that was acknowledged is there once. */
export function accountFor(
  from: Pick<Sender, 'sent' | 'acknowledged'>,
  arrived: readonly string[],
) {
  const times = new Map<string, number>();
  for (const id of arrived) if (from.sent.has(id)) times.set(id, (times.get(id) ?? 0) + 1);
  const lost = [...from.acknowledged].filter((id) => !times.has(id));
  const twice = [...times].filter(([, count]) => count > 1).map(([id]) => id);
  const examples = [...lost.slice(0, 3), ...twice.slice(0, 3)];
  return { lost: lost.length, twice: twice.length, examples };
}

export const nothingWrong = { lost: 0, twice: 0, examples: [] };
