import { randomUUID } from 'node:crypto';
import { type OwnCaller, ownCallRecord } from './domain/events/own-call.ts';
import { isRefusal, type Refusal, refuse } from './domain/refusal.ts';
import { acceptRecords, type IngestPorts } from './ingest.ts';
import type { OperationPorts } from './operations/operation.ts';
import { registry } from './operations/registry.ts';
import { ContentionError } from './streams/streams.ts';
import {
  awsJsonContentType,
  operationOf,
  readBody,
  writeBody,
  writeError,
} from './wire/aws-json.ts';
import type { ErrorName } from './wire/operation-errors.ts';
import type { OperationName } from './wire/shapes.ts';

/** A call of the API as it came in, its caller known. */
export interface ServiceCall {
  readonly target: string | undefined;
  readonly body: Buffer;
  readonly caller: OwnCaller;
  readonly region: string;
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly host: string;
}

export interface ServiceReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** For metrics and logs: the operation, and the error's name if there was one. */
  readonly operation: OperationName | undefined;
  readonly code: string;
}

export type Service = (call: ServiceCall) => Promise<ServiceReply>;

export interface ServicePorts extends OperationPorts, IngestPorts {
  /** Outages and bugs, with the request id that the caller got. */
  onFailure(error: unknown, requestId: string): void;
}

/**
 * Answers calls of CloudTrail's 60 operations and records each of them as CloudTrail does, refused
 * ones too, before it is answered. The only place that reads the clock for them and makes ids.
 */
export function service(ports: ServicePorts): Service {
  return async (call) => {
    const requestId = randomUUID();
    const operation = operationOf(call.target);
    if (!operation) return errorReply(unknownOperation(call.target), requestId, undefined);
    const at = ports.clock.now();
    const { input, answer } = await perform(ports, operation, call, at, requestId);
    const failure = await record(ports, operation, call, { input, answer, at, requestId });
    if (failure) return errorReply(failure, requestId, operation);
    if (isRefusal<ErrorName>(answer)) return errorReply(answer, requestId, operation);
    return reply(operation, writeBody(operation, answer as never), requestId);
  };
}

interface Performed {
  readonly input: unknown;
  readonly answer: unknown;
}

async function perform(
  ports: ServicePorts,
  operation: OperationName,
  call: ServiceCall,
  now: number,
  requestId: string,
): Promise<Performed> {
  const read = readBody(operation, call.body);
  if (isRefusal(read)) return { input: undefined, answer: read };
  const context = { account: call.caller.account, region: call.region, now };
  try {
    const answer = await registry[operation](read.input as never, context, ports);
    return { input: read.input, answer };
  } catch (error) {
    return { input: read.input, answer: failureOf(ports, error, requestId) };
  }
}

/** A call that cannot be recorded is not answered as if nothing had happened. */
async function record(
  ports: ServicePorts,
  operation: OperationName,
  call: ServiceCall,
  done: Performed & { at: number; requestId: string },
): Promise<Refusal<ErrorName> | undefined> {
  const refused = isRefusal(done.answer);
  const text = ownCallRecord({
    operation,
    input: done.input,
    output: refused ? undefined : done.answer,
    refusal: refused ? (done.answer as Refusal) : undefined,
    caller: call.caller,
    region: call.region,
    sourceIp: call.sourceIp,
    userAgent: call.userAgent,
    requestId: done.requestId,
    eventId: randomUUID(),
    at: done.at,
    host: call.host,
  });
  const writer = { account: call.caller.account, mayWriteFor: () => true };
  try {
    const outcome = await acceptRecords(ports, writer, Buffer.from(text));
    if (isRefusal(outcome) || outcome.rejected.length > 0) {
      throw new Error(`the record of ${operation} was rejected: ${JSON.stringify(outcome)}`);
    }
    return undefined;
  } catch (error) {
    return failureOf(ports, error, done.requestId);
  }
}

function failureOf(ports: ServicePorts, error: unknown, requestId: string): Refusal<ErrorName> {
  if (error instanceof ContentionError) {
    return refuse('ThrottlingException', 'Too many changes at once. Try again.');
  }
  ports.onFailure(error, requestId);
  return refuse('InternalFailure', `The request failed. Its id is ${requestId}.`);
}

function unknownOperation(target: string | undefined): Refusal<ErrorName> {
  const sentence = target
    ? `${target.slice(0, 200)} is not an operation of CloudTrail.`
    : 'The X-Amz-Target header is missing: it names the operation.';
  return refuse('UnknownOperationException', sentence);
}

function reply(operation: OperationName, body: Buffer, requestId: string): ServiceReply {
  const headers = { 'content-type': awsJsonContentType, 'x-amzn-RequestId': requestId };
  return { status: 200, headers, body, operation, code: 'OK' };
}

function errorReply(
  refusal: Refusal<ErrorName>,
  requestId: string,
  operation: OperationName | undefined,
): ServiceReply {
  return { ...writeError(refusal, requestId), operation, code: refusal.refused };
}
