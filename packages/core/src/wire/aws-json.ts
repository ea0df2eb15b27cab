import { type Refusal, refuse } from '../domain/refusal.ts';
import { statusOf } from './errors.ts';
import { readJson } from './json-text.ts';
import { fromJson, toJson } from './json-values.ts';
import type { ErrorName } from './operation-errors.ts';
import {
  type InputOf,
  isOperationName,
  type OperationName,
  type OutputOf,
  operationSchema,
} from './shapes.ts';
import { type InputRefusal, validateStructure } from './validate.ts';

/** The protocol of CloudTrail's 60 operations: awsJson 1.1, `POST /` with an X-Amz-Target. */
export const awsJsonContentType = 'application/x-amz-json-1.1';

export interface ErrorReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * The operation that an X-Amz-Target names: the text after the last dot. SDKs disagree on what
 * stands before it (`CloudTrail_20131101.`, `com.amazonaws.cloudtrail.v20131101.Clou...`).
 */
export function operationOf(target: string | undefined): OperationName | undefined {
  // A header that came twice arrives joined by a comma, and names no operation.
  if (target === undefined || !/^[\w.#]{1,200}$/.test(target)) return undefined;
  const name = target.slice(target.lastIndexOf('.') + 1);
  return isOperationName(name) ? name : undefined;
}

/** Reads and checks a request; an empty body is a request without members. Never throws. */
export function readBody<N extends OperationName>(
  operation: N,
  body: Uint8Array,
): { readonly input: InputOf<N> } | InputRefusal {
  const shape = operationSchema(operation).input;
  const read = body.length === 0 ? { value: {} } : readJson(body);
  if ('flaw' in read) return refuse('SerializationException', read.flaw);
  const input = fromJson(shape, read.value);
  return validateStructure(shape, input) ?? { input: input as InputOf<N> };
}

/**
 * A reply: no bytes at all where the operation has no output. Throws when the output has a
 * member or a type that the API does not know, because that is a bug of ours.
 */
export function writeBody<N extends OperationName>(operation: N, output: OutputOf<N>): Buffer {
  const shape = operationSchema(operation).output;
  const json = toJson(shape, output, operation);
  return shape.members.size === 0 ? Buffer.alloc(0) : Buffer.from(JSON.stringify(json));
}

/** An error in every form that an SDK looks for: `__type` in the body and the error header. */
export function writeError(refusal: Refusal<ErrorName>, requestId?: string): ErrorReply {
  return errorReply(refusal, awsJsonContentType, requestId);
}

export function errorReply(
  refusal: Refusal<ErrorName>,
  contentType: string,
  requestId: string | undefined,
): ErrorReply {
  const { refused, message } = refusal;
  const headers: Record<string, string> = {
    'content-type': contentType,
    'x-amzn-ErrorType': refused,
  };
  if (requestId !== undefined) headers['x-amzn-RequestId'] = requestId;
  const body = Buffer.from(JSON.stringify({ __type: refused, message }));
  return { status: statusOf(refused), headers, body };
}
