import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

/** Calls by boto3, one after the other unless `parallel` says how many at a time. */
export function boto3(python: string, options: Boto3Options) {
  return (calls: readonly Boto3Call[], parallel = 1): Promise<readonly Boto3Result[]> => {
    const asked = { account: '123456789012', region: 'us-east-1', ...options, parallel, calls };
    return new Promise((done, fail) => {
      const script = resolve(import.meta.dirname, 'boto3_calls.py');
      const limits = { timeout: 100_000, maxBuffer: 64 * 1024 * 1024 };
      const child = execFile(python, [script], { env, ...limits }, (error, stdout, stderr) => {
        if (error) fail(new Error(`${error.message}\n${stderr}`));
        else done(JSON.parse(stdout) as Boto3Result[]);
      });
      child.stdin?.end(JSON.stringify(asked));
    });
  };
}

export interface Boto3Options {
  readonly endpoint: string;
  readonly account?: string;
  readonly region?: string;
}

/** The method of the client, or `paginate:` and a method; and its parameters. */
export type Boto3Call = readonly [operation: string, params: object];

export interface Boto3Result {
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any operation
  readonly output?: any;
  readonly error?: CallError;
}

/** How a client tells of an error, whichever client it is. */
export interface CallError {
  /** The exception's class, or `untyped` when the client has no class for the code. */
  readonly type: string;
  readonly code: string;
  readonly message: string;
  readonly status: number;
  readonly requestId: string;
}

const env = { PATH: process.env['PATH'], HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' };

/** `CreateTrail` as boto3 spells it. */
export function pythonName(operation: string): string {
  return operation.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
