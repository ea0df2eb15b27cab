import { expect, test } from 'vitest';
import { fold } from '../decider.ts';
import { defaultTrailSelectors, hasCustomEventSelectors } from '../selectors/selectors.ts';
import {
  changeableTrail,
  decideDeleteTrail,
  decidePutEventSelectors,
  decideStartLogging,
  decideStopLogging,
  seeTrail,
  type TrailCaller,
} from './change-trail.ts';
import { at, caller, created, organization, settings } from './trail.fixture.ts';
import {
  evolveTrail,
  initialTrail,
  type LiveTrail,
  type TrailEvent,
  type TrailState,
} from './trail.ts';

const reference = { account: caller.account, region: caller.region, name: 'audit', byArn: true };
const arn = 'arn:aws:cloudtrail:us-east-1:123456789012:trail/audit';
const own = fold({ initial: initialTrail, evolve: evolveTrail }, [created]) as LiveTrail;
const shared = evolveTrail(own, {
  type: 'TrailUpdated',
  at,
  settings: { ...settings, isOrganizationTrail: true, organizationId: organization.id },
});
const member: TrailCaller = { account: '333333333333', region: 'us-east-1', organization };
const delegated: TrailCaller = { account: '222222222222', region: 'us-east-1', organization };

const codeOf = (answer: object) => ('refused' in answer ? answer.refused : 'seen');

test('a trail that is not there is unknown by the name it was asked for', () => {
  const deleted: TrailState = { status: 'deleted', spans: [] };
  for (const state of [initialTrail, deleted]) {
    expect(seeTrail(state, reference, caller, 'audit')).toEqual({
      refused: 'TrailNotFoundException',
      message: 'Unknown trail: audit for the user: 123456789012',
    });
  }
  expect(changeableTrail(initialTrail, { ...reference, byArn: false }, caller)).toEqual({
    refused: 'TrailNotFoundException',
    message: `Unknown trail: ${arn} for the user: 123456789012`,
  });
});

test("another account's trail is as unknown as one that is not there", () => {
  expect(codeOf(seeTrail(own, reference, member, arn))).toBe('TrailNotFoundException');
  expect(codeOf(changeableTrail(own, reference, member))).toBe('TrailNotFoundException');
});

test('members of the organization see its trails by ARN, others do not', () => {
  expect(codeOf(seeTrail(shared, reference, member, arn))).toBe('seen');
  expect(codeOf(seeTrail(shared, { ...reference, byArn: false }, member, arn))).toBe(
    'TrailNotFoundException',
  );
  const stranger = { ...member, organization: { ...organization, id: 'o-anotherorg1' } };
  expect(codeOf(seeTrail(shared, reference, stranger, arn))).toBe('TrailNotFoundException');
  const alone = { account: member.account, region: member.region };
  expect(codeOf(seeTrail(shared, reference, alone, arn))).toBe('TrailNotFoundException');
});

test('an organization trail is changed by administrators, not by members', () => {
  expect(codeOf(changeableTrail(shared, reference, delegated))).toBe('seen');
  expect(codeOf(changeableTrail(shared, reference, member))).toBe(
    'NotOrganizationMasterAccountException',
  );
});

test('a trail is changed from its home Region only', () => {
  const elsewhere = { ...caller, region: 'eu-west-1' };
  expect(codeOf(seeTrail(own, reference, elsewhere, arn))).toBe('seen');
  expect(codeOf(changeableTrail(own, reference, elsewhere))).toBe('InvalidHomeRegionException');
});

test('starting and stopping twice changes nothing more', () => {
  const logging = evolveTrail(own, { type: 'LoggingStarted', at }) as LiveTrail;
  expect(decideStartLogging(at, own)).toEqual([{ type: 'LoggingStarted', at }]);
  expect(decideStartLogging(at, logging)).toEqual([]);
  expect(decideStopLogging(at, logging)).toEqual([{ type: 'LoggingStopped', at }]);
  expect(decideStopLogging(at, own)).toEqual([]);
});

test('a trail remembers when it last started and stopped', () => {
  const events: TrailEvent[] = [
    { type: 'LoggingStarted', at: at + 1 },
    { type: 'LoggingStopped', at: at + 2 },
    { type: 'LoggingStarted', at: at + 3 },
  ];
  expect(events.reduce<TrailState>(evolveTrail, own)).toMatchObject({
    logging: true,
    startedAt: at + 3,
    stoppedAt: at + 2,
  });
});

test('putting selectors replaces those of the other kind', () => {
  const management = { Field: 'eventCategory', Equals: ['Management'] };
  const advanced = { kind: 'advanced' as const, selectors: [{ FieldSelectors: [management] }] };
  const [put] = decidePutEventSelectors(at, advanced);
  const after = evolveTrail(own, put!) as LiveTrail;
  expect(hasCustomEventSelectors(own.selectors)).toBe(false);
  expect(after.selectors).toEqual(advanced);
  expect(hasCustomEventSelectors(after.selectors)).toBe(true);
  const [back] = decidePutEventSelectors(at, defaultTrailSelectors);
  const restored = evolveTrail(after, back!) as LiveTrail;
  expect(restored.selectors).toEqual(defaultTrailSelectors);
});

test('a deleted trail knows nothing of what it was set to', () => {
  const [deleted] = decideDeleteTrail(at);
  expect(evolveTrail(own, deleted!)).toEqual({ status: 'deleted', spans: [] });
});
