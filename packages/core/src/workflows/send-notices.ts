import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { DeliveryEvent, LogFileDelivered } from '../domain/delivery/delivery.ts';
import type { TrailSettings } from '../domain/trails/trail.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import type { NoticeOutcome, Notices } from '../ports/notices.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Streams } from '../streams/streams.ts';
import { type Chain, chainOfStream, deliveryCommit, loadDelivery } from './delivery-streams.ts';
import { trailSettings } from './trail-settings.ts';

export interface NoticePorts {
  readonly streams: Streams;
  readonly objects: ObjectStore;
  readonly notices: Notices;
}

const pageEvents = 200;
const attemptsMax = 20;
const retryMinMs = 1000;
const retryMaxMs = 10 * 60_000;

/**
 * Tells topics and log groups of every log file that was delivered since the last time. The feed
 * of delivery events is the outbox: the cursor moves on only when a notice was sent or put aside to
 * be tried again, so none is lost in a crash; one may be sent twice.
 */
export async function sendNotices(ports: NoticePorts, now: number): Promise<void> {
  await retryNotices(ports, now);
  const { store } = ports.streams;
  for (;;) {
    const cursor = ((await store.view('cursors', cursorKey))?.value as Cursor) ?? { position: 0 };
    const page = await store.since('delivery', cursor.position, pageEvents);
    const receivers = receiversOf(ports.streams);
    for (const recorded of page) await tell(ports, receivers, recorded, now);
    const last = page.at(-1);
    if (!last) return;
    const put = { put: { position: last.position }, partition: 'cursors', key: cursorKey };
    await store.commit({ streams: [], views: [put] });
  }
}

interface Cursor {
  readonly position: number;
}

const cursorKey = 'send-notices';

/** A notice that was refused, and when it is tried again. */
interface Waiting {
  readonly stream: string;
  readonly file: LogFileDelivered;
  readonly to: Receiver;
  readonly attempts: number;
  readonly nextAt: number;
}

type Receiver = 'topic' | 'log-group';

async function tell(
  ports: NoticePorts,
  receivers: (arn: string) => Promise<readonly Receiver[]>,
  recorded: RecordedEvent,
  now: number,
): Promise<void> {
  const event = recorded.event as DeliveryEvent;
  if (event.type !== 'LogFileDelivered') return;
  for (const to of await receivers(chainOfStream(recorded.stream).arn)) {
    await attempt(ports, first(recorded.stream, event, to), now);
  }
}

/** Most trails tell nobody, and a page holds many files of few trails: each is asked once. */
function receiversOf(streams: Streams): (arn: string) => Promise<readonly Receiver[]> {
  const known = new Map<string, readonly Receiver[]>();
  return async (arn) => {
    const found = known.get(arn);
    if (found) return found;
    const settings = await trailSettings(streams, arn);
    const topic: readonly Receiver[] = settings?.snsTopicArn ? ['topic'] : [];
    const logGroup: readonly Receiver[] = settings?.cloudWatchLogsLogGroupArn ? ['log-group'] : [];
    const receivers = [...topic, ...logGroup];
    known.set(arn, receivers);
    return receivers;
  };
}

function first(stream: string, file: LogFileDelivered, to: Receiver): Waiting {
  return { stream, file, to, attempts: 0, nextAt: 0 };
}

async function retryNotices(ports: NoticePorts, now: number): Promise<void> {
  for (const row of await ports.streams.store.views('notices')) {
    const waiting = row.value as Waiting;
    if (waiting.nextAt <= now) await attempt(ports, waiting, now);
  }
}

async function attempt(ports: NoticePorts, waiting: Waiting, now: number): Promise<void> {
  const chain = chainOfStream(waiting.stream);
  const settings = await trailSettings(ports.streams, chain.arn);
  const outcome = settings ? await send(ports, settings, chain, waiting) : sent;
  const attempts = waiting.attempts + 1;
  const again = outcome.outcome === 'refused' && attempts < attemptsMax;
  const delayMs = Math.min(retryMinMs * 2 ** attempts, retryMaxMs);
  const key = `${waiting.to}/${waiting.file.bucket}/${waiting.file.key}`;
  const row = again
    ? { put: { ...waiting, attempts, nextAt: now + delayMs }, partition: 'notices', key }
    : { delete: true as const, partition: 'notices', key };
  await ports.streams.change(async () => {
    const loaded = await loadDelivery(ports.streams, chain);
    const commit = deliveryCommit(chain, loaded, [eventOf(waiting.to, outcome, now)]);
    return { commit: { ...commit, views: [...(commit.views ?? []), row] }, answer: undefined };
  });
}

const sent: NoticeOutcome = { outcome: 'sent' };

function eventOf(to: Receiver, outcome: NoticeOutcome, at: number): DeliveryEvent {
  if (outcome.outcome === 'sent') {
    return { type: to === 'topic' ? 'NotificationSent' : 'LogEventsSent', at };
  }
  const type = to === 'topic' ? 'NotificationRefused' : 'LogEventsRefused';
  return { type, at, code: outcome.code };
}

async function send(
  ports: NoticePorts,
  settings: TrailSettings,
  chain: Chain,
  { file, to }: Waiting,
): Promise<NoticeOutcome> {
  if (to === 'topic') {
    if (!settings.snsTopicArn) return sent;
    const message = JSON.stringify({ s3Bucket: file.bucket, s3ObjectKey: [file.key] });
    return ports.notices.publish(settings.snsTopicArn, message);
  }
  const { cloudWatchLogsLogGroupArn: logGroupArn, cloudWatchLogsRoleArn: roleArn } = settings;
  if (!logGroupArn || !roleArn) return sent;
  const object = await ports.objects.get(file.bucket, file.key);
  if ('outcome' in object) return object;
  const owner = settings.isOrganizationTrail ? `${settings.organizationId}_` : '';
  const logStream = `${owner}${chain.account}_CloudTrail_${chain.region}`;
  const events = await logEvents(object.body);
  return ports.notices.putLogEvents({ logGroupArn, roleArn, logStream, events });
}

const gunzipAsync = promisify(gunzip);
const logFileBytesMax = 64 * 1024 * 1024;

async function logEvents(body: Buffer) {
  const document = await gunzipAsync(body, { maxOutputLength: logFileBytesMax });
  const { Records } = JSON.parse(document.toString()) as { Records: { eventTime: string }[] };
  return Records.map((record) => ({
    timestamp: Date.parse(record.eventTime),
    message: JSON.stringify(record),
  })).sort((one, other) => one.timestamp - other.timestamp);
}
