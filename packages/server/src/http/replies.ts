import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Refusal } from '@trailkeep/core/domain/refusal.ts';
import { writeError } from '@trailkeep/core/wire/aws-json.ts';
import type { ErrorName } from '@trailkeep/core/wire/operation-errors.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** A refusal in the form of the AWS JSON protocol, which every SDK reads. */
export function errorReply(refusal: Refusal<ErrorName>): Reply {
  return writeError(refusal, randomUUID());
}

export function send(response: ServerResponse, reply: Reply): void {
  const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
  response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length });
  response.end(body);
}
