import { createHash, timingSafeEqual } from 'node:crypto';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import { hmac, rememberSigningKey, signingKey } from './signing-key.ts';
import {
  canonicalRequest,
  headerValues,
  queryParameters,
  type RawHeaders,
  type SignedRequest,
} from './sigv4-canonical.ts';

/** What a request says about who signed it, before anything is believed. */
export interface Authorization {
  readonly form: 'header' | 'query';
  readonly accessKeyId: string;
  /** The scope's day, `20260131`; it is that of `signedAt`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  /** 64 hexadecimal digits. */
  readonly signature: string;
  /** X-Amz-Date, `20260131T235959Z`, and as a time. */
  readonly amzDate: string;
  readonly signedAt: Date;
  /** How long a presigned request holds; undefined in the header form. */
  readonly expiresSeconds: number | undefined;
  readonly sessionToken: string | undefined;
}

export type SignatureRefusal = Refusal<
  | 'IncompleteSignatureException'
  | 'InvalidSignatureException'
  | 'MissingAuthenticationTokenException'
>;

export interface Verification extends SignedRequest {
  /**
   * The body's bytes are hashed and must be the ones that were signed. S3 alone may pass the word
   * that it found in x-amz-content-sha256, `UNSIGNED-PAYLOAD` or `STREAMING-...`, instead.
   */
  readonly body: Uint8Array | 'UNSIGNED-PAYLOAD' | `STREAMING-${string}`;
  readonly secret: string;
  readonly now: Date;
  /** How far X-Amz-Date may be from now, either way; undefined does not look at the clock. */
  readonly skewSeconds: number | undefined;
}

/**
 * Reads the Authorization header or the X-Amz-* parameters of a presigned URL: undefined when
 * there is neither, a refusal when it is not Signature Version 4 as AWS defines it. X-Amz-Date is
 * required; the older `Date` header does not stand in for it.
 */
export function readAuthorization(
  headers: RawHeaders,
  query: string,
): Authorization | undefined | Refusal<'IncompleteSignatureException'> {
  const values = headerValues(headers);
  const authorization = values.get('authorization');
  const parameters = new Map(queryParameters(query).filter(([name]) => name.startsWith('X-Amz-')));
  const presigned = parameters.has('X-Amz-Algorithm') || parameters.has('X-Amz-Signature');
  if (authorization === undefined && !presigned) return undefined;
  if (authorization !== undefined && presigned) {
    return incomplete('Only one of the Authorization header and X-Amz-Signature may be given.');
  }
  if (authorization === undefined) return readPresigned(parameters);
  if (authorization.length > 1) return incomplete('The Authorization header was given twice.');
  return readHeader(authorization[0] ?? '', values);
}

/** Undefined when the request was signed with the secret. Compares in constant time. */
export function verifySignature(verification: Verification): SignatureRefusal | undefined {
  const { headers, query, now, skewSeconds } = verification;
  const authorization = readAuthorization(headers, query);
  if (authorization === undefined) {
    return refuse('MissingAuthenticationTokenException', 'Request is missing Authentication Token');
  }
  if (isRefusal<'IncompleteSignatureException'>(authorization)) return authorization;
  const payloadHash = payloadHashOf(verification.body);
  const values = headerValues(headers);
  return (
    refuseTime(authorization, now, skewSeconds) ??
    refuseUnsignedHeaders(authorization, values) ??
    refusePayload(values, payloadHash) ??
    refuseSignature(authorization, verification, payloadHash)
  );
}

type Incomplete = Refusal<'IncompleteSignatureException'>;
type Invalid = Refusal<'InvalidSignatureException'>;

const algorithm = 'AWS4-HMAC-SHA256';
const authorizationCharactersMax = 8192;
const signedHeadersMax = 100;
const presignedSecondsMax = 7 * 24 * 3600;

function incomplete(message: string): Incomplete {
  return refuse('IncompleteSignatureException', message);
}

