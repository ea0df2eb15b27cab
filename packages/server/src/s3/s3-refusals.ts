import { type Refusal, refuse } from '@trailkeep/core/domain/refusal.ts';

/** A refusal as S3 answers it: some codes carry more elements, or headers. */
export interface S3Refusal extends Refusal {
  readonly detail?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export function refuseWith(
  code: string,
  message: string,
  detail: Readonly<Record<string, string | number>>,
): S3Refusal {
  return { ...refuse(code, message), detail };
}

/** 501, with a sentence: what is not built is never answered as if it were. */
export function notBuilt(what: string): S3Refusal {
  return refuse('NotImplemented', `Trailkeep's buckets do not have this: ${what}.`);
}

export function invalidArgument(message: string, name: string, value: string): S3Refusal {
  return refuseWith('InvalidArgument', message, { ArgumentName: name, ArgumentValue: value });
}

export const malformedXml = refuse(
  'MalformedXML',
  'The XML you provided was not well-formed or did not validate against our published schema',
);

export const accessDenied = refuse('AccessDenied', 'Access Denied');

/** The HTTP status of a code; S3's list of errors. 400 for what is not named here. */
export function statusOf(code: string): number {
  return statuses[code] ?? 400;
}

const statuses: Readonly<Record<string, number>> = {
  NotModified: 304,
  AccessDenied: 403,
  AccountProblem: 403,
  InvalidAccessKeyId: 403,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchVersion: 404,
  NoSuchUpload: 404,
  NoSuchBucketPolicy: 404,
  NoSuchCORSConfiguration: 404,
  NoSuchLifecycleConfiguration: 404,
  NoSuchPublicAccessBlockConfiguration: 404,
  NoSuchTagSet: 404,
  NoSuchWebsiteConfiguration: 404,
  NoSuchConfiguration: 404,
  ObjectLockConfigurationNotFoundError: 404,
  OwnershipControlsNotFoundError: 404,
  ReplicationConfigurationNotFoundError: 404,
  ServerSideEncryptionConfigurationNotFoundError: 404,
  MethodNotAllowed: 405,
  BucketAlreadyExists: 409,
  BucketAlreadyOwnedByYou: 409,
  BucketNotEmpty: 409,
  ConditionalRequestConflict: 409,
  InvalidBucketState: 409,
  OperationAborted: 409,
  MissingContentLength: 411,
  PreconditionFailed: 412,
  InvalidRange: 416,
  InvalidPartNumber: 416,
  InternalError: 500,
  NotImplemented: 501,
  ServiceUnavailable: 503,
  SlowDown: 503,
};
