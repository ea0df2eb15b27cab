import { join } from 'node:path';
import { bundled, startChild } from '../child.ts';
import { alternate, median, quantile, warmUpRounds } from '../pairs.ts';
import type { Round } from '../records.ts';
import { ingestInto, startTrailkeep } from '../trailkeep.ts';
import type { FigureRun } from './figure-run.ts';

/**
 * Server CPU per record until the last acknowledgement, no trail logging. The history is indexed
 * meanwhile, as it always is, so that is included.
 */
export async function ingestAck({ settings, report, load }: FigureRun): Promise<void> {
  const records = settings.size === 'quick' ? 20_000 : 50_000;
  const server = await startTrailkeep(settings);
  const nothing = startChild(bundled('null-server.mjs'), [join(settings.dir, 'null-log')], {});
  try {
    const nullPort = await nothing.ask<number>({});
    const latencies: number[] = [];
    const ours = async (pair: number) => {
      const before = await server.child.usage();
      const done = await server.ingest(load, roundAt(pair, records));
      latencies.push(quantile(done.timesMs, 0.99));
      return ((await server.child.usage()).cpu - before.cpu) / records;
    };
    const theirs = async (pair: number) => {
      const before = await nothing.usage();
      await ingestInto(load, nullPort, '/', roundAt(pair, records));
      return ((await nothing.usage()).cpu - before.cpu) / records;
    };
    await alternate(warmUpRounds, ours, theirs);
    const { value, yardstick, ratio } = await alternate(
      settings.pairs,
      (pair) => ours(pair + warmUpRounds),
      (pair) => theirs(pair + warmUpRounds),
    );
    report.add({
      bench: 'ingest-ack',
      value,
      unit: 'us/record',
      against: `null server: receive, sha256, write, fdatasync (${yardstick.toFixed(2)} us)`,
      ratio,
      judged: { by: 'ratio', better: 'less', limit: 3, aim: 1.5 },
      note: `history indexing included; p99 of an acknowledgement ${median(latencies).toFixed(1)} ms`,
    });
  } finally {
    await Promise.all([server.stop(), nothing.stop()]);
  }
}

function roundAt(index: number, records: number): Round {
  const at = Math.floor(Date.now() / 1000);
  return { first: index * records, count: records, at, places: 1 };
}
