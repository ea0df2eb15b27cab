import { refuse } from '@trailkeep/core/domain/refusal.ts';
import { refuseWith, type S3Refusal } from './s3-refusals.ts';

/**
 * Whether a presigned request is too late, by the host's time: the service's clock may be set,
 * whoever signed the URL did not look at it. Undefined when all is well or nothing is presigned.
 */
export function refusedPresigned(
  query: ReadonlyMap<string, string>,
  hostNow: number,
): S3Refusal | undefined {
  if (query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature')) {
    return refusedV4(query, hostNow);
  }
  const expires = query.get('Expires');
  if (!query.has('Signature') || !query.has('AWSAccessKeyId') || expires === undefined) {
    return undefined;
  }
  if (!/^\d{1,12}$/.test(expires))
    return refuse('AccessDenied', 'Invalid date (should be seconds since epoch)');
  return hostNow > Number(expires) * 1000 ? expired(Number(expires) * 1000, hostNow) : undefined;
}

function refusedV4(query: ReadonlyMap<string, string>, hostNow: number): S3Refusal | undefined {
  if (required.some((name) => !query.get(name))) {
    return badQuery(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, ' +
        'X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  }
  const signedAt = parseTime(query.get('X-Amz-Date') ?? '');
  if (signedAt === undefined) {
    return badQuery("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  }
  const seconds = query.get('X-Amz-Expires') ?? '';
  if (!/^\d{1,9}$/.test(seconds)) return badQuery('X-Amz-Expires should be a number');
  if (Number(seconds) > expiresSecondsMax) {
    return badQuery(
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires ' +
        'must be less than 604800 seconds',
    );
  }
  if (signedAt > hostNow + skewMs) return refuse('AccessDenied', 'Request is not yet valid');
  const until = signedAt + Number(seconds) * 1000;
  return hostNow > until ? expired(until, hostNow, seconds) : undefined;
}

function parseTime(text: string): number | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (found === null) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1);
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

function expired(until: number, now: number, seconds?: string): S3Refusal {
  return refuseWith('AccessDenied', 'Request has expired', {
    ...(seconds === undefined ? {} : { 'X-Amz-Expires': seconds }),
    Expires: new Date(until).toISOString().replace('.000Z', 'Z'),
    ServerTime: `${new Date(now).toISOString().slice(0, 19)}Z`,
  });
}

function badQuery(message: string): S3Refusal {
  return refuse('AuthorizationQueryParametersError', message);
}

const required = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-Date',
  'X-Amz-SignedHeaders',
  'X-Amz-Expires',
];
const expiresSecondsMax = 604_800;
const skewMs = 15 * 60 * 1000;
