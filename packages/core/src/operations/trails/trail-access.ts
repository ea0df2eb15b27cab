import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import { changeableTrail, seeTrail, type TrailCaller } from '../../domain/trails/change-trail.ts';
import {
  evolveTrail,
  type LiveTrail,
  type TrailEvent,
  type TrailState,
} from '../../domain/trails/trail.ts';
import {
  readTrailReference,
  type TrailReference,
  trailArn,
} from '../../domain/trails/trail-arn.ts';
import type { TrailSummary } from '../../domain/trails/trail-quota.ts';
import type { ViewChange } from '../../ports/event-store.ts';
import type { Loaded, Streams } from '../../streams/streams.ts';
import { trailKind, trailStream } from '../../workflows/route-table.ts';
import { type CallContext, type OperationPorts, organizationOf } from '../operation.ts';

export interface FoundTrail {
  readonly reference: TrailReference;
  readonly trail: LiveTrail;
  readonly version: number;
}

type NameCode = 'CloudTrailARNInvalidException' | 'InvalidTrailNameException';
type ChangeCode =
  | 'TrailNotFoundException'
  | 'NotOrganizationMasterAccountException'
  | 'InvalidHomeRegionException';

/** The trail that a caller wants to see; an unknown one is named as the caller named it. */
export async function findTrail(
  nameOrArn: string,
  call: CallContext,
  ports: OperationPorts,
  namedBy: 'as-given' | 'arn' = 'arn',
): Promise<FoundTrail | Refusal<NameCode | 'TrailNotFoundException'>> {
  const reference = readTrailReference(nameOrArn, call);
  if (isRefusal(reference)) return reference;
  const { state, version } = await loadTrail(ports.streams, reference);
  const caller = await trailCaller(call, ports, reference);
  const named = namedBy === 'arn' ? trailArn(reference) : nameOrArn;
  const trail = seeTrail(state, reference, caller, named);
  return isRefusal(trail) ? trail : { reference, trail, version };
}

/** The trail that a caller wants to change, if they may and call its home Region. */
export async function findChangeableTrail(
  nameOrArn: string,
  call: CallContext,
  ports: OperationPorts,
): Promise<FoundTrail | Refusal<NameCode | ChangeCode>> {
  const reference = readTrailReference(nameOrArn, call);
  if (isRefusal(reference)) return reference;
  const { state, version } = await loadTrail(ports.streams, reference);
  const caller = await trailCaller(call, ports, reference);
  const trail = changeableTrail(state, reference, caller);
  return isRefusal(trail) ? trail : { reference, trail, version };
}

export function loadTrail(
  streams: Streams,
  reference: { account: string; region: string; name: string },
): Promise<Loaded<TrailState>> {
  return streams.load(trailKind, trailStream(reference));
}

/** Finds, decides and commits in one attempt that is repeated when someone was faster. */
export async function changeTrail<Code extends string>(
  nameOrArn: string,
  call: CallContext,
  ports: OperationPorts,
  decide: (trail: LiveTrail) => Decided<Code> | Promise<Decided<Code>>,
): Promise<LiveTrail | Refusal<NameCode | ChangeCode | Code>> {
  return ports.streams.change<LiveTrail | Refusal<NameCode | ChangeCode | Code>>(async () => {
    const found = await findChangeableTrail(nameOrArn, call, ports);
    if (isRefusal(found)) return { answer: found };
    const quota = await trailQuotaRow(ports.streams, found.trail.settings.account);
    const events = await decide(found.trail);
    if (isRefusal(events)) return { answer: events as Refusal<Code> };
    if (events.length === 0) return { answer: found.trail };
    const state = events.reduce<TrailState>(evolveTrail, found.trail);
    const append = {
      stream: trailStream(found.reference),
      expectedVersion: found.version,
      events,
    };
    const answer = state.status === 'live' ? state : found.trail;
    const views = listRows(found.trail, state);
    if (takesMoreRoom(found.trail, state)) views.push(quota);
    return { commit: { streams: [append], views }, answer };
  });
}

type Decided<Code extends string> = readonly TrailEvent[] | Refusal<Code>;

/**
 * Read before the account's trails are counted, and put with what takes room among them: of two
 * that count at a time, the second one counts again.
 */
export async function trailQuotaRow(streams: Streams, account: string): Promise<ViewChange> {
  const row = await streams.store.view('trail-quota', account);
  return { put: {}, partition: 'trail-quota', key: account, revision: row?.revision ?? 0 };
}

function takesMoreRoom(before: LiveTrail, after: TrailState): boolean {
  if (after.status !== 'live') return false;
  return after.settings.isMultiRegionTrail && !before.settings.isMultiRegionTrail;
}

/** Rows by which trails are listed: the account's own, and the organization's. */
export function listRows(before: LiveTrail | undefined, after: TrailState): ViewChange[] {
  if (after.status !== 'live') return before ? partitionsOf(before).map(deletion) : [];
  const { name, account, homeRegion, isMultiRegionTrail, isOrganizationTrail } = after.settings;
  const put: TrailSummary = { name, account, homeRegion, isMultiRegionTrail, isOrganizationTrail };
  const rows = partitionsOf(after);
  const left = before ? partitionsOf(before).filter((row) => !rows.some(same(row))) : [];
  return [...rows.map((row) => ({ ...row, put })), ...left.map(deletion)];
}

interface RowPlace {
  readonly partition: string;
  readonly key: string;
}

function partitionsOf({ settings }: LiveTrail): readonly RowPlace[] {
  const key = `${settings.homeRegion}/${settings.name}`;
  const own = { partition: `trails/${settings.account}`, key };
  if (!settings.organizationId) return [own];
  return [own, { partition: `organization-trails/${settings.organizationId}`, key }];
}

function deletion(place: RowPlace): ViewChange {
  return { ...place, delete: true };
}

function same(one: RowPlace) {
  return (other: RowPlace) => one.partition === other.partition && one.key === other.key;
}

/** Every trail of the account, wherever its home is. */
export async function trailsOf(
  streams: Streams,
  account: string,
): Promise<readonly TrailSummary[]> {
  return rowsOf(streams, `trails/${account}`);
}

/** The account's trails and, for a member, those of its organization; in the order of Regions. */
export async function visibleTrails(
  call: CallContext,
  ports: OperationPorts,
): Promise<readonly TrailSummary[]> {
  const own = await trailsOf(ports.streams, call.account);
  const organization = await organizationOf(call, ports);
  if (!organization || organization.managementAccountId === call.account) return own;
  return [...own, ...(await rowsOf(ports.streams, `organization-trails/${organization.id}`))];
}

async function rowsOf(streams: Streams, partition: string): Promise<readonly TrailSummary[]> {
  const rows = await streams.store.views(partition);
  return rows.map((row) => row.value as TrailSummary);
}

/** The organization matters only for a trail of another account. */
async function trailCaller(
  call: CallContext,
  ports: OperationPorts,
  reference: TrailReference,
): Promise<TrailCaller> {
  const { account, region } = call;
  if (reference.account === account) return { account, region };
  return { account, region, organization: await organizationOf(call, ports) };
}
