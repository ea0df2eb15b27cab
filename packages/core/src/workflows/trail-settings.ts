import { isRefusal } from '../domain/refusal.ts';
import type { TrailSettings } from '../domain/trails/trail.ts';
import { readTrailArn } from '../domain/trails/trail-arn.ts';
import type { Streams } from '../streams/streams.ts';
import { trailKind, trailStream } from './route-table.ts';

/** The trail's settings as they stand; undefined when there is no such trail any more. */
export async function trailSettings(
  streams: Streams,
  arn: string,
): Promise<TrailSettings | undefined> {
  const reference = readTrailArn(arn);
  if (isRefusal(reference)) return undefined;
  const { state } = await streams.load(trailKind, trailStream(reference));
  return state.status === 'live' ? state.settings : undefined;
}
