import { existsSync, readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../../../shared/data/recorded-responses/', import.meta.url);

export interface RecordedReply {
  readonly name: string;
  readonly operation: string;
  readonly status: number;
  /** As botocore read it; times are dates. */
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Replies of the real service, recorded 2017 to 2021; none when they are not beside the checkout.
 */
export function recordedReplies(): readonly RecordedReply[] {
  if (!existsSync(folder)) {
    console.warn(`Recorded replies were not compared: there is no ${folder.pathname}`);
    return [];
  }
  return readdirSync(folder).flatMap((test) =>
    readdirSync(new URL(`${test}/`, folder)).map((file) => {
      const text = readFileSync(new URL(`${test}/${file}`, folder)).toString();
      const { status_code: status, data } = JSON.parse(text, asDate);
      const { ResponseMetadata: _, ...members } = data;
      const operation = /^cloudtrail\.(\w+)_\d+\.json$/.exec(file)![1]!;
      return { name: `${test}/${file}`, operation, status, data: members };
    }),
  );
}

function asDate(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('__class__' in value)) return value;
  const { year, month, day, hour, minute, second } = value as unknown as Record<string, number>;
  return new Date(Date.UTC(year!, month! - 1, day, hour, minute, second));
}
