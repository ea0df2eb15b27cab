import { createHash, createPublicKey, verify } from 'node:crypto';
import type { LogFileRead } from './read-log-file.ts';
import { onlyGzipMember } from './read-log-file.ts';

export interface DigestRead {
  readonly key: string;
  /** Trail, account and Region that the digest is of, as its key says. */
  readonly chain: string;
  readonly document: DigestDocument;
  readonly hash: string;
  readonly signature: string;
}

export interface DigestDocument {
  readonly awsAccountId: string;
  readonly digestStartTime: string;
  readonly digestEndTime: string;
  readonly digestS3Bucket: string;
  readonly digestS3Object: string;
  readonly digestPublicKeyFingerprint: string;
  readonly digestSignatureAlgorithm: string;
  readonly newestEventTime: string | null;
  readonly oldestEventTime: string | null;
  readonly previousDigestS3Bucket: string | null;
  readonly previousDigestS3Object: string | null;
  readonly previousDigestHashValue: string | null;
  readonly previousDigestHashAlgorithm: string | null;
  readonly previousDigestSignature: string | null;
  readonly logFiles: readonly {
    readonly s3Bucket: string;
    readonly s3Object: string;
    readonly hashValue: string;
    readonly hashAlgorithm: string;
    readonly newestEventTime: string;
    readonly oldestEventTime: string;
  }[];
}

/** The keys that ListPublicKeys answers for a Region and a time, by fingerprint: PKCS#1 DER. */
export type PublicKeys = (
  region: string,
  from: Date,
  to: Date,
) => Promise<ReadonlyMap<string, Buffer>>;

const digestKey =
  /^(?:(.+)\/)?AWSLogs\/(?:(o-[a-z0-9]{10,32})\/)?(\d{12})\/CloudTrail-Digest\/([a-z0-9-]+)\/(\d{4})\/(\d{2})\/(\d{2})\/\3_CloudTrail-Digest_\4_([A-Za-z0-9._-]+)_([a-z0-9-]+)_\5\6\7T\d{6}Z\.json\.gz$/;

export function isDigestKey(key: string): boolean {
  return digestKey.test(key);
}

/** Reads one digest and holds it against its place, its key and its signature. */
export async function readDigest(
  bucket: string,
  key: string,
  object: { readonly body: Buffer; readonly metadata: Readonly<Record<string, string>> },
  publicKeys: PublicKeys,
): Promise<DigestRead | string> {
  const [, prefix, organization, account, region, , , , trail, home] = digestKey.exec(key) ?? [];
  const bytes = onlyGzipMember(object.body);
  if (typeof bytes === 'string') return `${key}: ${bytes}`;
  const document = JSON.parse(bytes.toString()) as DigestDocument;
  const { digestStartTime: start, digestEndTime: end, digestPublicKeyFingerprint } = document;
  if (document.digestS3Bucket !== bucket || document.digestS3Object !== key) {
    return `${key} says that it is ${document.digestS3Bucket}/${document.digestS3Object}`;
  }
  if (document.awsAccountId !== account) return `${key} says that it is of another account`;
  if (key.slice(-24, -8) !== end.replace(/[-:]/g, '')) return `${key} says that it ends at ${end}`;
  if (!(start < end)) return `${key} is of no time`;
  // aws-cli asks for the keys of the time that it validates, up to two hours after its end.
  const until = new Date(Date.parse(end) + 7_200_000);
  const keys = await publicKeys(region!, new Date(start), until);
  const der = keys.get(digestPublicKeyFingerprint);
  if (!der) return `${key}: no public key has the fingerprint ${digestPublicKeyFingerprint}`;
  const { signature, 'signature-algorithm': algorithm } = object.metadata;
  if (algorithm !== 'SHA256withRSA' || algorithm !== document.digestSignatureAlgorithm) {
    return `${key} is signed with ${algorithm}`;
  }
  const hash = createHash('sha256').update(bytes).digest('hex');
  const signed = [end, `${bucket}/${key}`, hash, document.previousDigestSignature ?? 'null'];
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'pkcs1' });
  const text = Buffer.from(signed.join('\n'));
  if (!verify('RSA-SHA256', text, publicKey, Buffer.from(signature ?? '', 'hex'))) {
    return `${key} has a wrong signature`;
  }
  const chain = [prefix, organization, account, region, trail, home].join(' ');
  return { key, chain, document, hash, signature: signature! };
}

/** What is wrong with a chain of digests, oldest first, and with the files that they list. */
export function flawsOfChain(
  digests: readonly DigestRead[],
  files: ReadonlyMap<string, LogFileRead>,
): readonly string[] {
  const flaws: string[] = [];
  const sealed = new Set<string>();
  let before: DigestRead | undefined;
  for (const digest of digests) {
    flaws.push(...flawsOfLink(digest, before));
    for (const entry of digest.document.logFiles) {
      if (sealed.has(entry.s3Object)) flaws.push(`${digest.key} seals ${entry.s3Object} again`);
      sealed.add(entry.s3Object);
      const file = files.get(`${entry.s3Bucket}/${entry.s3Object}`);
      if (!file) flaws.push(`${digest.key} seals ${entry.s3Object}, which is not there`);
      else if (file.hash !== entry.hashValue) flaws.push(`${entry.s3Object} was changed`);
      else if (!sameTimes(entry, [file])) flaws.push(`${entry.s3Object} has other times`);
    }
    const listed = digest.document.logFiles.flatMap(
      (entry) => files.get(`${entry.s3Bucket}/${entry.s3Object}`) ?? [],
    );
    if (!sameTimes(digest.document, listed)) flaws.push(`${digest.key} has other times`);
    before = digest;
  }
  return flaws;
}

function flawsOfLink(digest: DigestRead, before: DigestRead | undefined): readonly string[] {
  const { document, key } = digest;
  const previous = [
    document.previousDigestS3Bucket,
    document.previousDigestS3Object,
    document.previousDigestHashValue,
    document.previousDigestHashAlgorithm,
    document.previousDigestSignature,
  ];
  if (previous.every((member) => member === null)) {
    const overlaps = before && before.document.digestEndTime > document.digestStartTime;
    return overlaps ? [`${key} begins a chain in the time of ${before.key}`] : [];
  }
  if (!before) return [`${key} follows a digest that is not there`];
  const { digestS3Bucket, digestEndTime } = before.document;
  const expected = [digestS3Bucket, before.key, before.hash, 'SHA-256', before.signature];
  const follows = expected.every((member, index) => member === previous[index]);
  if (!follows) return [`${key} does not follow ${before.key}`];
  return digestEndTime === document.digestStartTime
    ? []
    : [`${key} leaves a gap after ${before.key}`];
}

function sameTimes(
  told: { readonly oldestEventTime: string | null; readonly newestEventTime: string | null },
  files: readonly LogFileRead[],
): boolean {
  const times = files.flatMap((file) => file.records.map((record) => record.eventTime)).sort();
  const oldest = times[0] ?? null;
  return told.oldestEventTime === oldest && told.newestEventTime === (times.at(-1) ?? null);
}
