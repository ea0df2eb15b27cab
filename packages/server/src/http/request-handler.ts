import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isRefusal, type Refusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { writeError } from '@trailkeep/core/wire/aws-json.ts';
import type { ErrorName } from '@trailkeep/core/wire/operation-errors.ts';
import { readPutAuditEvents, writeRestError } from '@trailkeep/core/wire/rest-json.ts';
import type { Engine } from '../engine.ts';
import { organizationsHandler } from '../organizations/organizations-handler.ts';
import { bucketPolicyAllows } from '../s3/bucket-access-policy.ts';
import { s3Gateway } from '../s3/s3-gateway.ts';
import { isS3Request } from '../s3/s3-request.ts';
import { stsHandler } from '../sts/sts-handler.ts';
import { type AdminPorts, adminPrefix, adminReply, failure } from './admin-paths.ts';
import { devCaller, ownCallerOf } from './caller.ts';
import { readBody } from './read-body.ts';

export interface HandlerPorts extends AdminPorts {
  readonly defaultAccount: string;
  onFailure(error: unknown, requestId: string): void;
  onAnswered(operation: string, code: string, seconds: number): void;
}

/** API requests; the largest valid one (PutEventSelectors) stays well under it. */
const apiBodyBytesMax = 4 * 1024 * 1024;

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** One port for everything: our own paths, CloudTrail, Organizations, STS, and S3 for the rest. */
export function requestHandler(ports: HandlerPorts) {
  const sts = stsHandler();
  const perEngine = new WeakMap<Engine, EngineHandlers>();

  function handlersOf(engine: Engine): EngineHandlers {
    const known = perEngine.get(engine);
    if (known) return known;
    const made = {
      s3: s3Gateway(engine.buckets, {
        now: () => ports.clock.now(),
        mayAccess: bucketPolicyAllows,
        onError: (error) => ports.onFailure(error, randomUUID()),
      }),
      organizations: organizationsHandler({ organizations: engine.organizations }),
    };
    perEngine.set(engine, made);
    return made;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (path.startsWith(adminPrefix)) return sendAdmin(response, await adminReply(request, ports));
    const engine = ports.engine();
    if (!engine) return send(response, errorReply(unavailable()));
    const target = request.headers['x-amz-target'];
    const dataPlane = path === putAuditEventsPath && request.method === 'POST';
    if (!dataPlane && isS3Request(request)) return s3(request, response, engine);
    const caller = devCaller(request, ports.defaultAccount);
    if (isRefusal<ErrorName>(caller)) return send(response, errorReply(caller));
    const body = await readBody(request, apiBodyBytesMax);
    if (isRefusal<ErrorName>(body)) return send(response, errorReply(body));
    if (dataPlane) return send(response, putAuditEvents(request, body));
    if (typeof target === 'string' && target.startsWith('AWSOrganizations')) {
      return send(response, await handlersOf(engine).organizations(target, body, caller));
    }
    if (target === undefined && isForm(request))
      return send(response, sts(body.toString(), caller));
    if (request.method !== 'POST' || path !== '/') {
      return send(response, errorReply(notAnOperation(request.method, path)));
    }
    const began = process.hrtime.bigint();
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
    send(response, reply);
  }

  async function s3(request: IncomingMessage, response: ServerResponse, engine: Engine) {
    const caller = devCaller(request, ports.defaultAccount);
    const known = isRefusal(caller)
      ? { account: ports.defaultAccount, region: 'us-east-1' }
      : { account: caller.account, region: caller.region };
    await handlersOf(engine).s3(request, response, known);
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => {
      // Whoever broke off does not wait for an answer.
      if (request.destroyed && !request.complete) return response.destroy();
      const requestId = randomUUID();
      ports.onFailure(error, requestId);
      if (response.headersSent) return response.destroy();
      if ((request.url ?? '').startsWith(adminPrefix)) {
        return sendAdmin(response, storageFailure(requestId));
      }
      const sentence = `The request failed. Its id is ${requestId}.`;
      return send(response, errorReply(refuse('InternalFailure', sentence)));
    });
  };
}

const putAuditEventsPath = '/PutAuditEvents';

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

interface EngineHandlers {
  readonly s3: ReturnType<typeof s3Gateway>;
  readonly organizations: ReturnType<typeof organizationsHandler>;
}

function isForm(request: IncomingMessage): boolean {
  return (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
}

function errorReply(refusal: Refusal<ErrorName>): Reply {
  return writeError(refusal, randomUUID());
}

function unavailable(): Refusal<ErrorName> {
  return refuse('ServiceUnavailable', 'Trailkeep is starting or stopping. Try again.');
}

function notAnOperation(method = '', path: string): Refusal<ErrorName> {
  return refuse(
    'UnknownOperationException',
    `${method} ${path.slice(0, 200)} is not an operation of CloudTrail: its operations are POST /.`,
  );
}

/** What cannot be stored is refused; the sender keeps it and tries again. */
function storageFailure(requestId: string) {
  return failure(
    503,
    'ServiceUnavailable',
    `The request failed and may be sent again. Its id is ${requestId}.`,
  );
}

function send(response: ServerResponse, reply: Reply): void {
  const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
  response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length });
  response.end(body);
}

function sendAdmin(
  response: ServerResponse,
  { status, body, contentType }: { status: number; body: string | object; contentType?: string },
): void {
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
  const type = contentType ?? 'application/json';
  send(response, { status, headers: { 'content-type': type }, body: text });
}
