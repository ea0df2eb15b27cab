import { deliveryIntervalMs } from '@trailkeep/core/domain/delivery/log-file.ts';
import { historyDays } from '@trailkeep/core/domain/events/lookup.ts';
import type { Clock } from '@trailkeep/core/ports/clock.ts';
import type { HistoryIndexing } from '@trailkeep/core/workflows/index-history.ts';
import { windowBytesMax } from '@trailkeep/core/workflows/read-window.ts';
import { type DigestPorts, sealDigests } from '@trailkeep/core/workflows/seal-digests.ts';
import { type Delivering, type DeliveringPorts, delivering } from './delivering.ts';
import { takingTurns } from './taking-turns.ts';

export interface BackgroundPorts extends DeliveringPorts {
  readonly clock: Clock & { onChange(listener: () => void): () => void };
  readonly indexing: HistoryIndexing;
  readonly digests: DigestPorts;
  /** Carries out the lifecycle rules of the embedded buckets. */
  expireObjects(now: number): Promise<unknown>;
  onSealed(digests: number): void;
  onFailure(error: unknown): void;
}

/** What happens later, in one process: every step at its time, one at a time. */
export interface Background {
  /** Records of so many bytes were accepted. */
  accepted(bytes: number): void;
  /** Delivers all that waits, and with `digests` seals them too; resolves when it is done. */
  flush(options: { digests: boolean }): Promise<Flushed>;
  stop(): Promise<void>;
}

export interface Flushed {
  readonly logFiles: number;
  readonly digests: number;
  /** Trails whose bucket refuses, per account and Region. */
  readonly owing: number;
}

const tickMs = 1000;
const sealEveryMs = 60_000;
const expireEveryMs = 60 * 60_000;

export function startBackground(ports: BackgroundPorts): Background {
  const { clock, indexing } = ports;
  const deliver = delivering(ports);
  const turns = takingTurns(ports.onFailure);
  // Receivers of notices may take their time: deliveries do not wait for them.
  const notices = takingTurns(ports.onFailure);
  const notify = oneAtATime(() => notices.inTurn(deliver.notify), ports.onFailure);
  const tick = ticking(ports, deliver, notify);
  const index = oneAtATime(() => indexing.catchUp(), ports.onFailure);
  const timer = setInterval(() => turns.attempt(tick), tickMs);
  const stopListening = clock.onChange(() => turns.attempt(tick));
  let backlogBytes = 0;

  return {
    accepted(bytes) {
      backlogBytes += bytes;
      if (!turns.stopped) index();
      if (backlogBytes < windowBytesMax) return;
      backlogBytes = 0;
      turns.attempt(async () => {
        await deliver.backlog();
        notify();
      });
    },
    async flush({ digests }) {
      const flushed = await turns.inTurn(async () => {
        backlogBytes = 0;
        await indexing.catchUp();
        const logFiles = await deliver.all();
        const owing = await deliver.afterwards(true);
        const sealed = digests ? await sealDigests(ports.digests, clock.now(), true) : 0;
        ports.onSealed(sealed);
        return { logFiles, digests: sealed, owing };
      });
      await notices.inTurn(deliver.notify);
      return flushed;
    },
    async stop() {
      clearInterval(timer);
      stopListening();
      await turns.stop();
      await notices.stop();
    },
  };
}

/** What is due by the clock: every second it is asked, and when the clock was set. */
function ticking(
  ports: BackgroundPorts,
  deliver: Delivering,
  notify: () => void,
): () => Promise<void> {
  const { clock } = ports;
  let sealedAt = 0;
  let expiredAt = 0;
  return async () => {
    const now = clock.now();
    if (now - deliver.deliveredAt >= deliveryIntervalMs || now < deliver.deliveredAt) {
      await deliver.all();
      await deliver.afterwards(false);
      notify();
    }
    if (Math.abs(now - sealedAt) >= sealEveryMs) {
      ports.onSealed(await sealDigests(ports.digests, now));
      sealedAt = now;
    }
    if (Math.abs(now - expiredAt) >= expireEveryMs) {
      await ports.history.expire(now - historyDays * 86_400_000);
      await ports.expireObjects(now);
      expiredAt = now;
    }
  };
}

/** Starts the work unless it is under way. */
function oneAtATime(work: () => Promise<void>, onFailure: (error: unknown) => void): () => void {
  let working = false;
  return () => {
    if (working) return;
    working = true;
    work()
      .catch(onFailure)
      .finally(() => {
        working = false;
      });
  };
}
