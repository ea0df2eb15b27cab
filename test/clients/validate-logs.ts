import type { AwsCli, Ran } from './aws-cli.ts';

/** `aws cloudtrail validate-logs --verbose`, and what it said. */
export async function validateLogs(aws: AwsCli, trail: ValidatedTrail): Promise<Validation> {
  const ran = await aws(
    `cloudtrail validate-logs --verbose --trail-arn ${trail.arn}`,
    '--start-time',
    trail.from.toISOString(),
    '--end-time',
    trail.to.toISOString(),
    ...(trail.region ? ['--region', trail.region] : []),
    ...(trail.bucket ? ['--s3-bucket', trail.bucket] : []),
    ...(trail.account ? ['--account-id', trail.account] : []),
  );
  return { ...ran, digests: tally(ran, 'digest'), logs: tally(ran, 'log'), ...linesOf(ran) };
}

export interface ValidatedTrail {
  readonly arn: string;
  readonly from: Date;
  readonly to: Date;
  /** Whose digests; the Region of the client unless given. */
  readonly region?: string;
  /** Where the digests are; asked of DescribeTrails unless given. */
  readonly bucket?: string;
  /** The member account, for organization trails. */
  readonly account?: string;
}

export interface Validation extends Ran {
  /** As the last lines say it, such as `3/3 digest files valid`; empty when there were none. */
  readonly digests: string;
  readonly logs: string;
  readonly invalid: readonly string[];
  /** Objects by their s3:// address. */
  readonly valid: readonly string[];
}

function tally({ stdout }: Ran, kind: 'digest' | 'log'): string {
  return new RegExp(`^\\d+/\\d+ ${kind} files .*$`, 'm').exec(stdout)?.[0] ?? '';
}

function linesOf({ stdout, stderr }: Ran) {
  const lines = `${stdout}\n${stderr}`.split('\n');
  const files = lines.filter((line) => /^(Digest|Log|\(backfill\) Digest) file\t/.test(line));
  return {
    invalid: files.filter((line) => line.includes('\tINVALID')),
    valid: files.flatMap((line) => /\t(s3:\S+)\tvalid$/.exec(line)?.[1] ?? []),
  };
}
