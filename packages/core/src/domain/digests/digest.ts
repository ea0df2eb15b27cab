import { createHash } from 'node:crypto';
import type { LogFileDelivered, SealedDigest } from '../delivery/delivery.ts';
import { compactTime, folderKey, type LogFilePlace, secondTime } from '../delivery/log-file.ts';

/** A digest covers an hour (CloudTrail User Guide, "Digest file structure"). */
export const digestIntervalMs = 60 * 60_000;

export interface DigestPlan {
  readonly place: LogFilePlace;
  readonly trailName: string;
  readonly homeRegion: string;
  readonly bucket: string;
  /** Milliseconds, whole seconds. */
  readonly start: number;
  readonly end: number;
  readonly fingerprint: string;
  /** Undefined for the first digest of a chain. */
  readonly previous: SealedDigest | undefined;
  readonly files: readonly LogFileDelivered[];
}

/** aws-cli reads the time at fixed offsets from the end of this key. */
export function digestKey(plan: DigestPlan): string {
  const { place, trailName, homeRegion, end } = plan;
  const name = `${place.account}_CloudTrail-Digest_${place.region}_${trailName}_${homeRegion}`;
  return `${folderKey(place, 'CloudTrail-Digest', end)}/${name}_${compactTime(end)}.json.gz`;
}

/** The digest as it is stored, before compression; member order as CloudTrail writes it. */
export function digestDocument(plan: DigestPlan): Buffer {
  const times = plan.files.flatMap((file) => [file.oldestEventTime, file.newestEventTime]);
  const { previous } = plan;
  return Buffer.from(
    JSON.stringify({
      awsAccountId: plan.place.account,
      digestStartTime: secondTime(plan.start),
      digestEndTime: secondTime(plan.end),
      digestS3Bucket: plan.bucket,
      digestS3Object: digestKey(plan),
      digestPublicKeyFingerprint: plan.fingerprint,
      digestSignatureAlgorithm: 'SHA256withRSA',
      newestEventTime: times.length > 0 ? secondTime(maxOf(times)) : null,
      oldestEventTime: times.length > 0 ? secondTime(minOf(times)) : null,
      previousDigestS3Bucket: previous?.bucket ?? null,
      previousDigestS3Object: previous?.key ?? null,
      previousDigestHashValue: previous?.hash ?? null,
      previousDigestHashAlgorithm: previous ? 'SHA-256' : null,
      previousDigestSignature: previous?.signature ?? null,
      logFiles: plan.files.map((file) => ({
        s3Bucket: file.bucket,
        s3Object: file.key,
        hashValue: file.hash,
        hashAlgorithm: 'SHA-256',
        newestEventTime: secondTime(file.newestEventTime),
        oldestEventTime: secondTime(file.oldestEventTime),
      })),
    }),
  );
}

/** What is signed (CloudTrail User Guide, "Custom implementations of log file validation"). */
export function stringToSign(plan: DigestPlan, document: Buffer): Buffer {
  return Buffer.from(
    [
      secondTime(plan.end),
      `${plan.bucket}/${digestKey(plan)}`,
      sha256Hex(document),
      plan.previous?.signature ?? 'null',
    ].join('\n'),
  );
}

export function sha256Hex(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function maxOf(values: readonly number[]): number {
  return values.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
}

function minOf(values: readonly number[]): number {
  return values.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
}
