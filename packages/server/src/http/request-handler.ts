import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isRefusal, type Refusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import type { ErrorName } from '@trailkeep/core/wire/operation-errors.ts';
import type { Engine } from '../engine.ts';
import { bucketPolicyAllows } from '../s3/bucket-access-policy.ts';
import { s3Gateway } from '../s3/s3-gateway.ts';
import { isS3Request } from '../s3/s3-request.ts';
import {
  type AdminPorts,
  type AdminReply,
  adminPrefix,
  adminReply,
  failure,
} from './admin-paths.ts';
import { type AwsPorts, awsReply, isPutAuditEvents } from './aws-reply.ts';
import { devCaller } from './caller.ts';
import { errorReply, send } from './replies.ts';

export interface HandlerPorts extends AdminPorts, AwsPorts {
  onFailure(error: unknown, requestId: string): void;
}

/** One port for everything: our own paths, CloudTrail, Organizations, STS, and S3 for the rest. */
export function requestHandler(ports: HandlerPorts) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    answer(ports, request, response).catch((error: unknown) => {
      answerFailure(ports, request, response, error);
    });
  };
}

async function answer(
  ports: HandlerPorts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (isAdmin(request)) return sendAdmin(response, await adminReply(request, ports));
  const engine = ports.engine();
  if (!engine) return send(response, errorReply(unavailable()));
  if (!isPutAuditEvents(request) && isS3Request(request)) {
    return s3(ports, engine, request, response);
  }
  return send(response, await awsReply(ports, engine, request));
}

function isAdmin(request: IncomingMessage): boolean {
  return (request.url ?? '').startsWith(adminPrefix);
}

/** An unsigned S3 request is the default account's: dev mode trusts whoever reaches the port. */
async function s3(
  ports: HandlerPorts,
  engine: Engine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gateway = s3Gateway(engine.buckets, {
    now: () => ports.clock.now(),
    mayAccess: bucketPolicyAllows,
    onError: (error) => ports.onFailure(error, randomUUID()),
  });
  const caller = devCaller(request, ports.defaultAccount);
  const unsigned = { account: ports.defaultAccount, region: 'us-east-1' };
  await gateway(request, response, isRefusal(caller) ? unsigned : caller);
}

function answerFailure(
  ports: HandlerPorts,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  // Whoever broke off does not wait for an answer.
  if (request.destroyed && !request.complete) {
    response.destroy();
    return;
  }
  const requestId = randomUUID();
  ports.onFailure(error, requestId);
  if (response.headersSent) response.destroy();
  else if (isAdmin(request)) sendAdmin(response, storageFailure(requestId));
  else {
    const sentence = `The request failed. Its id is ${requestId}.`;
    send(response, errorReply(refuse('InternalFailure', sentence)));
  }
}

function unavailable(): Refusal<ErrorName> {
  return refuse('ServiceUnavailable', 'Trailkeep is starting or stopping. Try again.');
}

/** What cannot be stored is refused; the sender keeps it and tries again. */
function storageFailure(requestId: string): AdminReply {
  return failure(
    503,
    'ServiceUnavailable',
    `The request failed and may be sent again. Its id is ${requestId}.`,
  );
}

function sendAdmin(response: ServerResponse, { status, body, contentType }: AdminReply): void {
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
  const type = contentType ?? 'application/json';
  send(response, { status, headers: { 'content-type': type }, body: text });
}
