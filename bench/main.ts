import { rm } from 'node:fs/promises';
import { bundled, type Child, startChild } from './child.ts';
import { controlPlane } from './figures/control-plane.ts';
import { fanOut } from './figures/fan-out.ts';
import type { FigureRun } from './figures/figure-run.ts';
import { npmStart } from './figures/footprint.ts';
import { ingestAck } from './figures/ingest-ack.ts';
import { ingestDelivered } from './figures/ingest-delivered.ts';
import { lookup } from './figures/lookup.ts';
import { smallFiles } from './figures/small-files.ts';
import { watchMachine } from './machine-load.ts';
import { corpusName } from './records.ts';
import { machineName, newReport } from './report.ts';
import { isInMemory, readSettings, type Settings, usage } from './settings.ts';

const figures: Record<string, (run: FigureRun) => Promise<void>> = {
  'ingest-ack': ingestAck,
  'ingest-delivered': ingestDelivered,
  'fan-out': fanOut,
  'small-files': smallFiles,
  lookup,
  'control-plane': controlPlane,
  'npm-start': npmStart,
};

const settings = readSettings();
if (settings === undefined) process.stderr.write(usage);
else process.exitCode = await runAll(settings);

async function runAll(settings: Settings): Promise<number> {
  const report = newReport(settings.jsonPath);
  const machine = watchMachine();
  report.say(`Machine: ${machineName()}`);
  report.say(`Records: ${corpusName()}. Data folders: ${settings.dir}. Size: ${settings.size}.`);
  if (isInMemory(settings.dir)) {
    report.say('Warning: the folder is in memory, so nothing is durable. Choose one with --dir.');
  }
  const load = startChild(bundled('load.mjs'), [], {});
  const gzip = startChild(bundled('gzip.mjs'), [], {});
  let failed = 0;
  try {
    for (const [name, measure] of Object.entries(figures)) {
      if (!isWanted(settings, name)) continue;
      failed += await attempt(name, measure, { settings, report, load, gzip });
    }
  } finally {
    await stopAll([load, gzip]);
    await rm(settings.dir, { recursive: true, force: true });
  }
  const missed = report.finish();
  report.say(machine.sentence());
  if (failed > 0) report.say(`${failed} figures could not be measured or were wrong.`);
  return failed > 0 || (settings.strict && missed > 0) ? 1 : 0;
}

function isWanted({ only }: Settings, name: string): boolean {
  return only.length === 0 || only.some((part) => name.startsWith(part));
}

/** A figure that fails does not keep the others from being measured. */
async function attempt(
  name: string,
  measure: (run: FigureRun) => Promise<void>,
  run: FigureRun,
): Promise<0 | 1> {
  const began = performance.now();
  run.report.say(`\n${name} ...`);
  try {
    await measure(run);
    run.report.say(`${name} took ${((performance.now() - began) / 1000).toFixed(1)} s`);
    return 0;
  } catch (error) {
    run.report.say(`${name} FAILED: ${(error as Error).stack}`);
    return 1;
  }
}

async function stopAll(children: readonly Child[]): Promise<void> {
  await Promise.all(children.map((child) => child.stop()));
}
