import { lateAddendum } from '../../../domain/events/complete-record.ts';
import type { RecordFacts, RecordSpan } from '../../../domain/events/record.ts';
import type { Fingerprint, Fingerprints } from './id-fingerprint.ts';

/** Words of a mark: fingerprint of (account, eventID), high and low, and digest. */
export const markWords = 3;

/** The marks of the records, `markWords` words each; good until the next call. */
export function markRecords(
  bytes: Buffer,
  records: readonly RecordSpan[],
  ids: Fingerprints,
): Uint32Array {
  if (scratch.length < records.length * markWords) {
    scratch = new Uint32Array(records.length * markWords);
  }
  const id: Fingerprint = { high: 0, low: 0 };
  for (let i = 0; i < records.length; i++) {
    const { start, end, facts } = records[i]!;
    ids.of(facts.recipientAccountId, facts.eventID, id);
    scratch[i * markWords] = id.high;
    scratch[i * markWords + 1] = id.low;
    scratch[i * markWords + 2] = digestOf(facts, contentLength(bytes, start, end));
  }
  return scratch;
}

let scratch = new Uint32Array(1_024 * markWords);

/**
 * Tells the same record sent again from another one with its id. A record that came on time the
 * first time and late the second differs by the addendum that we add, which does not count.
 */
function digestOf(facts: RecordFacts, length: number): number {
  let digest = Math.imul(length ^ 0x9e3779b9, 0x85ebca6b);
  digest = mix(digest, facts.eventTime / 1000);
  digest = mix(digest, hashText(facts.eventName));
  digest = mix(digest, hashText(facts.eventSource));
  digest = mix(digest, hashText(facts.awsRegion));
  digest = mix(digest, hashText(facts.userIdentityArn ?? ''));
  digest = mix(digest, hashText(facts.accessKeyId ?? ''));
  return mix(digest, hashText(facts.errorCode ?? '')) >>> 0;
}

function contentLength(bytes: Buffer, start: number, end: number): number {
  const added = end - lateSuffix.length;
  const isLate =
    added > start &&
    bytes[added] === lateSuffix[0] &&
    bytes.compare(lateSuffix, 0, lateSuffix.length, added, end) === 0;
  return isLate ? added + 1 - start : end - start;
}

const lateSuffix = Buffer.from(`,"addendum":${lateAddendum}}`);

function mix(digest: number, word: number): number {
  const mixed = Math.imul(digest ^ word, 0xc2b2ae35);
  return mixed ^ (mixed >>> 15);
}

/** Few texts come again and again (names, Regions, callers); each is hashed once. */
function hashText(text: string): number {
  const known = hashes.get(text);
  if (known !== undefined) return known;
  let hash = text.length;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  if (hashes.size === hashesMax) hashes.clear();
  hashes.set(text, hash);
  return hash;
}

const hashes = new Map<string, number>();
const hashesMax = 20_000;