function invalid(message: string): Invalid {
  return refuse('InvalidSignatureException', message);
}

function readHeader(
  header: string,
  values: ReadonlyMap<string, readonly string[]>,
): Authorization | Incomplete {
  if (header.length > authorizationCharactersMax) {
    return incomplete('The Authorization header is too long.');
  }
  if (!header.startsWith(`${algorithm} `)) {
    return incomplete(`The Authorization header must begin with '${algorithm}'.`);
  }
  const parts = new Map<string, string>();
  for (const part of header.slice(algorithm.length).split(',')) {
    const at = part.indexOf('=');
    const name = part.slice(0, at === -1 ? part.length : at).trim();
    if (at === -1 || parts.has(name)) return incomplete('The Authorization header is malformed.');
    parts.set(name, part.slice(at + 1).trim());
  }
  const dates = values.get('x-amz-date') ?? [];
  if (dates.length !== 1) return incomplete("Authorization requires one 'X-Amz-Date' header.");
  const tokens = values.get('x-amz-security-token');
  return assemble({
    form: 'header',
    credential: parts.get('Credential'),
    signedHeaders: parts.get('SignedHeaders'),
    signature: parts.get('Signature'),
    amzDate: dates[0],
    sessionToken: tokens?.[0],
    expires: undefined,
  });
}

function readPresigned(parameters: ReadonlyMap<string, string>): Authorization | Incomplete {
  if (parameters.get('X-Amz-Algorithm') !== algorithm) {
    return incomplete(`X-Amz-Algorithm must be '${algorithm}'.`);
  }
  const decoded = new Map<string, string>();
  for (const [name, value] of parameters) {
    try {
      decoded.set(name, decodeURIComponent(value));
    } catch {
      return incomplete(`The parameter ${name} is malformed.`);
    }
  }
  return assemble({
    form: 'query',
    credential: decoded.get('X-Amz-Credential'),
    signedHeaders: decoded.get('X-Amz-SignedHeaders'),
    signature: decoded.get('X-Amz-Signature'),
    amzDate: decoded.get('X-Amz-Date'),
    sessionToken: decoded.get('X-Amz-Security-Token'),
    expires: decoded.get('X-Amz-Expires'),
  });
}

interface Parts {
  readonly form: 'header' | 'query';
  readonly credential: string | undefined;
  readonly signedHeaders: string | undefined;
  readonly signature: string | undefined;
  readonly amzDate: string | undefined;
  readonly sessionToken: string | undefined;
  readonly expires: string | undefined;
}

function assemble(parts: Parts): Authorization | Incomplete {
  const { form, signature = '', amzDate = '', sessionToken, expires } = parts;
  const scope = /^([!-+\--.0-~]{1,128})\/(\d{8})\/([\w-]{1,64})\/([\w-]{1,64})\/aws4_request$/;
  const [, accessKeyId, date, region, service] = scope.exec(parts.credential ?? '') ?? [];
  if (!accessKeyId || !date || !region || !service) {
    return incomplete("Authorization requires 'Credential' with a scope ending in 'aws4_request'.");
  }
  const signedHeaders = (parts.signedHeaders ?? '').split(';');
  if (signedHeaders.length > signedHeadersMax || !signedHeaders.every(isHeaderName)) {
    return incomplete("Authorization requires 'SignedHeaders' in lower case.");
  }
  if (!/^[0-9a-f]{64}$/.test(signature)) {
    return incomplete("Authorization requires 'Signature' of 64 hexadecimal digits.");
  }
  const signedAt = timeOf(amzDate);
  if (signedAt === undefined) return incomplete("Authorization requires a valid 'X-Amz-Date'.");
  if (!amzDate.startsWith(date)) {
    return incomplete('The date of the credential scope is not the date of X-Amz-Date.');
  }
  const expiresSeconds = form === 'query' ? Number(expires) : undefined;
  if (form === 'query' && !isExpiry(expires)) {
    return incomplete(`X-Amz-Expires must be from 1 to ${presignedSecondsMax}.`);
  }
  const scoped = { form, accessKeyId, date, region, service, signedHeaders, signature };
  return { ...scoped, amzDate, signedAt, expiresSeconds, sessionToken };
}

