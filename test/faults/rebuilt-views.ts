import { DatabaseSync } from '@photostructure/sqlite';
import type { DeliveryEvent } from '@trailkeep/core/domain/delivery/delivery.ts';
import type { TrailEvent, TrailState } from '@trailkeep/core/domain/trails/trail.ts';
import { listRows } from '@trailkeep/core/operations/trails/trail-access.ts';
import type { ViewChange } from '@trailkeep/core/ports/event-store.ts';
import {
  chainOfStream,
  deliveryCommit,
  deliveryKind,
} from '@trailkeep/core/workflows/delivery-streams.ts';
import { trailKind } from '@trailkeep/core/workflows/route-table.ts';

/** What a store's views are, and what they would be if they were made anew from its events. */
export interface ViewComparison {
  readonly stored: Readonly<Record<string, unknown>>;
  readonly rebuilt: Readonly<Record<string, unknown>>;
  /**
   * Streams whose versions leave one out, and snapshots that are not what their events add up to.
   */
  readonly problems: readonly string[];
  readonly events: number;
}

/** Reads the store's file beside a running server; what is compared was committed. */
export function compareViews(file: string): ViewComparison {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = db
      .prepare('SELECT stream, version, event FROM events ORDER BY position')
      .all() as unknown as EventRow[];
    const views = db
      .prepare('SELECT partition, key, value FROM views')
      .all() as unknown as ViewRow[];
    const { rebuilt, problems } = rebuild(rows, snapshotsIn(views));
    const stored = Object.fromEntries(
      views
        .filter(({ partition }) => derived.some((shape) => shape.test(partition)))
        .map(({ partition, key, value }) => [`${partition} ${key}`, JSON.parse(value)]),
    );
    return { stored, rebuilt, problems, events: rows.length };
  } finally {
    db.close();
  }
}

interface EventRow {
  readonly stream: string;
  readonly version: number;
  readonly event: string;
}

interface ViewRow {
  readonly partition: string;
  readonly key: string;
  readonly value: string;
}

/** The others are no views of events: cursors, notices that wait, guards of quotas. */
const derived = [/^trails\//, /^organization-trails\//, /^chains\//, /^owed$/];

interface Snapshot {
  readonly version: number;
  readonly state: unknown;
}

function snapshotsIn(views: readonly ViewRow[]): ReadonlyMap<string, Snapshot> {
  const snapshots = views.filter(({ partition }) => partition === 'snapshots');
  return new Map(snapshots.map(({ key, value }) => [key, JSON.parse(value) as Snapshot]));
}

function rebuild(rows: readonly EventRow[], snapshots: ReadonlyMap<string, Snapshot>) {
  const rebuilt: Record<string, unknown> = {};
  const problems: string[] = [];
  const states = new Map<string, { version: number; state: unknown }>();
  for (const { stream, version, event } of rows) {
    const kind = stream.split('/')[0];
    const before = states.get(stream) ?? { version: 0, state: undefined };
    if (version !== before.version + 1) problems.push(`${stream} leaves out ${version - 1}`);
    const { state, views } =
      kind === 'trail'
        ? withTrail(before.state as TrailState | undefined, JSON.parse(event))
        : kind === 'delivery'
          ? withDelivery(stream, before, JSON.parse(event))
          : { state: undefined, views: [] };
    states.set(stream, { version, state });
    for (const change of views) apply(rebuilt, change);
    const snapshot = snapshots.get(stream);
    const asStored = JSON.stringify(JSON.parse(JSON.stringify(state ?? null)));
    if (snapshot?.version === version && JSON.stringify(snapshot.state) !== asStored) {
      problems.push(`the snapshot of ${stream} at ${version} is not what its events add up to`);
    }
  }
  return { rebuilt, problems };
}

function withTrail(before: TrailState | undefined, event: TrailEvent) {
  const state = trailKind.evolve(before ?? trailKind.initial, event);
  return { state, views: listRows(before?.status === 'live' ? before : undefined, state) };
}

function withDelivery(
  stream: string,
  before: { version: number; state: unknown },
  event: DeliveryEvent,
) {
  const known = (before.state as typeof deliveryKind.initial | undefined) ?? deliveryKind.initial;
  const loaded = { version: before.version, state: known };
  const commit = deliveryCommit(chainOfStream(stream), loaded, [event]);
  return { state: deliveryKind.evolve(known, event), views: commit.views ?? [] };
}

function apply(views: Record<string, unknown>, change: ViewChange): void {
  const name = `${change.partition} ${change.key}`;
  if ('put' in change) views[name] = JSON.parse(JSON.stringify(change.put));
  else delete views[name];
}
