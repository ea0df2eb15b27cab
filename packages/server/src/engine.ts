import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { allowed, notDenied } from '@trailkeep/core/adapters/embedded/buckets/delivery-policy.ts';
import { folderBuckets } from '@trailkeep/core/adapters/embedded/buckets/folder-buckets.ts';
import { configuredOrganizations } from '@trailkeep/core/adapters/embedded/configured-organizations.ts';
import { fileSigningKeys } from '@trailkeep/core/adapters/embedded/file-signing-keys.ts';
import { fileHistory } from '@trailkeep/core/adapters/embedded/history/file-history.ts';
import { segmentJournal } from '@trailkeep/core/adapters/embedded/journal/segment-journal.ts';
import { sqliteEventStore } from '@trailkeep/core/adapters/embedded/sqlite-event-store.ts';
import type { IngestPorts } from '@trailkeep/core/ingest.ts';
import type { History } from '@trailkeep/core/ports/history.ts';
import type { Journal } from '@trailkeep/core/ports/journal.ts';
import type { Organizations } from '@trailkeep/core/ports/organizations.ts';
import { type Service, service } from '@trailkeep/core/service.ts';
import { streamsOf } from '@trailkeep/core/streams/streams.ts';
import { historyIndexing } from '@trailkeep/core/workflows/index-history.ts';
import { refuseLostRecords } from '@trailkeep/core/workflows/refuse-lost-records.ts';
import { routeTable } from '@trailkeep/core/workflows/route-table.ts';
import { type Background, startBackground } from './background.ts';
import type { ServiceClock } from './clock.ts';
import type { Config } from './config.ts';
import { neighboursOf, noticesOf, objectsOf } from './endpoints.ts';

/** Everything that works on one data folder; closing it leaves the folder for the next one. */
export interface Engine {
  readonly service: Service;
  readonly ingest: IngestPorts;
  readonly background: Background;
  readonly buckets: Awaited<ReturnType<typeof folderBuckets>>;
  readonly organizations: Organizations;
  close(): Promise<void>;
}

export interface EngineSurroundings {
  readonly config: Config;
  readonly clock: ServiceClock;
  readonly masterKey: Buffer | undefined;
  readonly events: {
    delivered(window: { files: number; bytes: number; lagSeconds: number }): void;
    sealed(digests: number): void;
    refused(kind: 'log-file' | 'digest' | 'notification' | 'log-events', code: string): void;
    failed(error: unknown, requestId?: string): void;
    /** The journal can no longer store anything: the process must end. */
    lost(error: unknown): void;
  };
}

export async function openEngine(surroundings: EngineSurroundings): Promise<Engine> {
  const { config, clock, events } = surroundings;
  const dir = config.dataDir;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const buckets = await folderBuckets(join(dir, 'buckets'), {
    clock,
    onError: events.failed,
    mayDeliver: config.bucketCheck === 'policy' ? allowed : notDenied,
  });
  const objects = await objectsOf(config, buckets);
  const store = sqliteEventStore(join(dir, 'state.db'));
  const journal = await segmentJournal(join(dir, 'journal'), { onFailure: events.lost });
  const history = await fileHistory(join(dir, 'history'), { journal });
  const keys = fileSigningKeys(join(dir, 'keys'), { masterKey: surroundings.masterKey });
  const organizations = configuredOrganizations(config.organization);
  const streams = streamsOf(store);
  const indexing = historyIndexing(journal, history);
  const delivery = { streams, journal, objects, table: routeTable(store, organizations) };
  await refuseLostRecords({ ...delivery, history });
  const background = startBackground({
    clock,
    journal,
    history,
    indexing,
    delivery,
    redelivery: { streams, journal, objects, organizations },
    digests: {
      streams,
      objects,
      keys,
      organizations,
      table: routeTable(store, organizations),
      regions: config.regions,
    },
    notices: { streams, objects, notices: await noticesOf(config, clock) },
    expireObjects: (now) => buckets.expireObjects(now),
    onDelivered: events.delivered,
    onRefused: events.refused,
    onSealed: events.sealed,
    onFailure: events.failed,
  });
  const ingest = { clock, store, journal: told(journal, background) };
  const answer = service({
    ...ingest,
    streams,
    objects,
    keys,
    organizations,
    history: upToDate(history, () => indexing.catchUp()),
    neighbours: await neighboursOf(config),
    bucketCheck: config.bucketCheck,
    throttling: config.throttling === 'on',
    onFailure: events.failed,
  });
  return {
    service: answer,
    ingest,
    background,
    buckets,
    organizations,
    async close() {
      await background.stop();
      await journal.close();
      await history.close();
      await buckets.close();
      store.close();
    },
  };
}

/** Tells the background of what was accepted, so that it need not look. */
function told(journal: Journal, background: Background): Journal {
  return {
    ...journal,
    async append(batch) {
      const outcomes = await journal.append(batch);
      background.accepted(batch.bytes.length);
      return outcomes;
    },
  };
}

/** Who was told that a record is accepted finds it: a lookup waits for the indexing. */
function upToDate(history: History, catchUp: () => Promise<void>): History {
  return {
    ...history,
    async lookup(query) {
      await catchUp();
      return history.lookup(query);
    },
  };
}
