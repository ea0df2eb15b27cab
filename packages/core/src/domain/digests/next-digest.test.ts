import { expect, test } from 'vitest';
import { type DeliveryState, evolveDelivery, initialDelivery } from '../delivery/delivery.ts';
import { settings } from '../trails/trail.fixture.ts';
import type { DigestSpan } from '../trails/trail.ts';
import { nextDigest } from './next-digest.ts';

const hour = 3_600_000;
const minute = 60_000;
/** A start that is no whole second, as StartLogging's time is. */
const since = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const second = Date.UTC(2026, 0, 2, 3, 4, 5);
const running: readonly DigestSpan[] = [{ since }];
const ended = (at: number): readonly DigestSpan[] => [{ since, ended: { at, settings } }];

function sealedTo(end: number, more: Partial<DeliveryState> = {}): DeliveryState {
  return { ...initialDelivery, digest: { span: since, end }, ...more };
}

const next = (state: DeliveryState, spans: readonly DigestSpan[], now: number, early = false) =>
  nextDigest(state, spans, now, early);

test('the first digest comes an hour after the chain began, in whole seconds', () => {
  expect(next(initialDelivery, running, second + hour - 1)).toBeUndefined();
  expect(next(initialDelivery, running, second + hour)).toEqual({
    span: since,
    start: second,
    end: second + hour,
  });
});

test('the next one begins where the last one ended', () => {
  const state = sealedTo(second + hour);
  expect(next(state, running, second + 2 * hour - 1)).toBeUndefined();
  expect(next(state, running, second + 2 * hour)).toMatchObject({
    start: second + hour,
    end: second + 2 * hour,
  });
});

test('a digest that was planned is finished first, whatever the time is', () => {
  const planned = { span: since, start: second, end: second + hour, filesThrough: 0 };
  expect(next({ ...initialDelivery, planned }, running, 0)).toEqual(planned);
});

test('the last digest ends where logging stopped, once its hour is over', () => {
  const spans = ended(second + 20 * minute);
  expect(next(initialDelivery, spans, second + 59 * minute)).toBeUndefined();
  expect(next(initialDelivery, spans, second + hour)).toMatchObject({
    start: second,
    end: second + 20 * minute,
  });
  expect(next(sealedTo(second + 20 * minute), spans, second + 9 * hour)).toBeUndefined();
});

test('what is delivered after the last digest gets one of its own', () => {
  const spans = ended(second + 20 * minute);
  const state = sealedTo(second + 20 * minute, { files: 3, filesSealed: 2 });
  expect(next(state, spans, second + 9 * hour)).toMatchObject({
    start: second + 20 * minute,
    end: second + 20 * minute + 1000,
  });
});

test("where the trail logs on without validation, later files are not the chain's", () => {
  const at = second + 20 * minute;
  const spans = [{ since, ended: { at, settings, logsOn: true } }];
  const state = sealedTo(at, { files: 3, filesSealed: 2 });
  expect(next(state, spans, second + 9 * hour)).toBeUndefined();
});

test('a chain that begins after another ended does not overlap it', () => {
  const spans = [...ended(second + 20 * minute), { since: second + 20 * minute + 500 }];
  const state = sealedTo(second + 20 * minute + 1000);
  expect(next(state, spans, second + 3 * hour)).toEqual({
    span: second + 20 * minute + 500,
    start: second + 20 * minute + 1000,
    end: second + 80 * minute + 1000,
  });
});

test('early, the hour that is running is sealed up to now', () => {
  expect(next(initialDelivery, running, since + 10 * minute, true)).toEqual({
    span: since,
    start: second,
    end: second + 10 * minute,
  });
});

test('early, a chain without news is not sealed again and again', () => {
  const quiet = sealedTo(second + 10 * minute);
  expect(next(quiet, running, second + 10 * minute + 30_000, true)).toBeUndefined();
  expect(next(quiet, running, second + 11 * minute, true)).toBeDefined();
});

test('early, two digests of one second get two names', () => {
  const state = sealedTo(second + 10 * minute, { files: 1, filesSealed: 0 });
  expect(next(state, running, second + 10 * minute + 900, true)).toMatchObject({
    start: second + 10 * minute,
    end: second + 10 * minute + 1000,
  });
});

test('early, what was delivered in this second is sealed with it', () => {
  const now = second + 10 * minute + 500;
  const delivery = { succeededAt: now, attemptedAt: now };
  const state = { ...initialDelivery, files: 1, latest: { delivery } };
  expect(next(state, running, now, true)).toMatchObject({
    start: second,
    end: second + 10 * minute + 1000,
  });
});

test('after a long silence one digest covers what lies before the last three days', () => {
  expect(next(initialDelivery, running, second + 100 * hour)).toMatchObject({
    start: second,
    end: second + 28 * hour,
  });
});

test('a chain that begins when the clock was set back begins when the last one has ended', () => {
  const earlier = since - 30 * hour;
  const spans = [...ended(since + hour), { since: earlier }];
  const state = sealedTo(second + hour);
  expect(next(state, spans, earlier + 2 * hour)).toBeUndefined();
  expect(next(state, spans, second + 2 * hour)).toEqual({
    span: earlier,
    start: second + hour,
    end: second + 2 * hour,
  });
});

test('a file of a time to which the clock was set back is in the very next digest', () => {
  const file = { bucket: 'b', key: 'k', folder: 'CloudTrail' as const, hash: 'h', through: '05' };
  const at = second + 10 * hour + 700;
  const event = { ...file, at, records: 1, oldestEventTime: at, newestEventTime: at };
  const state = evolveDelivery(initialDelivery, { type: 'LogFileDelivered', ...event });
  const due = next(state, running, second + minute, true);
  expect(due).toEqual({ span: since, start: second, end: second + 10 * hour + 1000 });
});
