import { expect, test } from 'vitest';
import { fold } from '../decider.ts';
import {
  type DeliveryEvent,
  evolveDelivery,
  initialDelivery,
  type LogFileDelivered,
} from './delivery.ts';

const minute = 60_000;
const after = (...events: readonly DeliveryEvent[]) =>
  fold({ initial: initialDelivery, evolve: evolveDelivery }, events);

const delivered = (at: number, through: string): LogFileDelivered => ({
  type: 'LogFileDelivered',
  at,
  bucket: 'logs',
  key: `key-${at}`,
  folder: 'CloudTrail',
  hash: 'h',
  records: 1,
  oldestEventTime: at,
  newestEventTime: at,
  through,
});
const deferred = (at: number, from: string, to: string): DeliveryEvent => ({
  type: 'LogFilesDeferred',
  at,
  from,
  to,
  code: 'NoSuchBucket',
});
const sealed = (at: number, filesThrough: number): DeliveryEvent => ({
  type: 'DigestSealed',
  at,
  bucket: 'logs',
  key: `digest-${at}`,
  hash: 'h',
  signature: 's',
  filesThrough,
});

test('a delivery moves the chain on and is the latest success', () => {
  expect(after(delivered(1, '05'), delivered(2, '05'))).toMatchObject({
    files: 2,
    through: '05',
    latest: { delivery: { succeededAt: 2, attemptedAt: 2 } },
  });
});

test('what a bucket refuses is owed, and the error stands beside the last success', () => {
  const state = after(delivered(1, '05'), deferred(9, '05', '07'));
  expect(state.through).toBe('07');
  expect(state.latest.delivery).toEqual({ succeededAt: 1, attemptedAt: 9, error: 'NoSuchBucket' });
  expect(state.owed).toEqual({
    from: '05',
    to: '07',
    planned: { at: 9, to: '07' },
    since: 9,
    attempts: 1,
    nextAt: 9 + minute,
  });
});

test('what comes meanwhile is owed too, without an attempt', () => {
  const owed: DeliveryEvent = { type: 'LogFilesOwed', at: 10, to: '09' };
  const state = after(deferred(9, '05', '07'), owed);
  expect(state.through).toBe('09');
  expect(state.owed).toMatchObject({ from: '05', to: '09', planned: { at: 9, to: '07' } });
});

test('an attempt that fails is repeated after a minute, then twice as long, up to an hour', () => {
  const waits: number[] = [];
  let state = after(deferred(0, '05', '07'));
  for (let attempt = 0; attempt < 9; attempt += 1) {
    const at = state.owed!.nextAt;
    state = evolveDelivery(state, { type: 'RedeliveryRefused', at, code: 'NoSuchBucket' });
    waits.push((state.owed!.nextAt - at) / minute);
  }
  expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60, 60]);
  expect(state.owed!.since).toBe(0);
});

test('a delivery makes good what was owed, and its error is gone', () => {
  const state = after(deferred(9, '05', '07'), delivered(20, '07'), {
    type: 'LogFilesCaughtUp',
    at: 20,
    through: '07',
  });
  expect(state.owed).toBeUndefined();
  expect(state.latest.delivery).toEqual({ succeededAt: 20, attemptedAt: 20 });
});

test('what was owed in part is owed from there on, at once', () => {
  const state = after(
    deferred(9, '05', '07'),
    { type: 'LogFilesOwed', at: 10, to: '09' },
    { type: 'LogFilesCaughtUp', at: 20, through: '07' },
  );
  expect(state.owed).toMatchObject({ from: '07', to: '09', nextAt: 0, planned: undefined });
});

test('what is given up is no longer owed', () => {
  const state = after(deferred(9, '05', '07'), {
    type: 'LogFilesAbandoned',
    at: 10,
    through: '07',
  });
  expect(state.owed).toBeUndefined();
});

test('a redelivery is planned only where something is owed', () => {
  const planned: DeliveryEvent = { type: 'RedeliveryPlanned', at: 1, to: '05' };
  expect(after(planned).owed).toBeUndefined();
});

test('a digest follows its plan and remembers how many files are sealed', () => {
  const plan = planned(1);
  const state = after(delivered(1, '05'), plan, sealed(4, 1));
  expect(state).toMatchObject({
    files: 1,
    filesSealed: 1,
    sealedVersion: 3,
    sealedVersionFiles: 1,
    planned: undefined,
    digest: { span: 1, end: 2000, last: { key: 'digest-4', signature: 's' } },
    latest: { digest: { succeededAt: 4 } },
  });
});

test('a digest that leaves files out does not move the place to read from', () => {
  const plan = planned(1);
  const state = after(delivered(1, '05'), delivered(2, '06'), plan, sealed(4, 1));
  expect(state).toMatchObject({ filesSealed: 1, sealedVersion: 0, sealedVersionFiles: 0 });
});

test('a digest that the bucket refuses keeps its plan and is tried again', () => {
  const plan = planned(0);
  const refused: DeliveryEvent = { type: 'DigestRefused', at: 4, code: 'NoSuchBucket' };
  const state = after(plan, refused);
  expect(state).toMatchObject({
    planned: { span: 1, start: 1000, end: 2000, filesThrough: 0 },
    digestRetry: { since: 4, attempts: 1, nextAt: 4 + minute },
    latest: { digest: { error: 'NoSuchBucket', attemptedAt: 4 } },
  });
  const made = evolveDelivery(state, sealed(5, 0));
  expect(made.digestRetry).toBeUndefined();
  expect(made.latest.digest).toEqual({ succeededAt: 5, attemptedAt: 5 });
});

test('a digest without a plan is no digest', () => {
  expect(after(sealed(4, 1)).digest).toBeUndefined();
});

test('notifications and log events have a status of their own', () => {
  const state = after(
    { type: 'NotificationSent', at: 1 },
    { type: 'NotificationRefused', at: 2, code: 'NotFound' },
    { type: 'LogEventsRefused', at: 3, code: 'ResourceNotFoundException' },
    { type: 'LogEventsSent', at: 4 },
  );
  expect(state.latest).toEqual({
    notification: { succeededAt: 1, attemptedAt: 2, error: 'NotFound' },
    logEvents: { succeededAt: 4, attemptedAt: 4 },
  });
});

test('every event counts as a version of the stream', () => {
  expect(after({ type: 'NotificationSent', at: 1 }, delivered(1, '05')).version).toBe(2);
});

function planned(filesThrough: number): DeliveryEvent {
  return { type: 'DigestPlanned', at: 3, span: 1, start: 1000, end: 2000, filesThrough };
}
