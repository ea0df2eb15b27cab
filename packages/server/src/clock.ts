import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type Refusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import type { Clock } from '@trailkeep/core/ports/clock.ts';

/**
 * The clock of a server that may travel in time (dev mode). A set clock goes on ticking from the
 * time it was set to. The offset from the host's clock is kept in `file`, so that a restart does
 * not travel back; without a file it is forgotten at the end of the process.
 */
export function serviceClock(file: string | undefined, options: ClockOptions = {}): ServiceClock {
  const host = options.host ?? Date.now;
  const listeners = new Set<() => void>();
  let offset = file === undefined ? undefined : readOffset(file);
  if (offset === undefined) {
    offset = options.initial === undefined ? 0 : inBounds(options.initial) - host();
  }
  let last = Number.NEGATIVE_INFINITY;

  function changeTo(newOffset: number): Refusal<'InvalidClock'> | undefined {
    const refusal = refuseTime(host() + newOffset);
    if (refusal !== undefined) return refusal;
    if (file !== undefined) writeOffset(file, newOffset);
    offset = newOffset;
    last = Number.NEGATIVE_INFINITY;
    for (const listener of [...listeners]) listener();
    return undefined;
  }

  return {
    now() {
      // The host's clock may be stepped back by NTP; ours stands still until it has caught up.
      last = Math.max(last, host() + offset!);
      return last;
    },
    set: (time) => refuseTime(time) ?? changeTo(Math.trunc(time) - host()),
    advance(seconds) {
      if (!Number.isFinite(seconds)) return refuseTime(Number.NaN);
      return changeTo(offset! + Math.trunc(seconds * 1000));
    },
    real: () => changeTo(0),
    offset: () => offset!,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export interface ServiceClock extends Clock {
  /** Milliseconds since the epoch, 1970 to 2262. Kept before it is told to the listeners. */
  set(time: number): Refusal<'InvalidClock'> | undefined;
  /** May be negative: then time goes back. */
  advance(seconds: number): Refusal<'InvalidClock'> | undefined;
  /** Back to the host's time. */
  real(): Refusal<'InvalidClock'> | undefined;
  /** Milliseconds ahead of the host. */
  offset(): number;
  /** Called after each change, so that timers can be set anew. Returns how to stop listening. */
  onChange(listener: () => void): () => void;
}

export interface ClockOptions {
  /** The time of the first start, when the file holds none: milliseconds since the epoch. */
  readonly initial?: number;
  readonly host?: () => number;
}

/** Nanoseconds since the epoch in 64 bits end in April 2262, and engines keep time so. */
const timeMax = Date.UTC(2262, 0, 1);

function refuseTime(time: number): Refusal<'InvalidClock'> | undefined {
  if (Number.isFinite(time) && time >= 0 && time < timeMax) return undefined;
  return refuse(
    'InvalidClock',
    'The clock can be set to times from 1970-01-01 to 2261-12-31 only.',
  );
}

function inBounds(time: number): number {
  const refusal = refuseTime(time);
  if (refusal !== undefined) throw new Error(refusal.message);
  return time;
}

function readOffset(file: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const offset = offsetIn(text);
  if (offset === undefined) {
    throw new Error(`${file} does not hold the clock's offset; delete it to go by the host's time`);
  }
  return offset;
}

function offsetIn(text: string): number | undefined {
  try {
    const { offsetMilliseconds } = JSON.parse(text) as { offsetMilliseconds?: unknown };
    return Number.isSafeInteger(offsetMilliseconds) ? (offsetMilliseconds as number) : undefined;
  } catch {
    return undefined;
  }
}

function writeOffset(file: string, offset: number): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.tmp`;
  const descriptor = openSync(temporary, 'w', 0o600);
  try {
    writeSync(descriptor, `${JSON.stringify({ offsetMilliseconds: offset })}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
}
