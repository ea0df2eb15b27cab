import { ListPublicKeysCommand } from '@aws-sdk/client-cloudtrail';
import type { ObjectStore } from '@trailkeep/core/ports/object-store.ts';
import type { Service } from '@trailkeep/core/service.ts';
import { type LogFileRead, readLogFile } from './read-log-file.ts';
import { sdkClient } from './sdk-client.ts';
import {
  type DigestRead,
  flawsOfChain,
  isDigestKey,
  type PublicKeys,
  readDigest,
} from './verify-digests.ts';

/** What lies in a bucket, and what is wrong with it. */
export interface VerifiedBucket {
  readonly logFiles: readonly LogFileRead[];
  /** By trail, account and Region, oldest first. */
  readonly chains: ReadonlyMap<string, readonly DigestRead[]>;
  /** Sentences; a bucket as it should be has none. */
  readonly flaws: readonly string[];
}

/**
 * Reads every object of the bucket and holds it against what CloudTrail promises: the keys, one
 * gzip member, `{"Records":[...]}`, records in their own account's, Region's and category's file,
 * digests with valid signatures whose chains touch, and files as their digests say they are.
 * Whether every record is there is for the caller to say: see `eventIDs`.
 */
export async function verifyBucket(
  objects: Pick<ObjectStore, 'list' | 'get'>,
  bucket: string,
  publicKeys: PublicKeys,
): Promise<VerifiedBucket> {
  const flaws: string[] = [];
  const files = new Map<string, LogFileRead>();
  const chains = new Map<string, DigestRead[]>();
  for (const key of await keysOf(objects, bucket)) {
    const object = await objects.get(bucket, key);
    if ('outcome' in object) {
      flaws.push(`${key} cannot be read: ${object.code}`);
    } else if (isDigestKey(key)) {
      const digest = await readDigest(bucket, key, object, publicKeys);
      if (typeof digest === 'string') flaws.push(digest);
      else chains.set(digest.chain, [...(chains.get(digest.chain) ?? []), digest]);
    } else {
      const file = readLogFile(key, object.body);
      if (typeof file === 'string') flaws.push(file);
      else files.set(`${bucket}/${key}`, file);
    }
  }
  for (const digests of chains.values()) flaws.push(...flawsOfChain(digests, files));
  return { logFiles: [...files.values()], chains, flaws };
}

/** The IDs of the events in the files, in the files' order; one that is there twice comes twice. */
export function eventIDs(files: readonly LogFileRead[]): readonly string[] {
  return files.flatMap((file) => file.records.map((record) => record.eventID));
}

/** Keys of the files that the digests of these chains seal. */
export function sealedFiles(chains: Iterable<readonly DigestRead[]>): readonly string[] {
  return [...chains].flatMap((digests) =>
    digests.flatMap(({ document }) => document.logFiles.map((file) => file.s3Object)),
  );
}

/** The public keys as ListPublicKeys answers them to the account; asked once for each time. */
export function publicKeysOf(engine: { readonly service: Service }, account?: string): PublicKeys {
  const asked = new Map<string, ReturnType<PublicKeys>>();
  async function ask(region: string, StartTime: Date, EndTime: Date) {
    const client = sdkClient(engine, { region, account });
    const { PublicKeyList = [] } = await client.send(
      new ListPublicKeysCommand({ StartTime, EndTime }),
    );
    return new Map(PublicKeyList.map((key) => [key.Fingerprint!, Buffer.from(key.Value!)]));
  }
  return (region, from, to) => {
    const question = `${region} ${from.getTime()} ${to.getTime()}`;
    const answer = asked.get(question) ?? ask(region, from, to);
    asked.set(question, answer);
    return answer;
  };
}

const keysMax = 1_000_000;

/** Every key of the bucket, in the order of S3's listings. */
export async function keysOf(
  objects: Pick<ObjectStore, 'list'>,
  bucket: string,
): Promise<readonly string[]> {
  const keys: string[] = [];
  while (keys.length < keysMax) {
    const page = await objects.list(bucket, { after: keys.at(-1), limit: 1000 });
    if ('outcome' in page) throw new Error(`${page.code}: ${page.message}`);
    if (page.length === 0) return keys;
    keys.push(...page);
  }
  throw new Error(`the bucket ${bucket} has more than ${keysMax} keys`);
}