function isHeaderName(name: string): boolean {
  return /^[a-z0-9!#$%&'*+.^_`|~-]{1,128}$/.test(name);
}

function isExpiry(expires: string | undefined): boolean {
  return /^[1-9]\d{0,5}$/.test(expires ?? '') && Number(expires) <= presignedSecondsMax;
}

function timeOf(amzDate: string): Date | undefined {
  const [, ...fields] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(amzDate) ?? [];
  const [year, month, day, hour, minute, second] = fields;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function refuseTime(
  authorization: Authorization,
  now: Date,
  skewSeconds: number | undefined,
): Invalid | undefined {
  if (skewSeconds === undefined) return undefined;
  const { signedAt, amzDate, expiresSeconds } = authorization;
  const ageSeconds = (now.getTime() - signedAt.getTime()) / 1000;
  if (ageSeconds < -skewSeconds) return invalid(`Signature not yet current: ${amzDate}.`);
  if (ageSeconds <= (expiresSeconds ?? skewSeconds)) return undefined;
  return invalid(`Signature expired: ${amzDate} is now too long ago.`);
}

/** CloudFront adds this one on the way, after the client signed. */
const addedOnTheWay: ReadonlySet<string> = new Set(['x-amz-cf-id']);

/** A header that means something and is not signed could be anyone's. */
function refuseUnsignedHeaders(
  authorization: Authorization,
  present: ReadonlyMap<string, readonly string[]>,
): Invalid | undefined {
  const signed = new Set(authorization.signedHeaders);
  if (!signed.has('host')) return invalid("'Host' must be a 'SignedHeader'.");
  for (const name of signed) {
    if (!present.has(name)) return invalid(`The signed header '${name}' is not in the request.`);
  }
  for (const name of present.keys()) {
    if (!name.startsWith('x-amz-') || signed.has(name) || addedOnTheWay.has(name)) continue;
    return invalid(`The header '${name}' must be a 'SignedHeader'.`);
  }
  return undefined;
}

function payloadHashOf(body: Verification['body']): string {
  return typeof body === 'string' ? body : createHash('sha256').update(body).digest('hex');
}

function refusePayload(
  present: ReadonlyMap<string, readonly string[]>,
  payloadHash: string,
): Invalid | undefined {
  const claimed = present.get('x-amz-content-sha256');
  if (claimed === undefined) return undefined;
  if (claimed.length === 1 && claimed[0] === payloadHash) return undefined;
  return invalid("The 'x-amz-content-sha256' header does not match what was computed.");
}

function refuseSignature(
  authorization: Authorization,
  verification: Verification,
  payloadHash: string,
): Invalid | undefined {
  const { amzDate, date, region, service, signedHeaders, signature } = authorization;
  const canonical = canonicalRequest(verification, signedHeaders, service, payloadHash);
  const hash = createHash('sha256').update(bytesAsSent(canonical)).digest('hex');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const key = signingKey(verification.secret, date, region, service);
  const expected = hmac(key.bytes, `${algorithm}\n${amzDate}\n${scope}\n${hash}`);
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) {
    return invalid(
      'The request signature we calculated does not match the signature you provided. Check your ' +
        'AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  }
  rememberSigningKey(key);
  return undefined;
}

/** Node gives header bytes as Latin-1; signers hash the bytes. */
function bytesAsSent(canonical: string): Buffer {
  const bytes = Buffer.from(canonical, 'latin1');
  return bytes.toString('latin1') === canonical ? bytes : Buffer.from(canonical);
}
