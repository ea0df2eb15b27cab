import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/**
 * What the server counts, in a registry of its own, as Prometheus text. Names follow Prometheus'
 * conventions: base units (seconds, bytes), `_total` for counters. No label holds an account, a
 * resource or anything else that callers choose, so the number of series is bounded.
 */
export function serverMetrics(): ServerMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = new Counter({
    name: 'trailkeep_requests_total',
    help: 'API requests, by operation and by the exception they were answered with (OK for none)',
    labelNames: ['operation', 'code'] as const,
    registers,
  });
  const seconds = new Histogram({
    name: 'trailkeep_request_seconds',
    help: 'Time from the arrival of an API request to its answer',
    labelNames: ['operation'] as const,
    buckets: latencyBuckets,
    registers,
  });
  const labels = { operation: labelSet(200), reason: labelSet(50), code: labelSet(200) };

  return {
    registry,
    answered(name, code, duration) {
      const operation = labels.operation(name);
      requests.inc({ operation, code: labels.code(code) });
      seconds.observe({ operation }, duration);
    },
    ...acceptanceMetrics(registers, labels.reason),
    ...deliveryMetrics(registers, labels.code),
    observe: observeGauges(registers),
  };
}

/** The registry's text, for a scrape. */
export async function renderMetrics(
  metrics: ServerMetrics,
): Promise<{ readonly text: string; readonly contentType: string }> {
  const { registry } = metrics;
  return { text: await registry.metrics(), contentType: registry.contentType };
}

/** Its functions need no `this`, so that they can be handed on one by one. */
export interface ServerMetrics {
  readonly registry: Registry;
  /** `code`: the exception's name, or `OK`. */
  answered(operation: string, code: string, seconds: number): void;
  /** A batch of records, and the time from its arrival to its durable acknowledgement. */
  accepted(taken: TakenRecords, seconds: number): void;
  delivered(window: DeliveredWindow): void;
  deliveryFailed(kind: DeliveryKind, code: string): void;
  sealed(digests: number): void;
  /** Asked at each scrape, so that a standstill shows; undefined leaves the series out. */
  observe(gauge: ObservedGauge, read: () => number | undefined): void;
}

export interface TakenRecords {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly { readonly code: string }[];
}

/** Log files in their buckets; bytes as stored, lag since their oldest record was accepted. */
export interface DeliveredWindow {
  readonly files: number;
  readonly bytes: number;
  /** Deliveries that the bucket refused. */
  readonly refusals?: number;
  readonly lagSeconds?: number;
}

export type DeliveryKind = 'log-file' | 'digest' | 'notification' | 'log-events';

/** Seconds since the oldest of the last digests; bytes; seconds since the oldest undelivered. */
export type ObservedGauge = 'digestAge' | 'journalBacklog' | 'deliveryLag';

const gauges: Readonly<Record<ObservedGauge, { readonly name: string; readonly help: string }>> = {
  digestAge: {
    name: 'trailkeep_digest_age_seconds',
    help: 'Time since the digest chain that is furthest behind was last sealed',
  },
  journalBacklog: {
    name: 'trailkeep_journal_backlog_bytes',
    help: 'Accepted record bytes that some consumer has not read yet',
  },
  deliveryLag: {
    name: 'trailkeep_delivery_pending_seconds',
    help: 'Age of the oldest accepted record that is not delivered yet',
  },
};

/** Group commit takes milliseconds, a busy disk a second: both must be told apart. */
const latencyBuckets = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
/** Delivery is every five minutes; redelivery goes on for 30 days. */
const lagBuckets = [1, 5, 15, 60, 150, 300, 600, 1800, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600];

function acceptanceMetrics(registers: Registry[], reasonLabel: (reason: string) => string) {
  const records = new Counter({
    name: 'trailkeep_records_total',
    help: 'Records that were sent in, by what became of them',
    labelNames: ['outcome'] as const,
    registers,
  });
  const rejected = new Counter({
    name: 'trailkeep_records_rejected_total',
    help: 'Records that were rejected, by reason',
    labelNames: ['reason'] as const,
    registers,
  });
  const latency = new Histogram({
    name: 'trailkeep_acknowledgement_seconds',
    help: 'Time from the arrival of a batch of records to its durable acknowledgement',
    buckets: latencyBuckets,
    registers,
  });

  return {
    accepted(taken: TakenRecords, seconds: number) {
      latency.observe(Math.max(0, seconds));
      records.inc({ outcome: 'accepted' }, taken.accepted);
      records.inc({ outcome: 'duplicate' }, taken.duplicates);
      for (const { code } of taken.rejected) {
        records.inc({ outcome: 'rejected' });
        rejected.inc({ reason: reasonLabel(code) });
      }
    },
  };
}

function deliveryMetrics(registers: Registry[], codeLabel: (code: string) => string) {
  const errors = new Counter({
    name: 'trailkeep_delivery_errors_total',
    help: 'Failed deliveries, by kind (log-file, digest, notification, log-events) and code',
    labelNames: ['kind', 'code'] as const,
    registers,
  });
  const lag = new Histogram({
    name: 'trailkeep_delivery_lag_seconds',
    help: 'Time from the acceptance of the oldest record of a log file to its delivery',
    buckets: lagBuckets,
    registers,
  });
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const files = counter('trailkeep_delivered_files_total', 'Log files put into buckets');
  const bytes = counter('trailkeep_delivered_bytes_total', 'Bytes of log files, compressed');
  const digests = counter('trailkeep_digests_sealed_total', 'Digests put into buckets');

  return {
    delivered({ refusals = 0, lagSeconds, ...window }: DeliveredWindow) {
      files.inc(window.files);
      bytes.inc(window.bytes);
      // Records may be newer than a clock that was set back.
      if (lagSeconds !== undefined) lag.observe(Math.max(0, lagSeconds));
      if (refusals > 0) errors.inc({ kind: 'log-file', code: 'refused' }, refusals);
    },
    deliveryFailed: (kind: DeliveryKind, code: string) =>
      errors.inc({ kind, code: codeLabel(code) }),
    sealed: (count: number) => digests.inc(count),
  };
}

function observeGauges(registers: Registry[]) {
  const observed = new Set<ObservedGauge>();
  return (name: ObservedGauge, read: () => number | undefined) => {
    if (observed.has(name)) throw new Error(`${name} is observed already`);
    observed.add(name);
    new Gauge({
      ...gauges[name],
      registers,
      collect() {
        const value = read();
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  };
}

/** The first `sizeMax` values as they are; `other` for whatever comes after. */
function labelSet(sizeMax: number): (value: string) => string {
  const seen = new Set<string>();
  return (value) => {
    if (seen.has(value)) return value;
    if (seen.size >= sizeMax || !/^[\w.:-]{1,100}$/.test(value)) return 'other';
    seen.add(value);
    return value;
  };
}
