import { gunzipSync } from 'node:zlib';
import { numberOfId, type Round, readTemplates, writeRecord } from './records.ts';
import type { Trailkeep } from './trailkeep.ts';

export interface Delivered {
  readonly files: number;
  /** Records of the benchmark's; the service's own calls are in the files too. */
  readonly records: number;
  readonly bytesMax: number;
}

/**
 * Reads every log file under a prefix back through S3, and throws unless each record of the rounds
 * is there once, byte for byte as it was sent. Digests are passed over.
 */
export async function checkDelivered(
  server: Trailkeep,
  place: { readonly bucket: string; readonly prefix: string },
  rounds: readonly Round[],
): Promise<Delivered> {
  const seen = new Set<number>();
  let files = 0;
  let bytesMax = 0;
  for (const key of await keysOf(server, place)) {
    if (!key.endsWith('.json.gz') || key.includes('/CloudTrail-Digest/')) continue;
    const document = gunzipSync(await server.s3('GET', `/${place.bucket}/${key}`));
    files += 1;
    bytesMax = Math.max(bytesMax, document.length);
    checkDocument(document, rounds, seen, key);
  }
  const expected = rounds.reduce((sum, { count }) => sum + count, 0);
  if (seen.size !== expected) {
    throw new Error(`${seen.size} of ${expected} records are in ${files} files of ${place.prefix}`);
  }
  return { files, records: seen.size, bytesMax };
}

async function keysOf(
  server: Trailkeep,
  { bucket, prefix }: { bucket: string; prefix: string },
): Promise<readonly string[]> {
  const keys: string[] = [];
  for (let after = ''; ; ) {
    const query = `list-type=2&prefix=${encodeURIComponent(prefix)}&start-after=${encodeURIComponent(after)}`;
    const page = (await server.s3('GET', `/${bucket}?${query}`)).toString();
    const found = [...page.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key]) => key!);
    keys.push(...found);
    if (found.length === 0 || !page.includes('<IsTruncated>true')) return keys;
    after = keys.at(-1)!;
  }
}

const templates = readTemplates();
const scratch = Buffer.alloc(64 * 1024);
const opening = '{"Records":[';

function checkDocument(
  document: Buffer,
  rounds: readonly Round[],
  seen: Set<number>,
  key: string,
): void {
  if (document.toString('latin1', 0, opening.length) !== opening) {
    throw new Error(`${key} does not begin with ${opening}`);
  }
  let at = opening.length;
  while (at < document.length - 2) {
    const n = numberAt(document, at);
    const round = rounds.find(({ first, count }) => n >= first && n < first + count);
    if (round === undefined) at = endOfObject(document, at);
    else {
      const length = writeRecord(scratch, 0, templates[n % templates.length]!, n, round);
      if (scratch.compare(document, at, at + length, 0, length) !== 0) {
        throw new Error(`record ${n} was changed on its way, in ${key} at ${at}`);
      }
      if (seen.has(n)) throw new Error(`record ${n} was delivered twice, again in ${key}`);
      seen.add(n);
      at += length;
    }
    at += 1;
  }
  if (document.toString('latin1', at - 1) !== ']}') throw new Error(`${key} does not end with ]}`);
}

/** The number of the record at `at`; -1 for one that is not ours. */
function numberAt(document: Buffer, at: number): number {
  const mark = '"eventID":"';
  const id = document.indexOf(mark, at) + mark.length;
  return numberOfId(document.toString('latin1', id, id + 36)) ?? -1;
}

function endOfObject(document: Buffer, open: number): number {
  let depth = 0;
  let inString = false;
  for (let at = open; at < document.length; at++) {
    const c = document[at];
    if (inString && c === 0x5c) at++;
    else if (c === 0x22) inString = !inString;
    else if (!inString && c === 0x7b) depth++;
    else if (!inString && c === 0x7d && --depth === 0) return at + 1;
  }
  throw new Error('a log file ends inside of a record');
}
