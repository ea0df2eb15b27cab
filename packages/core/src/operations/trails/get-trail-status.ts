import type { Attempt, DeliveryState } from '../../domain/delivery/delivery.ts';
import { secondTime } from '../../domain/delivery/log-file.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { LiveTrail } from '../../domain/trails/trail.ts';
import { trailArn } from '../../domain/trails/trail-arn.ts';
import type { OutputOf } from '../../wire/shapes.ts';
import { chainsOf, loadDelivery } from '../../workflows/delivery-streams.ts';
import type { Operation, OperationPorts } from '../operation.ts';
import { findTrail } from './trail-access.ts';

/** How the trail fares in the Region that is asked. */
export const getTrailStatus: Operation<'GetTrailStatus'> = async (input, call, ports) => {
  const found = await findTrail(input.Name ?? '', call, ports);
  if (isRefusal(found)) return found;
  const { trail, reference } = found;
  const arn = trailArn(reference);
  const own = trail.settings.account === call.account;
  const account = own ? undefined : call.account;
  return statusOf(trail, await latestIn(ports, arn, call.region, account));
};

type Latest = DeliveryState['latest'];

/** The latest attempts over the accounts that deliver in the Region; a member sees its own. */
async function latestIn(
  ports: OperationPorts,
  arn: string,
  region: string,
  account: string | undefined,
): Promise<Latest> {
  const chains = (await chainsOf(ports.streams, arn)).filter(
    (chain) => chain.region === region && (account === undefined || chain.account === account),
  );
  let latest: Latest = {};
  for (const chain of chains) {
    const state = (await loadDelivery(ports.streams, chain)).state;
    latest = {
      delivery: later(latest.delivery, state.latest.delivery),
      digest: later(latest.digest, state.latest.digest),
      notification: later(latest.notification, state.latest.notification),
      logEvents: later(latest.logEvents, state.latest.logEvents),
    };
  }
  return latest;
}

function later(one: Attempt | undefined, other: Attempt | undefined): Attempt | undefined {
  if (!one || !other) return one ?? other;
  return other.attemptedAt > one.attemptedAt ? other : one;
}

/** The four strings at the end are no longer in use, but are answered still. */
function statusOf(trail: LiveTrail, latest: Latest): OutputOf<'GetTrailStatus'> {
  const { delivery, digest, notification, logEvents } = latest;
  return {
    IsLogging: trail.logging,
    LatestDeliveryError: delivery?.error,
    LatestDeliveryTime: date(delivery?.succeededAt),
    LatestNotificationError: notification?.error,
    LatestNotificationTime: date(notification?.succeededAt),
    StartLoggingTime: date(trail.startedAt),
    StopLoggingTime: date(trail.stoppedAt),
    LatestCloudWatchLogsDeliveryError: logEvents?.error,
    LatestCloudWatchLogsDeliveryTime: date(logEvents?.succeededAt),
    LatestDigestDeliveryError: digest?.error,
    LatestDigestDeliveryTime: date(digest?.succeededAt),
    LatestDeliveryAttemptTime: text(delivery?.attemptedAt),
    LatestNotificationAttemptTime: text(notification?.attemptedAt),
    LatestNotificationAttemptSucceeded: text(notification?.succeededAt),
    LatestDeliveryAttemptSucceeded: text(delivery?.succeededAt),
    TimeLoggingStarted: text(trail.startedAt),
    TimeLoggingStopped: text(trail.stoppedAt),
  };
}

function date(at: number | undefined): Date | undefined {
  return at === undefined ? undefined : new Date(at);
}

function text(at: number | undefined): string {
  return at === undefined ? '' : secondTime(at);
}
