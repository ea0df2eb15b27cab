import { type Refusal, refuse } from '../domain/refusal.ts';
import { type ErrorReply, errorReply } from './aws-json.ts';
import { readJson } from './json-text.ts';
import { isPlainObject } from './json-types.ts';
import { fromJson, toJson } from './json-values.ts';
import type { PutAuditEventsError } from './operation-errors.ts';
import type { Shape, StructureShape } from './shapes.ts';
import { type InputRefusal, validateStructure } from './validate.ts';

/**
 * CloudTrail Data's one operation: restJson 1, `POST /PutAuditEvents?channelArn=...&externalId=...`
 * with `{"auditEvents":[...]}`. Its SDK is not a dependency, so its shapes stand here; the test
 * compares them with the service model of 2021-08-11.
 */
export const restJsonContentType = 'application/json';

export interface PutAuditEventsInput {
  readonly auditEvents: readonly AuditEvent[];
  readonly channelArn: string;
  readonly externalId?: string;
}

export interface AuditEvent {
  readonly id: string;
  /** A JSON document as text. */
  readonly eventData: string;
  /** Base64 of the SHA-256 of eventData's bytes. */
  readonly eventDataChecksum?: string;
}

export interface PutAuditEventsOutput {
  readonly successful: readonly { readonly id: string; readonly eventID: string }[];
  readonly failed: readonly {
    readonly id: string;
    readonly errorCode: string;
    readonly errorMessage: string;
  }[];
}

/** `query` is the raw query string, without the `?`. Never throws. */
export function readPutAuditEvents(
  query: string,
  body: Uint8Array,
): { readonly input: PutAuditEventsInput } | InputRefusal {
  const given = readQuery(query);
  if (given === undefined) return refuse('SerializationException', 'The query is malformed.');
  const read = body.length === 0 ? { value: {} } : readJson(body);
  if ('flaw' in read) return refuse('SerializationException', read.flaw);
  const fromBody = fromJson(bodyShape, read.value);
  const input = isPlainObject(fromBody) ? { ...fromBody, ...given } : fromBody;
  return (
    validateStructure(putAuditEventsShapes.input, input) ?? {
      input: input as unknown as PutAuditEventsInput,
    }
  );
}

export function writePutAuditEvents(output: PutAuditEventsOutput): Buffer {
  const json = toJson(putAuditEventsShapes.output, output, 'PutAuditEvents');
  return Buffer.from(JSON.stringify(json));
}

/** boto3 reads the header alone for this service, and the JS SDK either. */
export function writeRestError(
  refusal: Refusal<PutAuditEventsError>,
  requestId?: string,
): ErrorReply {
  return errorReply(refusal, restJsonContentType, requestId);
}

const text: Shape = { kind: 'string' };

const auditEvents: Shape = {
  kind: 'list',
  member: structure('AuditEvent', { eventData: text, id: text }, { eventDataChecksum: text }),
};

const bodyShape = structure('PutAuditEventsRequest', { auditEvents }, {});

export const putAuditEventsShapes: {
  readonly input: StructureShape;
  readonly output: StructureShape;
} = {
  input: structure(
    'PutAuditEventsRequest',
    { auditEvents, channelArn: text },
    { externalId: text },
  ),
  output: structure(
    'PutAuditEventsResponse',
    {
      failed: {
        kind: 'list',
        member: structure(
          'ResultErrorEntry',
          { errorCode: text, errorMessage: text, id: text },
          {},
        ),
      },
      successful: {
        kind: 'list',
        member: structure('AuditEventResultEntry', { eventID: text, id: text }, {}),
      },
    },
    {},
  ),
};

function structure(
  name: string,
  required: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>>,
): StructureShape {
  const members = new Map(Object.entries({ ...required, ...optional }));
  return { kind: 'structure', name, members, required: new Set(Object.keys(required)) };
}

/** Undefined where the query is not percent-encoded UTF-8, or gives a member twice. */
function readQuery(query: string): Readonly<Record<string, string>> | undefined {
  const given: Record<string, string> = {};
  for (const pair of query.split('&')) {
    const [name = '', ...rest] = pair.split('=');
    if (name !== 'channelArn' && name !== 'externalId') continue;
    if (Object.hasOwn(given, name)) return undefined;
    try {
      given[name] = decodeURIComponent(rest.join('='));
    } catch {
      return undefined;
    }
  }
  return given;
}
