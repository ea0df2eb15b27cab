import type { DeliveryState } from '../delivery/delivery.ts';
import { deliveryIntervalMs } from '../delivery/log-file.ts';
import type { DigestSpan } from '../trails/trail.ts';
import { digestIntervalMs } from './digest.ts';

export interface NextDigest {
  /** The `since` of the span, which names the chain. */
  readonly span: number;
  readonly start: number;
  readonly end: number;
}

/** After a longer silence one digest covers what lies before these last hours. */
const catchUpHoursMax = 72;

/**
 * The digest that a chain is due, if any: every hour since the chain began, and a last one that
 * ends where logging or validation ended. With `early` also the part of an hour up to `now`.
 * Times are whole seconds in milliseconds. Source: CloudTrail User Guide, digest file chaining.
 */
export function nextDigest(
  state: DeliveryState,
  spans: readonly DigestSpan[],
  now: number,
  early: boolean,
): NextDigest | undefined {
  if (state.planned) return state.planned;
  // Spans are in the order in which they began, whatever the clock said then.
  const current = spans.findIndex((span) => span.since === state.digest?.span);
  for (const span of spans.slice(Math.max(0, current))) {
    const next = nextOfSpan(state, span, now, early);
    if (next) return { span: span.since, ...next };
  }
  return undefined;
}

function nextOfSpan(state: DeliveryState, span: DigestSpan, now: number, early: boolean) {
  const { digest } = state;
  const began = Math.max(wholeSecond(span.since), digest?.end ?? 0);
  const start = digest?.span === span.since ? digest.end : began;
  const ended = span.ended ? wholeSecond(span.ended.at) : Number.POSITIVE_INFINITY;
  const due = wholeSecond(now);
  const hour = hourEnd(start, Math.min(due, ended));
  if (hour <= due && hour <= ended) return { start, end: hour };
  const settled = due >= ended + deliveryIntervalMs * 2 && hour <= due;
  if (ended <= due && (settled || early)) return last(state, start, span);
  if (early && ended > due) return unfinished(state, start, due);
  return undefined;
}

function hourEnd(start: number, until: number): number {
  const hours = Math.floor((until - start) / digestIntervalMs);
  return start + Math.max(1, hours - catchUpHoursMax) * digestIntervalMs;
}

/**
 * A file that came after the last digest gets one more, so that no file stays unsigned; but not the
 * files of a trail that logs on without validation.
 */
function last(state: DeliveryState, start: number, { ended }: DigestSpan) {
  const end = wholeSecond(ended?.at ?? start);
  if (end > start) return { start, end };
  const owed = state.files > state.filesSealed && !ended?.logsOn;
  return owed ? { start, end: start + 1000 } : undefined;
}

/**
 * What was delivered in this very second belongs to it, so the digest ends with the second; with
 * that of the newest file, where the clock was set back since, for no second may be left out. Two
 * digests of one second would have one name: then the second one ends a second later. A chain that
 * was sealed within the last minute and has no new file has nothing to say yet.
 */
function unfinished(state: DeliveryState, start: number, due: number) {
  const files = state.files > state.filesSealed;
  const fresh = state.digest?.end === start && due - start < quietMs;
  const newest = files ? (state.latest.delivery?.succeededAt ?? 0) : 0;
  const end = newest > due ? wholeSecond(newest) + 1000 : due;
  if (end > start && (files || !fresh)) return { start, end };
  return files ? { start, end: start + 1000 } : undefined;
}

const quietMs = 60_000;

function wholeSecond(at: number): number {
  return Math.floor(at / 1000) * 1000;
}
