import type { LogEventsPut, NoticeOutcome, Notices } from '../../ports/notices.ts';

/**
 * Webhooks that stand for SNS topics and log groups. A topic's receivers get what an HTTP
 * subscription of SNS gets, without a signature (there is no key that a receiver would trust); a
 * log group's receivers get `{logGroup, logStream, logEvents}`. Where no webhook is configured the
 * notice is sent to nobody, as by a topic without subscribers. With several, all must have it.
 */
export function webhookNotices(options: WebhookNoticesOptions): Notices {
  const urlsOf = (arn: string, kind: 'topicArn' | 'logGroupArn') =>
    options.webhooks.filter((hook) => sameArn(hook[kind], arn)).map((hook) => hook.url);

  return {
    async publish(topicArn, message) {
      const id = options.newId();
      const notification = {
        Type: 'Notification',
        MessageId: id,
        TopicArn: topicArn,
        Message: message,
        Timestamp: new Date(options.now()).toISOString(),
      };
      const headers = {
        'x-amz-sns-message-type': 'Notification',
        'x-amz-sns-message-id': id,
        'x-amz-sns-topic-arn': topicArn,
      };
      const urls = urlsOf(topicArn, 'topicArn');
      return allSent(urls.map((url) => () => post(options, url, headers, notification)));
    },

    async putLogEvents(put) {
      const urls = urlsOf(put.logGroupArn, 'logGroupArn');
      if (urls.length === 0) return { outcome: 'sent' };
      const logGroup = withoutStar(put.logGroupArn).split(':log-group:')[1] ?? put.logGroupArn;
      const posts = batchesOf(put.events).flatMap((logEvents) => {
        const body = { logGroup, logStream: put.logStream, logEvents };
        return urls.map((url) => () => post(options, url, {}, body));
      });
      return allSent(posts);
    },
  };
}

export interface WebhookNoticesOptions {
  readonly webhooks: readonly Webhook[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A UUID for each message. */
  readonly newId: () => string;
  readonly fetch?: typeof fetch;
  /** For one POST with its answer; 10,000 by default. */
  readonly timeLimitMilliseconds?: number;
}

export interface Webhook {
  readonly topicArn?: string;
  readonly logGroupArn?: string;
  readonly url: string;
}

/** CloudTrail leaves larger events out; User Guide, sending events to CloudWatch Logs. */
const eventBytesMax = 256 * 1024;
/** PutLogEvents' own bounds, so that a receiver can hand each POST on as it is. */
const batchBytesMax = 1_048_576;
const batchEventsMax = 10_000;
const eventOverheadBytes = 26;

type LogEvents = LogEventsPut['events'];

function batchesOf(events: LogEvents): LogEvents[] {
  const batches: LogEvents[] = [];
  let batch: LogEvents[number][] = [];
  let bytes = 0;
  for (const event of events) {
    const messageBytes = Buffer.byteLength(event.message);
    if (messageBytes > eventBytesMax) continue;
    const size = messageBytes + eventOverheadBytes;
    if (bytes + size > batchBytesMax || batch.length === batchEventsMax) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(event);
    bytes += size;
  }
  return batch.length > 0 ? [...batches, batch] : batches;
}

/** One after the other, and no more after the first that fails: the caller repeats them all. */
async function allSent(posts: readonly (() => Promise<NoticeOutcome>)[]): Promise<NoticeOutcome> {
  for (const send of posts) {
    const outcome = await send();
    if (outcome.outcome === 'refused') return outcome;
  }
  return { outcome: 'sent' };
}

async function post(
  { fetch: fetchWith = fetch, timeLimitMilliseconds = 10_000 }: WebhookNoticesOptions,
  url: string,
  headers: Readonly<Record<string, string>>,
  content: unknown,
): Promise<NoticeOutcome> {
  try {
    const response = await fetchWith(url, {
      method: 'POST',
      // SNS says text/plain unless told otherwise; JSON is what receivers can read unprepared.
      headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
      body: JSON.stringify(content),
      // A receiver must not be able to send us to another host.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeLimitMilliseconds),
    });
    if (response.ok) {
      await response.body?.cancel();
      return { outcome: 'sent' };
    }
    const answer = await readAtMost(response, answerBytesMax);
    return refused(codeOf(response.status), url, `answered ${response.status} ${answer}`.trim());
  } catch (error) {
    const timedOut = (error as Error).name === 'TimeoutError';
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
    const reason = timedOut ? `did not answer in ${timeLimitMilliseconds} ms` : 'cannot be reached';
    const detail = cause?.code === undefined ? reason : `${reason} (${cause.code})`;
    return refused(timedOut ? 'RequestTimeout' : 'NetworkError', url, detail);
  }
}

const answerBytesMax = 1024;

/** A text of the first bytes; the rest is not waited for. */
async function readAtMost(response: Response, bytesMax: number): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < bytesMax) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    bytes += value.length;
  }
  await reader.cancel();
  const text = Buffer.concat(chunks).subarray(0, bytesMax).toString('utf8');
  return text.replace(/\s+/g, ' ');
}

/** SNS's error codes, which GetTrailStatus shows as LatestNotificationError. */
function codeOf(status: number): string {
  if (status === 401 || status === 403) return 'AuthorizationError';
  if (status === 404 || status === 410) return 'NotFound';
  if (status === 429) return 'Throttled';
  return status >= 500 ? 'InternalError' : 'InvalidParameter';
}

/** Only the host is named: paths and queries of webhooks often hold a secret. */
function refused(code: string, url: string, what: string): NoticeOutcome {
  return { outcome: 'refused', code, message: `The webhook at ${new URL(url).host} ${what}` };
}

function sameArn(configured: string | undefined, arn: string): boolean {
  return configured !== undefined && withoutStar(configured) === withoutStar(arn);
}

function withoutStar(arn: string): string {
  return arn.endsWith(':*') ? arn.slice(0, -2) : arn;
}
