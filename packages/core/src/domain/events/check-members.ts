import { type Rejection, reject } from './record-text.ts';

type Json = Readonly<Record<string, unknown>>;

/** Refuses members of another type than the one that strict readers of log files count on. */
export function checkMembers(value: Json): Rejection | undefined {
  for (const name of objectMembers) {
    const member = value[name];
    if (member !== undefined && member !== null && !isObject(member)) {
      return invalid(name, 'must be an object or null');
    }
  }
  for (const name of stringMembers) {
    const member = value[name];
    if (member !== undefined && member !== null && typeof member !== 'string') {
      return invalid(name, 'must be a string');
    }
  }
  return checkResources(value['resources']);
}

function checkResources(resources: unknown): Rejection | undefined {
  if (resources === undefined || resources === null) return undefined;
  if (!Array.isArray(resources)) return invalid('resources', 'must be an array of objects');
  for (const resource of resources) {
    if (!isObject(resource)) return invalid('resources', 'must be an array of objects');
    for (const name of ['ARN', 'type']) {
      const member = resource[name] ?? undefined;
      if (member !== undefined && typeof member !== 'string') {
        return invalid('resources', `must have strings for ${name}`);
      }
    }
  }
  return undefined;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function matches(value: unknown, shape: RegExp): value is string {
  return typeof value === 'string' && shape.test(value);
}

export function missing(name: string): Rejection {
  return reject('MissingField', `The record has no ${name}.`);
}

export function invalid(name: string, rule: string): Rejection {
  return reject('InvalidField', `${name} ${rule}.`);
}

/** Readers that declare a type for these (Tailpipe, OpenTelemetry) fail on anything else. */
const objectMembers = [
  'requestParameters',
  'responseElements',
  'additionalEventData',
  'serviceEventDetails',
  'tlsDetails',
  'addendum',
  'insightDetails',
  'edgeDeviceDetails',
  'eventContext',
] as const;
const stringMembers = [
  'sourceIPAddress',
  'userAgent',
  'errorCode',
  'errorMessage',
  'requestID',
  'apiVersion',
  'sharedEventID',
  'vpcEndpointId',
  'vpcEndpointAccountId',
  'sessionCredentialFromConsole',
] as const;
