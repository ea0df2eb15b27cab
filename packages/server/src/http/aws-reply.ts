import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isRefusal, type Refusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import type { ErrorName } from '@trailkeep/core/wire/operation-errors.ts';
import { readPutAuditEvents, writeRestError } from '@trailkeep/core/wire/rest-json.ts';
import type { Engine } from '../engine.ts';
import { organizationsHandler } from '../organizations/organizations-handler.ts';
import { stsHandler } from '../sts/sts-handler.ts';
import { devCaller, type HttpCaller, ownCallerOf } from './caller.ts';
import { readBody } from './read-body.ts';
import { errorReply, type Reply } from './replies.ts';

export interface AwsPorts {
  readonly defaultAccount: string;
  /** An operation of CloudTrail was answered; `code` is the exception's name, or `OK`. */
  onAnswered(operation: string, code: string, seconds: number): void;
}

/** API requests; the largest valid one (PutEventSelectors) stays well under it. */
const bodyBytesMax = 4 * 1024 * 1024;
const sts = stsHandler();

/** Answers a request to CloudTrail, CloudTrail Data, Organizations or STS. */
export async function awsReply(
  ports: AwsPorts,
  engine: Engine,
  request: IncomingMessage,
): Promise<Reply> {
  const caller = devCaller(request, ports.defaultAccount);
  if (isRefusal<ErrorName>(caller)) return errorReply(caller);
  const body = await readBody(request, bodyBytesMax);
  if (isRefusal<ErrorName>(body)) return errorReply(body);
  if (isPutAuditEvents(request)) return putAuditEvents(request, body);
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string' && target.startsWith('AWSOrganizations')) {
    return organizationsHandler(engine)(target, body, caller);
  }
  if (target === undefined && isForm(request)) return sts(body.toString(), caller);
  if (request.method !== 'POST' || pathOf(request) !== '/') {
    return errorReply(notAnOperation(request));
  }
  return cloudTrail(ports, engine, request, caller, body);
}

async function cloudTrail(
  ports: AwsPorts,
  engine: Engine,
  request: IncomingMessage,
  caller: HttpCaller,
  body: Buffer,
): Promise<Reply> {
  const began = process.hrtime.bigint();
  const target = request.headers['x-amz-target'];
  const reply = await engine.service({
    target: typeof target === 'string' ? target : undefined,
    body,
    caller: ownCallerOf(caller),
    region: caller.region,
    sourceIp: request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '127.0.0.1',
    userAgent: request.headers['user-agent'] ?? '',
    host: request.headers.host ?? '',
  });
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  ports.onAnswered(reply.operation ?? 'Unknown', reply.code, seconds);
  return reply;
}

export function isPutAuditEvents(request: IncomingMessage): boolean {
  return request.method === 'POST' && pathOf(request) === '/PutAuditEvents';
}

/** CloudTrail Data's one operation: its requests are read and checked, and then it says so. */
function putAuditEvents(request: IncomingMessage, body: Buffer): Reply {
  const read = readPutAuditEvents(request.url?.split('?')[1] ?? '', body);
  const refusal = isRefusal(read)
    ? read
    : refuse(
        'UnsupportedOperationException',
        'PutAuditEvents is not supported yet by this version of Trailkeep: it has no channels.',
      );
  return writeRestError(refusal, randomUUID());
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0] ?? '/';
}

function isForm(request: IncomingMessage): boolean {
  return (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
}

function notAnOperation(request: IncomingMessage): Refusal<ErrorName> {
  const { method = '' } = request;
  return refuse(
    'UnknownOperationException',
    `${method} ${pathOf(request).slice(0, 200)} is not an operation of CloudTrail: its operations are POST /.`,
  );
}
