import { expect, test } from 'vitest';
import { created, settings } from './trail.fixture.ts';
import { evolveTrail, initialTrail, type TrailEvent, type TrailState } from './trail.ts';

const validating = { ...settings, logFileValidationEnabled: true };
const create: TrailEvent = { ...created, at: 0, settings: validating } as TrailEvent;
const start = (at: number): TrailEvent => ({ type: 'LoggingStarted', at });
const stop = (at: number): TrailEvent => ({ type: 'LoggingStopped', at });
const set = (at: number, logFileValidationEnabled: boolean): TrailEvent => ({
  type: 'TrailUpdated',
  at,
  settings: { ...settings, logFileValidationEnabled },
});
const gone = (at: number): TrailEvent => ({ type: 'TrailDeleted', at });

function spansAfter(...events: readonly TrailEvent[]) {
  const state = events.reduce<TrailState>(evolveTrail, initialTrail);
  if (state.status === 'absent') return [];
  return state.spans.map(({ since, ended }) => [since, ended?.at]);
}

test('a chain of digests lasts while the trail logs and validates', () => {
  expect(spansAfter(create)).toEqual([]);
  expect(spansAfter(create, start(1))).toEqual([[1, undefined]]);
  expect(spansAfter(create, start(1), stop(2))).toEqual([[1, 2]]);
  expect(spansAfter(create, start(1), stop(2), start(3))).toEqual([
    [1, 2],
    [3, undefined],
  ]);
});

test('turning validation off ends a chain and turning it on begins another', () => {
  expect(spansAfter(create, start(1), set(2, false))).toEqual([[1, 2]]);
  expect(spansAfter(create, start(1), set(2, false), set(3, true))).toEqual([
    [1, 2],
    [3, undefined],
  ]);
  expect(spansAfter(create, set(1, false), start(2))).toEqual([]);
});

test('a chain that ends while the trail logs on says so: its last digest has no later files', () => {
  const endedBy = (event: TrailEvent) => {
    const state = [create, start(1), event].reduce<TrailState>(evolveTrail, initialTrail);
    return state.status === 'live' && state.spans[0]?.ended?.logsOn;
  };
  expect(endedBy(set(2, false))).toBe(true);
  expect(endedBy(stop(2))).toBe(false);
});

test('an update that leaves validation on leaves the chain', () => {
  expect(spansAfter(create, start(1), set(2, true))).toEqual([[1, undefined]]);
});

test('deleting a trail ends its chain, with the settings that the last digest needs', () => {
  const events = [create, start(1), gone(2)];
  const state = events.reduce<TrailState>(evolveTrail, initialTrail);
  expect(state).toEqual({
    status: 'deleted',
    spans: [{ since: 1, ended: { at: 2, settings: validating, logsOn: false } }],
  });
});

test('a trail of the same name keeps the chains of the one before it', () => {
  const again: TrailEvent = { ...create, at: 3 };
  expect(spansAfter(create, start(1), gone(2), again, start(4))).toEqual([
    [1, 2],
    [4, undefined],
  ]);
});

test('an ended chain is forgotten when nothing can be delivered for it any more', () => {
  const day = 86_400_000;
  expect(spansAfter(create, start(1), stop(2), start(39 * day))).toHaveLength(2);
  expect(spansAfter(create, start(1), stop(2), start(41 * day))).toEqual([[41 * day, undefined]]);
});

test('what happens to a trail that is not there changes nothing', () => {
  expect(evolveTrail(initialTrail, start(1))).toEqual(initialTrail);
});
