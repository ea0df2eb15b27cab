import { checkDelivered } from '../delivered.ts';
import type { GzipReport } from '../gzip.ts';
import { alternate, median, warmUpRounds } from '../pairs.ts';
import { accountOf, homeAccount, type Round, stampedRegions } from '../records.ts';
import { startTrailkeep } from '../trailkeep.ts';
import type { FigureRun } from './figure-run.ts';
import { deliver } from './ingest-delivered.ts';
import { bucketName, createTrails, oneTrail } from './trails.ts';

/** The median of real log files. */
const recordsPerFile = 5;

/**
 * As ingest-delivered, with files of five records: an organization trail whose accounts and Regions
 * have five records each in every delivery.
 */
export async function smallFiles(run: FigureRun): Promise<void> {
  const { settings, report, gzip } = run;
  const accounts = settings.size === 'quick' ? 100 : 200;
  const places = accounts * stampedRegions.length;
  const records = places * recordsPerFile;
  const server = await startTrailkeep(settings, {
    config: { organization: organization(accounts) },
  });
  const rounds: Round[] = [];
  try {
    await createTrails(server, [{ ...oneTrail, isOrganizationTrail: true }]);
    const system: number[] = [];
    const ours = async () => {
      const done = await deliver(run, server, rounds, records, places);
      system.push(done.systemPerRecord);
      return done.cpuPerRecord;
    };
    const theirs = async () => {
      const question = { documentBytesMax: 2 ** 30, documentRecordsMax: recordsPerFile, level: 6 };
      return (await gzip.ask<GzipReport>({ ...question, round: rounds.at(-1) })).cpu / records;
    };
    await alternate(warmUpRounds, ours, theirs);
    const { value, yardstick, ratio } = await alternate(settings.pairs, ours, theirs);
    const place = { bucket: bucketName, prefix: `${oneTrail.name}/` };
    const found = await checkDelivered(server, place, rounds);
    const perFile = found.records / found.files;
    report.add({
      bench: 'small-files',
      value,
      unit: 'us/record',
      against: `zlib gzip level 6 of documents of ${recordsPerFile} (${yardstick.toFixed(2)} us)`,
      ratio,
      judged: { by: 'ratio', better: 'less', limit: 2.5, aim: 1 },
      note: `${median(system).toFixed(1)} us of it in the system; ${found.files} files of ${perFile.toFixed(1)} records, ${places} places`,
    });
  } finally {
    await server.stop();
  }
}

function organization(accounts: number) {
  const ids = Array.from({ length: accounts }, (_, n) => accountOf(n));
  return {
    id: 'o-bench000000',
    managementAccountId: homeAccount,
    accounts: ids.map((id) => ({ id })),
  };
}
