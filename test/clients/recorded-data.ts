import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Recordings of others that lie beside the checkout: records of attacks and of daily life. */
const folder = resolve(import.meta.dirname, '../../../shared/data');

const names = [
  'invictus-ir_aws_dataset',
  'DataDog_stratus-red-team',
  'boogy_CloudTrail-Log-Parser',
] as const;

export type RecordedSet = (typeof names)[number];

/** Empty, or why the tests that need the recordings do not run. */
export const recordedDataMissing = names.every((name) => existsSync(recordedFile(name)))
  ? ''
  : `the recorded data sets are not in ${folder}`;

export const recordedSets: readonly RecordedSet[] = names;

export function recordedFile(name: RecordedSet): string {
  return resolve(folder, `${name}.ndjson.gz`);
}

export interface RecordedEvent {
  readonly eventID?: string;
  readonly eventTime: string;
  readonly awsRegion: string;
  readonly recipientAccountId?: string;
  readonly eventCategory?: string;
  readonly managementEvent?: boolean;
}

export function readRecorded(name: RecordedSet): readonly RecordedEvent[] {
  const text = gunzipSync(readFileSync(recordedFile(name))).toString();
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RecordedEvent);
}
