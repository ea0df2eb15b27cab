import type { Clock } from '@trailkeep/core/ports/clock.ts';
import type { History } from '@trailkeep/core/ports/history.ts';
import type { Journal } from '@trailkeep/core/ports/journal.ts';
import {
  type DeliveredWindow,
  type DeliveryPorts,
  deliveredUpTo,
  deliverWindow,
} from '@trailkeep/core/workflows/deliver-log-files.ts';
import {
  owedFrom,
  type RedeliveryPorts,
  redeliverLogFiles,
} from '@trailkeep/core/workflows/redeliver-log-files.ts';
import { type NoticePorts, sendNotices } from '@trailkeep/core/workflows/send-notices.ts';

export interface DeliveringPorts {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly history: History;
  readonly delivery: DeliveryPorts;
  readonly redelivery: RedeliveryPorts;
  readonly notices: NoticePorts;
  onDelivered(window: { files: number; bytes: number; lagSeconds: number }): void;
  onRefused(kind: 'log-file' | 'digest' | 'notification' | 'log-events', code: string): void;
  onFailure(error: unknown): void;
}

/** The steps of delivery, over every shard of the journal. */
export interface Delivering {
  /** When records were last delivered, in milliseconds. */
  readonly deliveredAt: number;
  /** Delivers what the journal has; resolves with the number of log files. */
  all(): Promise<number>;
  /** Delivers one window of each shard: what comes in meanwhile asks for the next one itself. */
  backlog(): Promise<void>;
  /** Redelivers and gives journal space back; resolves with the chains that owe. */
  afterwards(eager: boolean): Promise<number>;
  /** Tells topics and log groups of what was delivered. */
  notify(): Promise<void>;
}

export function delivering(ports: DeliveringPorts): Delivering {
  const { clock, journal, delivery } = ports;
  let deliveredAt = clock.now();

  async function oneWindow(shard: string): Promise<DeliveredWindow | undefined> {
    const window = await deliverWindow(delivery, shard, clock.now());
    if (window) tell(ports, window);
    return window;
  }

  async function afterwards(eager: boolean): Promise<number> {
    let owing = 0;
    for (const shard of await journal.shards()) {
      owing += await redeliverLogFiles(ports.redelivery, shard, clock.now(), eager);
    }
    await trim(ports);
    return owing;
  }

  return {
    get deliveredAt() {
      return deliveredAt;
    },
    async all() {
      let files = 0;
      for (const shard of await journal.shards()) {
        // What comes in meanwhile waits for the next time: else a steady stream would never let
        // go, and every few records would become a file.
        const end = await journal.end(shard);
        while ((await deliveredUpTo(delivery, shard)) < end) {
          const window = await oneWindow(shard);
          if (!window) break;
          files += window.files;
        }
      }
      deliveredAt = clock.now();
      return files;
    },
    async backlog() {
      let any = false;
      for (const shard of await journal.shards()) {
        if (await oneWindow(shard)) any = true;
      }
      if (!any) return;
      deliveredAt = clock.now();
      await afterwards(false);
    },
    afterwards,
    notify: () => sendNotices(ports.notices, clock.now()),
  };
}

/** What every consumer has passed, and no bucket is owed, need not be kept. */
async function trim({ delivery, journal, history }: DeliveringPorts): Promise<void> {
  const owed = await owedFrom(delivery.streams);
  for (const shard of await journal.shards()) {
    const delivered = await deliveredUpTo(delivery, shard);
    // What the history only has in memory, a restart reads again.
    const indexed = (await history.through(shard)) ?? (await journal.start(shard));
    const [oldest] = [delivered, indexed, ...(owed ? [owed] : [])].sort();
    if (oldest !== undefined) await journal.trim(shard, oldest);
  }
}

function tell(ports: DeliveringPorts, window: DeliveredWindow): void {
  const lagSeconds = Math.max(0, ports.clock.now() - window.oldestAcceptedAt) / 1000;
  ports.onDelivered({ files: window.files, bytes: window.bytes, lagSeconds });
  for (const code of window.refusals) ports.onRefused('log-file', code);
}
