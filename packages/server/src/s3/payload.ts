import { createHash, type Hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isRefusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { chunkDecoder, incomplete } from './aws-chunked.ts';
import {
  type Checksum,
  type ChecksumAlgorithm,
  checksumAlgorithms,
  checksumBytes,
  newChecksum,
  toChecksumAlgorithm,
} from './checksums.ts';
import { refuseWith, type S3Refusal } from './s3-refusals.ts';

export interface PayloadLimits {
  readonly bytesMax: number;
  /** Compute this checksum though the request carries none. */
  readonly algorithm?: ChecksumAlgorithm;
}

export interface PayloadFacts {
  readonly sizeBytes: number;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
}

/**
 * Hands the body's payload to `sink` as it comes, waiting for it, and checks what the request
 * says about it: length, x-amz-content-sha256, Content-MD5, one x-amz-checksum-* in a header or
 * trailer.
 */
export async function receivePayload(
  request: IncomingMessage,
  limits: PayloadLimits,
  sink: (chunk: Buffer) => Promise<void>,
): Promise<PayloadFacts | S3Refusal> {
  const expected = expectedOf(request);
  if (isRefusal(expected)) return expected;
  if (expected.sizeBytes !== undefined && expected.sizeBytes > limits.bytesMax) {
    return entityTooLarge(expected.sizeBytes, limits.bytesMax);
  }
  const checks = startChecks(expected, limits);
  const decoder = expected.chunked ? chunkDecoder() : undefined;
  let sizeBytes = 0;
  for await (const bytes of request.iterator({ destroyOnReturn: false })) {
    const payload = decoder?.push(bytes as Buffer) ?? [bytes as Buffer];
    if (isRefusal(payload)) return payload;
    for (const chunk of payload as readonly Buffer[]) {
      sizeBytes += chunk.length;
      if (sizeBytes > limits.bytesMax) return entityTooLarge(sizeBytes, limits.bytesMax);
      for (const check of checks.all) check.update(chunk);
      await sink(chunk);
    }
  }
  const trailers = decoder?.end() ?? new Map<string, string>();
  if (isRefusal(trailers)) return trailers;
  if (expected.sizeBytes !== undefined && expected.sizeBytes !== sizeBytes) return incomplete;
  return finishChecks(checks, expected, trailers as ReadonlyMap<string, string>, sizeBytes);
}

/** The whole payload of a small body. */
export async function receiveText(
  request: IncomingMessage,
  bytesMax: number,
): Promise<string | S3Refusal> {
  const chunks: Buffer[] = [];
  const facts = await receivePayload(request, { bytesMax }, async (chunk) => {
    chunks.push(chunk);
  });
  if (isRefusal(facts)) return facts;
  return Buffer.concat(chunks).toString('utf8');
}

interface Expected {
  readonly sizeBytes?: number;
  readonly chunked: boolean;
  readonly sha256?: string;
  readonly md5?: string;
  readonly algorithm?: ChecksumAlgorithm;
  /** From a header; a trailer's comes at the end. */
  readonly checksum?: string;
}

function expectedOf(request: IncomingMessage): Expected | S3Refusal {
  const header = (name: string) => request.headers[name] as string | undefined;
  const sha256 = header('x-amz-content-sha256');
  const chunked = sha256?.startsWith('STREAMING-') ?? false;
  if (chunked && !streamingKinds.has(sha256 ?? '')) {
    return refuse('NotImplemented', `This kind of streaming body is not known: ${sha256}`);
  }
  const length = header(chunked ? 'x-amz-decoded-content-length' : 'content-length');
  if (length !== undefined && !/^\d{1,15}$/.test(length)) {
    return refuse('InvalidRequest', 'The length of the body is not a number');
  }
  const md5 = header('content-md5');
  if (md5 !== undefined && !isBase64Of(md5, 16)) {
    return refuse('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  }
  const checksum = expectedChecksum(request);
  if (isRefusal(checksum)) return checksum;
  return {
    sizeBytes: length === undefined ? undefined : Number(length),
    chunked,
    sha256: sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined,
    md5,
    ...checksum,
  };
}

function expectedChecksum(
  request: IncomingMessage,
): { algorithm?: ChecksumAlgorithm; checksum?: string } | S3Refusal {
  const given = checksumAlgorithms.filter((name) => request.headers[checksumHeader(name)]);
  if (given.length > 1) {
    const message = 'Expecting a single x-amz-checksum- header. Multiple are not allowed.';
    return refuse('InvalidRequest', message);
  }
  const [algorithm] = given;
  if (algorithm !== undefined) {
    const checksum = request.headers[checksumHeader(algorithm)] as string;
    const valid = isBase64Of(checksum, checksumBytes(algorithm));
    return valid ? { algorithm, checksum } : badChecksumHeader(algorithm);
  }
  const trailer = request.headers['x-amz-trailer'] as string | undefined;
  const announced = trailer?.split(',').map((name) => name.trim().toLowerCase());
  const algorithms = checksumAlgorithms.filter((name) => announced?.includes(checksumHeader(name)));
  return { algorithm: algorithms[0] };
}

interface Checks {
  readonly all: readonly { update(chunk: Buffer): unknown }[];
  readonly sha256?: Hash;
  readonly md5?: Hash;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly running: Checksum };
}

function startChecks(expected: Expected, limits: PayloadLimits): Checks {
  const sha256 = expected.sha256 === undefined ? undefined : createHash('sha256');
  const md5 = expected.md5 === undefined ? undefined : createHash('md5');
  const algorithm = expected.algorithm ?? limits.algorithm;
  const running = algorithm === undefined ? undefined : newChecksum(algorithm);
  const checksum = algorithm && running ? { algorithm, running } : undefined;
  return { all: [sha256, md5, running].filter((one) => one !== undefined), sha256, md5, checksum };
}

function finishChecks(
  checks: Checks,
  expected: Expected,
  trailers: ReadonlyMap<string, string>,
  sizeBytes: number,
): PayloadFacts | S3Refusal {
  if (checks.sha256 !== undefined) {
    const computed = checks.sha256.digest('hex');
    if (computed !== expected.sha256) return sha256Mismatch(expected.sha256 ?? '', computed);
  }
  if (checks.md5 !== undefined) {
    const computed = checks.md5.digest('base64');
    if (computed !== expected.md5) return md5Mismatch(expected.md5 ?? '', computed);
  }
  if (checks.checksum === undefined) return { sizeBytes };
  const { algorithm, running } = checks.checksum;
  const value = running.value();
  const stated = expected.checksum ?? trailers.get(checksumHeader(algorithm));
  if (stated === undefined && expected.algorithm !== undefined) {
    return refuse(
      'MalformedTrailerError',
      'The request contained trailing data that was not valid',
    );
  }
  if (stated !== undefined && stated !== value) {
    const message = `The ${algorithm} you specified did not match the calculated checksum.`;
    return refuse('BadDigest', message);
  }
  return { sizeBytes, checksum: { algorithm, value } };
}

export function checksumHeader(algorithm: string): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** The algorithm that the request names without carrying a value of it. */
export function namedAlgorithm(
  request: IncomingMessage,
): ChecksumAlgorithm | undefined | S3Refusal {
  const name = (request.headers['x-amz-sdk-checksum-algorithm'] ??
    request.headers['x-amz-checksum-algorithm']) as string | undefined;
  if (name === undefined) return undefined;
  const message = 'Checksum algorithm provided is unsupported.';
  return toChecksumAlgorithm(name) ?? refuse('InvalidRequest', message);
}

function isBase64Of(text: string, bytes: number): boolean {
  const decoded = Buffer.from(text, 'base64');
  return decoded.length === bytes && decoded.toString('base64') === text;
}

function badChecksumHeader(algorithm: string): S3Refusal {
  return refuse('InvalidRequest', `Value for ${checksumHeader(algorithm)} header is invalid.`);
}

function entityTooLarge(proposed: number, max: number): S3Refusal {
  const detail = { ProposedSize: proposed, MaxSizeAllowed: max };
  const message = 'Your proposed upload exceeds the maximum allowed size';
  return refuseWith('EntityTooLarge', message, detail);
}

function sha256Mismatch(stated: string, computed: string): S3Refusal {
  const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
  const detail = { ClientComputedContentSHA256: stated, S3ComputedContentSHA256: computed };
  return refuseWith('XAmzContentSHA256Mismatch', message, detail);
}

function md5Mismatch(stated: string, computed: string): S3Refusal {
  const message = 'The Content-MD5 you specified did not match what we received.';
  return refuseWith('BadDigest', message, { ExpectedDigest: stated, CalculatedDigest: computed });
}

const streamingKinds = new Set([
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
  'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD',
  'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER',
]);
