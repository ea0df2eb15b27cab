/**
 * Errors that any operation may answer with, and their HTTP status: the names of the newest API
 * reference, the status of the 2024 reference where it has the name (SDKs match on the name alone).
 */
const commonStatuses = {
  AccessDeniedException: 400,
  ExpiredTokenException: 403,
  IncompleteSignatureException: 400,
  InternalFailure: 500,
  InvalidSignatureException: 403,
  MissingAuthenticationTokenException: 403,
  RequestEntityTooLargeException: 413,
  SerializationException: 400,
  ServiceUnavailable: 503,
  ThrottlingException: 400,
  UnknownOperationException: 404,
  UnrecognizedClientException: 403,
  // Modelled for nearly every operation; here for all, as the answer of one that is not built.
  UnsupportedOperationException: 400,
  ValidationException: 400,
} as const;

export type CommonError = keyof typeof commonStatuses;

export const commonErrors = Object.keys(commonStatuses) as readonly CommonError[];

/**
 * The HTTP status of an error's name. Every modelled exception is 400: the reference and live
 * traces agree, and the 429 of some SDK traits would make clients retry what cannot succeed.
 */
export function statusOf(name: string): number {
  return Object.hasOwn(commonStatuses, name) ? commonStatuses[name as CommonError] : 400;
}
