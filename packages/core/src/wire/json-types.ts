import type { Shape } from './shapes.ts';

/**
 * Why a value is not of its shape, in the words of AWS's JSON services (`STRING_VALUE can not be
 * converted to an Integer`), or undefined when it is. Looks at the value itself, not inside it.
 */
export function wrongType(kind: Shape['kind'], value: unknown): string | undefined {
  if (fits(kind, value)) return undefined;
  const aggregate = kind === 'list' || kind === 'map' || kind === 'structure';
  if (Array.isArray(value)) return 'Start of list found where not expected';
  if (isPlainObject(value)) return 'Start of structure or map found where not expected.';
  if (aggregate) return `Expected ${kind} or null`;
  return `${tokenOf(value)} can not be converted to ${names[kind]}`;
}

/** An object of JSON's kind, so not a list, a time or bytes. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !(value instanceof Date) && !(value instanceof Uint8Array);
}

const names = {
  string: 'a String',
  number: 'an Integer',
  boolean: 'a Boolean',
  timestamp: 'a Timestamp',
  blob: 'a Blob',
} as const;

const integerMax = 2 ** 31 - 1;

/** Every number of every request is a 32-bit integer: the test compares that with the model. */
function fits(kind: Shape['kind'], value: unknown): boolean {
  switch (kind) {
    case 'string':
      return typeof value === 'string';
    case 'number':
      return Number.isInteger(value) && Math.abs(value as number) <= integerMax;
    case 'boolean':
      return typeof value === 'boolean';
    case 'timestamp':
      return value instanceof Date && !Number.isNaN(value.getTime());
    case 'blob':
      return value instanceof Uint8Array;
    case 'list':
      return Array.isArray(value);
    case 'map':
    case 'structure':
      return isPlainObject(value);
  }
}

function tokenOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'STRING_VALUE';
    case 'boolean':
      return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
    case 'number':
    case 'bigint':
      return 'NUMBER_VALUE';
    default:
      return 'EMBEDDED_OBJECT_VALUE';
  }
}
