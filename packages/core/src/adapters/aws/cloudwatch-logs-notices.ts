import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  DescribeLogGroupsCommand,
  PutLogEventsCommand,
  type RejectedLogEventsInfo,
  ResourceAlreadyExistsException,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Neighbours } from '../../ports/neighbours.ts';
import type { LogEventsPut, Notices } from '../../ports/notices.ts';
import { clientSettings, type EndpointOptions, errorCode, perRegion } from './client-settings.ts';

/**
 * Log groups of a CloudWatch Logs endpoint: streams are made when needed, and events written with
 * our own credentials, not with the trail's role. CloudWatch Logs takes no events older than 14
 * days or more than 2 hours ahead: it drops them from a batch that it otherwise takes. Sending
 * again would change nothing, so they count as sent, and `onRejected` hears of them.
 */
export function cloudwatchLogsNotices(
  options: EndpointOptions & { readonly onRejected?: (rejected: RejectedEvents) => void },
): Pick<Notices, 'putLogEvents'> {
  const clientOf = perRegion((region) => new CloudWatchLogsClient(clientSettings(options, region)));
  return {
    async putLogEvents(put) {
      const client = clientOf(put.logGroupArn);
      const logGroupName = groupName(put.logGroupArn);
      const stream = { logGroupName, logStreamName: put.logStream };
      try {
        for (const logEvents of batchesOf(put.events)) {
          const output = await putBatch(client, { ...stream, logEvents });
          const info = output.rejectedLogEventsInfo;
          if (info !== undefined) options.onRejected?.({ ...stream, info });
        }
        return { outcome: 'sent' };
      } catch (error) {
        return { outcome: 'refused', code: errorCode(error), message: (error as Error).message };
      }
    },
  };
}

/** Log groups of a CloudWatch Logs endpoint, as trails ask for them. Rejects without an answer. */
export function cloudwatchLogGroups(options: EndpointOptions): Pick<Neighbours, 'logGroup'> {
  const clientOf = perRegion((region) => new CloudWatchLogsClient(clientSettings(options, region)));
  return {
    async logGroup(arn) {
      const name = groupName(arn);
      if (!/^[\w./#-]{1,512}$/.test(name)) return 'missing';
      // The first in the order of names that begin so is the name itself, when it is there.
      const describe = new DescribeLogGroupsCommand({ logGroupNamePrefix: name, limit: 50 });
      const { logGroups = [] } = await clientOf(arn).send(describe);
      return logGroups.some((group) => group.logGroupName === name) ? 'usable' : 'missing';
    },
  };
}

export interface RejectedEvents {
  readonly logGroupName: string;
  readonly logStreamName: string;
  /** Indexes within one batch. */
  readonly info: RejectedLogEventsInfo;
}

type LogEvents = LogEventsPut['events'];

async function putBatch(
  client: CloudWatchLogsClient,
  batch: { logGroupName: string; logStreamName: string; logEvents: LogEvents },
) {
  const put = new PutLogEventsCommand({ ...batch, logEvents: [...batch.logEvents] });
  try {
    return await client.send(put);
  } catch (error) {
    if (errorCode(error) !== 'ResourceNotFoundException') throw error;
  }
  const { logGroupName, logStreamName } = batch;
  try {
    await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  } catch (error) {
    if (!(error instanceof ResourceAlreadyExistsException)) throw error;
  }
  return client.send(put);
}

/** CloudTrail leaves larger events out; User Guide, sending events to CloudWatch Logs. */
const eventBytesMax = 256 * 1024;
/** PutLogEvents, API reference: at most so much, in the order of time, within 24 hours. */
const batchBytesMax = 1_048_576;
const batchEventsMax = 10_000;
const batchSpanMax = 24 * 3_600_000;
const eventOverheadBytes = 26;

function batchesOf(events: LogEvents): LogEvents[] {
  const batches: LogEvents[number][][] = [];
  let bytes = 0;
  for (const event of [...events].sort((a, b) => a.timestamp - b.timestamp)) {
    const messageBytes = Buffer.byteLength(event.message);
    if (messageBytes > eventBytesMax) continue;
    const size = messageBytes + eventOverheadBytes;
    const batch = batches.at(-1);
    const fits =
      batch !== undefined &&
      bytes + size <= batchBytesMax &&
      batch.length < batchEventsMax &&
      event.timestamp - batch[0]!.timestamp < batchSpanMax;
    if (fits) batch.push(event);
    else batches.push([event]);
    bytes = fits ? bytes + size : size;
  }
  return batches;
}

function groupName(arn: string): string {
  return (arn.split(':log-group:')[1] ?? '').replace(/:\*$/, '');
}
