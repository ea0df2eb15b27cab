import { execFile } from 'node:child_process';

/** aws-cli with nothing but the endpoint and credentials in its environment. */
export function awsCli(program: string, endpoint: string, options: AwsCliOptions = {}): AwsCli {
  const env = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: options.account ?? '123456789012',
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_REGION: options.region ?? 'us-east-1',
    AWS_DEFAULT_REGION: options.region ?? 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  return (line, ...more) => {
    const args = [...line.split(' ').filter(Boolean), ...more];
    return new Promise((resolve) => {
      const limits = { timeout: 120_000, maxBuffer: 64 * 1024 * 1024 };
      execFile(program, args, { env, ...limits }, (error, stdout, stderr) => {
        const code = error ? Number((error as { code?: unknown }).code ?? Number.NaN) : 0;
        resolve({ code, stdout, stderr });
      });
    });
  };
}

export interface AwsCliOptions {
  /** 12 digits; the access key id. */
  readonly account?: string;
  readonly region?: string;
}

/** Runs one command: words separated by spaces, then arguments that are taken as they are. */
export type AwsCli = (line: string, ...more: string[]) => Promise<Ran>;

export interface Ran {
  /** NaN when the command did not end by itself. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The parsed output of a command that must succeed. */
export async function json<Output>(ran: Promise<Ran>): Promise<Output> {
  const { code, stdout, stderr } = await ran;
  if (code !== 0) throw new Error(`aws ended with ${code}: ${stderr}`);
  return JSON.parse(stdout || '{}') as Output;
}
