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
const retryMinMs = 1000;
const retryMaxMs = 10 * 60_000;
/** As long as EventBridge tries by default; then the notice is given up. */
const keptMs = 24 * 60 * 60_000;
/** What a receiver that does not answer comes to. To wait for it once in a run is enough. */
const silentCodes = new Set(['RequestTimeout', 'NetworkError']);

/**
 * Tells topics and log groups of every log file that was delivered since the last time. The feed
 * of delivery events is the outbox: the cursor moves on only when a notice was sent or put aside to
 * be tried again, so none is lost in a crash; one may be sent twice.
 */
export async function sendNotices(ports: NoticePorts, now: number): Promise<void> {
  const run = { ...ports, now, silent: new Set<string>() };
  await retryNotices(run);
  const { store } = ports.streams;
  for (;;) {
    const cursor = ((await store.view('cursors', cursorKey))?.value as Cursor) ?? { position: 0 };
    const page = await store.since('delivery', cursor.position, pageEvents);
    const receivers = receiversOf(ports.streams);
    for (const recorded of page) await tell(run, receivers, recorded);
    const last = page.at(-1);
    if (!last) return;
    const put = { put: { position: last.position }, partition: 'cursors', key: cursorKey };
    await store.commit({ streams: [], views: [put] });
  }
}

interface Run extends NoticePorts {
  readonly now: number;
  /** ARNs of topics and log groups that did not answer; their other notices are put aside. */
  readonly silent: Set<string>;
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
  /** When it was tried first. */
  readonly since: number;
  readonly attempts: number;
  readonly nextAt: number;
}

type Receiver = 'topic' | 'log-group';

async function tell(
  run: Run,
  receivers: (arn: string) => Promise<readonly Receiver[]>,
  { stream, event }: RecordedEvent,
): Promise<void> {
  const file = event as DeliveryEvent;
  if (file.type !== 'LogFileDelivered') return;
  for (const to of await receivers(chainOfStream(stream).arn)) {
    await attempt(run, { stream, file, to, since: run.now, attempts: 0, nextAt: 0 });
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

async function retryNotices(run: Run): Promise<void> {
  const { store } = run.streams;
  for (let after = '', full = true; full; ) {
    const rows = await store.views('notices', { after, limit: rowsMax });
    for (const row of rows) {
      const waiting = row.value as Waiting;
      if (waiting.nextAt <= run.now) await attempt(run, waiting);
    }
    full = rows.length === rowsMax;
    after = rows.at(-1)?.key ?? after;
  }
}

const rowsMax = 1000;

async function attempt(run: Run, waiting: Waiting): Promise<void> {
  const { streams, now, silent } = run;
  const chain = chainOfStream(waiting.stream);
  const settings = await trailSettings(streams, chain.arn);
  const target = settings && targetOf(settings, waiting.to);
  if (target !== undefined && silent.has(target)) {
    await streams.store.commit({ streams: [], views: [putAside(waiting, now)] });
    return;
  }
  const outcome = settings ? await send(run, settings, chain, waiting) : sent;
  const refused = outcome.outcome === 'refused';
  if (refused && target !== undefined && silentCodes.has(outcome.code)) silent.add(target);
  const attempted = { ...waiting, attempts: waiting.attempts + 1 };
  const again = refused && now - waiting.since < keptMs;
  const row = again ? putAside(attempted, now) : { ...placeOf(waiting), delete: true as const };
  await streams.change(async () => {
    const loaded = await loadDelivery(streams, chain);
    const commit = deliveryCommit(chain, loaded, [eventOf(waiting.to, outcome, now)]);
    return { commit: { ...commit, views: [...(commit.views ?? []), row] }, answer: undefined };
  });
}

function targetOf(settings: TrailSettings, to: Receiver): string | undefined {
  return to === 'topic' ? settings.snsTopicArn : settings.cloudWatchLogsLogGroupArn;
}

function putAside(waiting: Waiting, now: number) {
  const delayMs = Math.min(retryMinMs * 2 ** waiting.attempts, retryMaxMs);
  return { ...placeOf(waiting), put: { ...waiting, nextAt: now + delayMs } };
}

function placeOf({ to, file }: Waiting) {
  return { partition: 'notices', key: `${to}/${file.bucket}/${file.key}` };
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
