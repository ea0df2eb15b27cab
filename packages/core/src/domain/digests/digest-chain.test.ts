import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DeliveryState, evolveDelivery, initialDelivery } from '../delivery/delivery.ts';
import { settings } from '../trails/trail.fixture.ts';
import { evolveTrail, initialTrail, type LiveTrail, type TrailState } from '../trails/trail.ts';
import { type NextDigest, nextDigest } from './next-digest.ts';

const hour = 3_600_000;
const began = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

type Step =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'start' | 'stop' | 'deliver' }
  | { readonly do: 'seal'; readonly early: boolean };

/** A trail, its deliveries and its digests, taken through steps as time goes by. */
function run(steps: readonly Step[]) {
  let now = began;
  let trail: TrailState = evolveTrail(initialTrail, {
    type: 'TrailCreated',
    at: now,
    settings: { ...settings, logFileValidationEnabled: true },
  });
  let state: DeliveryState = initialDelivery;
  const digests: (NextDigest & { now: number; early: boolean; late: boolean })[] = [];

  function seal(early: boolean): void {
    for (let count = 0; count < 100; count += 1) {
      const next = nextDigest(state, (trail as LiveTrail).spans, now, early);
      if (!next) return;
      const late = state.files > state.filesSealed;
      digests.push({ ...next, now, early, late });
      const filesThrough = state.files;
      state = evolveDelivery(state, { type: 'DigestPlanned', at: now, ...next, filesThrough });
      const sealed = { bucket: 'b', key: 'k', hash: 'h', signature: 's' };
      state = evolveDelivery(state, { type: 'DigestSealed', at: now, ...sealed, filesThrough });
    }
    throw new Error('sealing does not come to an end');
  }

  function deliver(): void {
    state = evolveDelivery(state, { ...logFile, at: now });
  }

  for (const step of steps) {
    const { logging } = trail as LiveTrail;
    if (step.do === 'wait') now += step.ms;
    if (step.do === 'start' && !logging)
      trail = evolveTrail(trail, { type: 'LoggingStarted', at: now });
    if (step.do === 'stop' && logging)
      trail = evolveTrail(trail, { type: 'LoggingStopped', at: now });
    if (step.do === 'deliver') deliver();
    if (step.do === 'seal') seal(step.early);
  }
  return { now, digests, spans: (trail as LiveTrail).spans };
}

const logFile = {
  type: 'LogFileDelivered' as const,
  bucket: 'b',
  key: 'k',
  folder: 'CloudTrail' as const,
  hash: 'h',
  records: 1,
  oldestEventTime: 0,
  newestEventTime: 0,
  through: '1',
};

const forward = fc.oneof(
  fc.integer({ min: 0, max: 2500 }),
  fc.integer({ min: 0, max: 90 * 60_000 }),
  fc.integer({ min: 0, max: 30 * hour }),
);
const backward = fc.integer({ min: -3 * hour, max: 0 });
const actions = fc.oneof(
  fc.constantFrom<Step>({ do: 'start' }, { do: 'stop' }, { do: 'deliver' }),
  fc.boolean().map((early): Step => ({ do: 'seal', early })),
);
const wait = (ms: fc.Arbitrary<number>) => ms.map((ms): Step => ({ do: 'wait', ms }));
const stepsOf = (ms: fc.Arbitrary<number>) =>
  fc.array(fc.oneof(actions, wait(ms)), { maxLength: 40 });
const runs = { numRuns: 1000 };

const wholeSecond = (at: number) => Math.floor(at / 1000) * 1000;

/** What holds whatever the clock does. */
function expectSound({ digests }: ReturnType<typeof run>): void {
  let before: NextDigest | undefined;
  for (const digest of digests) {
    expect(digest.start % 1000, 'starts at a whole second').toBe(0);
    expect(digest.end % 1000, 'ends at a whole second').toBe(0);
    expect(digest.end, 'is not empty').toBeGreaterThan(digest.start);
    if (before?.span === digest.span) {
      expect(digest.start, 'begins where the one before it ended').toBe(before.end);
    } else if (before) {
      expect(digest.start, 'does not overlap the chain before it').toBeGreaterThanOrEqual(
        before.end,
      );
    }
    before = digest;
  }
}

test('digests of a chain touch, never overlap, and begin and end at whole seconds', () => {
  fc.assert(
    fc.property(stepsOf(forward), (steps) => expectSound(run(steps))),
    runs,
  );
});

test('so they do when the clock is set back', () => {
  const anyTime = fc.oneof(forward, backward);
  fc.assert(
    fc.property(stepsOf(anyTime), (steps) => expectSound(run(steps))),
    runs,
  );
});

test('a digest that is not early covers hours, or what was left of a chain', () => {
  fc.assert(
    fc.property(stepsOf(forward), (steps) => {
      const { digests, spans } = run(steps);
      for (const { start, end, span, early, late } of digests) {
        if (early || (late && end - start === 1000)) continue;
        const ended = spans.find((one) => one.since === span)?.ended;
        const atTheEnd = ended !== undefined && end === wholeSecond(ended.at);
        expect(atTheEnd || (end - start) % hour === 0).toBe(true);
      }
    }),
    runs,
  );
});

test('in the end every moment of every chain is covered', () => {
  const end: Step[] = [{ do: 'stop' }, { do: 'wait', ms: 2 * hour }, { do: 'seal', early: false }];
  fc.assert(
    fc.property(stepsOf(forward), (steps) => {
      const { digests, spans } = run([...steps, ...end]);
      for (const { since, ended } of spans) {
        const chain = digests.filter((digest) => digest.span === since);
        const until = wholeSecond(ended!.at);
        if (until <= wholeSecond(since)) continue;
        const covered = Math.max(0, ...chain.map((digest) => digest.end));
        const latest = Math.max(0, ...digests.map((digest) => digest.end));
        expect(covered >= until || latest >= until, 'up to its end').toBe(true);
        const from = chain[0]?.start ?? wholeSecond(since);
        const previous = digests.filter((digest) => digest.end <= from).map((digest) => digest.end);
        expect(from, 'from its beginning').toBe(Math.max(wholeSecond(since), ...previous));
      }
    }),
    runs,
  );
});

test('no two digests end in the same second: their names would be the same', () => {
  const anyTime = fc.oneof(forward, backward);
  fc.assert(
    fc.property(stepsOf(anyTime), (steps) => {
      const ends = run(steps).digests.map((digest) => digest.end);
      expect(new Set(ends).size).toBe(ends.length);
    }),
    runs,
  );
});
