import { Command, InvalidArgumentError } from 'commander';
import { progressDisplay } from './progress.ts';
import { type ReplayResult, replayExitCode, replayFiles } from './replay-files.ts';

/** `trailkeep replay FILE...`: the result on standard output, talk on standard error. */
export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'send the records of files to a server: NDJSON, JSON, log files from S3, gzipped or not',
    )
    .argument('<file...>', 'files, folders (all record files in them) and patterns')
    .option('--endpoint <url>', 'the server (AWS_ENDPOINT_URL, http://127.0.0.1:4710)', endpointUrl)
    .option(
      '--shift-to <time>',
      'move all eventTimes so that the newest is now, or an ISO time',
      time,
    )
    .option('--new-ids', 'give the records other eventIDs, to replay them once more')
    .option('--account <id>', 'make this account the recipient of every record', accountId)
    .option('--batch <records>', 'records in a request, 500 at most', batchRecords)
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'show no progress')
    .action(async (files: string[], flags: ReplayFlags) => {
      process.exitCode = await runReplay(files, flags);
    });
}

interface ReplayFlags {
  readonly endpoint?: string;
  readonly shiftTo?: 'now' | number;
  readonly newIds?: boolean;
  readonly account?: string;
  readonly batch?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

async function runReplay(files: readonly string[], flags: ReplayFlags): Promise<number> {
  const progress = progressDisplay({ stream: process.stderr });
  const result = await replayFiles({
    files,
    endpoint: flags.endpoint ?? defaultEndpoint(process.env),
    shiftTo: flags.shiftTo,
    newIds: flags.newIds,
    account: flags.account,
    batchRecords: flags.batch,
    onProgress: flags.quiet ? undefined : progress.update,
  });
  progress.done();
  for (const line of complaints(result)) process.stderr.write(`${printable(line)}\n`);
  process.stdout.write(`${flags.json ? JSON.stringify(result) : summary(result)}\n`);
  return replayExitCode(result);
}

export function summary(result: ReplayResult): string {
  const { sent, accepted, duplicates, rejected, files } = result;
  const counts = `${accepted} accepted, ${duplicates} duplicates, ${rejected} rejected`;
  return `${sent} records of ${files} ${files === 1 ? 'file' : 'files'} sent: ${counts}.`;
}

/** What did not go well, a line each. */
export function complaints(result: ReplayResult): string[] {
  const lines = result.rejections.map(
    ({ file, index, code, message }) => `${file}:${index}: ${code}: ${message}`,
  );
  const more = result.rejected - result.rejections.length;
  if (more > 0) lines.push(`${more} more were rejected.`);
  lines.push(
    ...result.unreadable.map(({ file, message }) => `${file}: cannot be read: ${message}`),
  );
  if (result.stopped !== undefined) lines.push(`Stopped: ${result.stopped.message}`);
  return lines;
}

/** What `trailkeep serve` tells people to export, or where it listens by default. */
function defaultEndpoint(env: Readonly<Record<string, string | undefined>>): string {
  const port = /^\d{1,5}$/.test(env['TRAILKEEP_PORT'] ?? '') ? env['TRAILKEEP_PORT'] : '4710';
  return env['AWS_ENDPOINT_URL'] || `http://127.0.0.1:${port}`;
}

function endpointUrl(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return text;
  throw new InvalidArgumentError('It must be an http:// or https:// URL.');
}

function time(text: string): 'now' | number {
  if (text === 'now') return 'now';
  const milliseconds = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(milliseconds)) return milliseconds;
  throw new InvalidArgumentError('It must be now or a time such as 2026-01-31T12:00:00Z.');
}

function accountId(text: string): string {
  if (/^\d{12}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be 12 digits.');
}

function batchRecords(text: string): number {
  const records = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (records >= 1 && records <= 500) return records;
  throw new InvalidArgumentError('It must be a number from 1 to 500.');
}

/** File names and the server's sentences must not steer the terminal. */
function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, '\uFFFD');
}
