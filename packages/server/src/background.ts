import { deliveryIntervalMs } from '@trailkeep/core/domain/delivery/log-file.ts';
import { historyDays } from '@trailkeep/core/domain/events/lookup.ts';
import type { Clock } from '@trailkeep/core/ports/clock.ts';
import type { History } from '@trailkeep/core/ports/history.ts';
import type { Journal } from '@trailkeep/core/ports/journal.ts';
import {
  type DeliveredWindow,
  type DeliveryPorts,
  deliveredUpTo,
  deliverWindow,
} from '@trailkeep/core/workflows/deliver-log-files.ts';
import type { HistoryIndexing } from '@trailkeep/core/workflows/index-history.ts';
import { windowBytesMax } from '@trailkeep/core/workflows/read-window.ts';
import {
  owedFrom,
  type RedeliveryPorts,
  redeliverLogFiles,
} from '@trailkeep/core/workflows/redeliver-log-files.ts';
import { type DigestPorts, sealDigests } from '@trailkeep/core/workflows/seal-digests.ts';
import { type NoticePorts, sendNotices } from '@trailkeep/core/workflows/send-notices.ts';

export interface BackgroundPorts {
  readonly clock: Clock & { onChange(listener: () => void): () => void };
  readonly journal: Journal;
  readonly history: History;
  readonly indexing: HistoryIndexing;
  readonly delivery: DeliveryPorts;
  readonly redelivery: RedeliveryPorts;
  readonly digests: DigestPorts;
  readonly notices: NoticePorts;
  /** Carries out the lifecycle rules of the embedded buckets. */
  expireObjects(now: number): Promise<unknown>;
  onDelivered(window: { files: number; bytes: number; lagSeconds: number }): void;
  onRefused(kind: 'log-file' | 'digest' | 'notification' | 'log-events', code: string): void;
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
const expireEveryMs = 60 * 60_000;

export function startBackground(ports: BackgroundPorts): Background {
  const { clock } = ports;
  let backlogBytes = 0;
  let deliveredAt = clock.now();
  let sealedAt = 0;
  let expiredAt = 0;
  let stopped = false;
  let running: Promise<unknown> = Promise.resolve();

  /** Steps take turns: each reads what the one before it wrote. */
  function inTurn<Answer>(step: () => Promise<Answer>): Promise<Answer> {
    const turn = running.then(step);
    running = turn.catch(() => undefined);
    return turn;
  }

  function attempt(step: () => Promise<unknown>): void {
    if (!stopped) inTurn(() => (stopped ? Promise.resolve() : step())).catch(ports.onFailure);
  }

  async function deliver(): Promise<number> {
    let files = 0;
    for (const shard of await ports.journal.shards()) {
      // What comes in meanwhile waits for the next time: else a steady stream would never let go,
      // and every few records would become a file.
      const end = await ports.journal.end(shard);
      while ((await deliveredUpTo(ports.delivery, shard)) < end) {
        const window = await deliverWindow(ports.delivery, shard, clock.now());
        if (!window) break;
        files += window.files;
        told(ports, window);
      }
    }
    deliveredAt = clock.now();
    return files;
  }

  async function afterDelivery(eager: boolean): Promise<number> {
    let owing = 0;
    for (const shard of await ports.journal.shards()) {
      owing += await redeliverLogFiles(ports.redelivery, shard, clock.now(), eager);
    }
    await sendNotices(ports.notices, clock.now());
    await trim();
    return owing;
  }

  async function trim(): Promise<void> {
    const owed = await owedFrom(ports.delivery.streams);
    for (const shard of await ports.journal.shards()) {
      const delivered = await deliveredUpTo(ports.delivery, shard);
      const indexed = (await ports.history.through(shard)) ?? delivered;
      const [oldest] = [delivered, indexed, ...(owed ? [owed] : [])].sort();
      if (oldest !== undefined) await ports.journal.trim(shard, oldest);
    }
  }

  async function tick(): Promise<void> {
    const now = clock.now();
    if (now - deliveredAt >= deliveryIntervalMs || now < deliveredAt) {
      backlogBytes = 0;
      await deliver();
      await afterDelivery(false);
    }
    if (Math.abs(now - sealedAt) >= 60_000) {
      ports.onSealed(await sealDigests(ports.digests, now));
      sealedAt = now;
    }
    if (Math.abs(now - expiredAt) >= expireEveryMs) {
      await ports.history.expire(now - historyDays * 86_400_000);
      await ports.expireObjects(now);
      expiredAt = now;
    }
  }

  const timer = setInterval(() => attempt(tick), tickMs);
  const stopListening = clock.onChange(() => attempt(tick));
  let indexing = false;

  function index(): void {
    if (indexing || stopped) return;
    indexing = true;
    ports.indexing
      .catchUp()
      .catch(ports.onFailure)
      .finally(() => {
        indexing = false;
      });
  }

  return {
    accepted(bytes) {
      backlogBytes += bytes;
      index();
      if (backlogBytes < windowBytesMax) return;
      backlogBytes = 0;
      attempt(async () => {
        if (!(await deliverBacklog(ports))) return;
        deliveredAt = clock.now();
        await afterDelivery(false);
      });
    },
    flush: ({ digests }) =>
      inTurn(async () => {
        backlogBytes = 0;
        await ports.indexing.catchUp();
        const logFiles = await deliver();
        const owing = await afterDelivery(true);
        const sealed = digests ? await sealDigests(ports.digests, clock.now(), true) : 0;
        ports.onSealed(sealed);
        return { logFiles, digests: sealed, owing };
      }),
    async stop() {
      stopped = true;
      clearInterval(timer);
      stopListening();
      await running;
    },
  };
}

/** One window of each shard: what comes in meanwhile asks for the next one itself. */
async function deliverBacklog(ports: BackgroundPorts): Promise<boolean> {
  let any = false;
  for (const shard of await ports.journal.shards()) {
    const window = await deliverWindow(ports.delivery, shard, ports.clock.now());
    if (!window) continue;
    any = true;
    told(ports, window);
  }
  return any;
}

function told(ports: BackgroundPorts, window: DeliveredWindow): void {
  const lagSeconds = Math.max(0, ports.clock.now() - window.oldestAcceptedAt) / 1000;
  ports.onDelivered({ files: window.files, bytes: window.bytes, lagSeconds });
  for (const code of window.refusals) ports.onRefused('log-file', code);
}
