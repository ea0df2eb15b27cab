import { isPlainObject } from './json-types.ts';
import type { Shape, StructureShape } from './shapes.ts';

/**
 * Turns parsed JSON into what operations take: members that the shape does not know and nulls
 * are gone, times are `Date`, blobs are `Uint8Array`. A value of the wrong type is left as it
 * is, for `validate.ts` to refuse. The nesting is the shape's, which is finite.
 */
export function fromJson(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case 'structure':
      return isPlainObject(value) ? structureFromJson(shape, value) : value;
    case 'list':
      return Array.isArray(value) ? value.map((item) => fromJson(shape.member, item)) : value;
    case 'map':
      return isPlainObject(value) ? mapFromJson(shape.value, value) : value;
    case 'timestamp':
      return timeFromJson(value);
    case 'blob':
      return blobFromJson(value);
    case 'string':
    case 'number':
    case 'boolean':
      return value;
  }
}

/** The reverse, for a reply. Throws where the output is not of its shape: that is a bug. */
export function toJson(shape: Shape, value: unknown, path: string): unknown {
  switch (shape.kind) {
    case 'structure':
      return structureToJson(shape, value, path);
    case 'list':
      if (!Array.isArray(value)) throw new TypeError(`${path} is not a list`);
      return value.map((item, i) => toJson(shape.member, item, `${path}[${i}]`));
    case 'map':
      return mapToJson(shape.value, value, path);
    case 'timestamp': {
      const milliseconds = value instanceof Date ? value.getTime() : Number.NaN;
      if (Number.isNaN(milliseconds)) throw new TypeError(`${path} is not a time`);
      return milliseconds / 1000;
    }
    case 'blob':
      if (!(value instanceof Uint8Array)) throw new TypeError(`${path} is not bytes`);
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${path} is not a number`);
      return value;
    case 'string':
    case 'boolean':
      if (typeof value !== shape.kind) throw new TypeError(`${path} is not a ${shape.kind}`);
      return value;
  }
}

function structureFromJson(shape: StructureShape, value: object): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, member] of shape.members) {
    if (!Object.hasOwn(value, name)) continue;
    const given = (value as Record<string, unknown>)[name];
    if (given !== null) result[name] = fromJson(member, given);
  }
  return result;
}

function mapFromJson(item: Shape, value: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, given] of Object.entries(value)) {
    if (given !== null) result[key] = fromJson(item, given);
  }
  return result;
}

function structureToJson(
  shape: StructureShape,
  value: unknown,
  path: string,
): Record<string, unknown> {
  if (!isPlainObject(value)) throw new TypeError(`${path} is not a structure`);
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const given = value[name];
    if (given === undefined) continue;
    const member = shape.members.get(name);
    if (member === undefined) throw new TypeError(`${path}.${name} is no member of ${shape.name}`);
    result[name] = toJson(member, given, `${path}.${name}`);
  }
  return result;
}

function mapToJson(item: Shape, value: unknown, path: string): Record<string, unknown> {
  if (!isPlainObject(value)) throw new TypeError(`${path} is not a map`);
  const entries = Object.entries(value).filter(([, given]) => given !== undefined);
  return Object.fromEntries(
    entries.map(([key, given]) => [key, toJson(item, given, `${path}.${key}`)]),
  );
}

const iso8601 = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** Epoch seconds with a fraction, as SDKs send them, or an ISO 8601 text. */
function timeFromJson(value: unknown): unknown {
  if (typeof value === 'number') {
    const time = new Date(Math.round(value * 1000));
    return Number.isNaN(time.getTime()) ? value : time;
  }
  if (typeof value !== 'string' || value.length > 40) return value;
  const day = iso8601.exec(value)?.[1];
  if (day === undefined || !isRealDay(day)) return value;
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? value : time;
}

/** JavaScript takes 30 February for 1 March. */
function isRealDay(day: string): boolean {
  const time = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(day);
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

function blobFromJson(value: unknown): unknown {
  if (typeof value !== 'string' || value.length % 4 !== 0 || !base64.test(value)) return value;
  return new Uint8Array(Buffer.from(value, 'base64'));
}
