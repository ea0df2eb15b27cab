import { type Refusal, refuse } from '../domain/refusal.ts';
import { answeredByRule } from './answered-by-rule.ts';
import { type Constraint, constraints } from './constraints.ts';
import { wrongType } from './json-types.ts';
import { type OperationName, operationSchema, type Shape, type StructureShape } from './shapes.ts';
import { allRules, brokenRules, tell, type Violations, violate } from './violations.ts';

export type InputRefusal = Refusal<'ValidationException' | 'SerializationException'>;

/**
 * Checks a request against the shapes and constraints of its operation. A wrong JSON type is a
 * SerializationException (the first one found); broken constraints are one ValidationException
 * that counts them all. Members in `answeredByRule` are left to the domain. Times are `Date`,
 * blobs `Uint8Array`, null is absent, unknown members are ignored. Never throws.
 */
export function validateInput(operation: OperationName, input: unknown): InputRefusal | undefined {
  return validateStructure(operationSchema(operation).input, input);
}

export function validateStructure(shape: StructureShape, input: unknown): InputRefusal | undefined {
  const found: Violations = { count: 0, told: [] };
  const flaw = wrongType('structure', input) ?? checkMembers(shape, input as object, '', found);
  if (flaw !== undefined) return refuse('SerializationException', flaw);
  return found.count === 0 ? undefined : refuse('ValidationException', tell(found));
}

interface CheckedMember {
  readonly name: string;
  /** The name as AWS writes it in a message: `s3BucketName`. */
  readonly wireName: string;
  readonly shape: Shape;
  readonly required: boolean;
  readonly constraint: Constraint | undefined;
}

/** One entry a structure of the API: bounded by the API. */
const checkedStructures = new Map<StructureShape, readonly CheckedMember[]>();

function checkedMembersOf(shape: StructureShape): readonly CheckedMember[] {
  const known = checkedStructures.get(shape);
  if (known !== undefined) return known;
  const members = [...shape.members].map(([name, member]) => ({
    name,
    wireName: name.charAt(0).toLowerCase() + name.slice(1),
    shape: member,
    required: shape.required.has(name),
    constraint: constraintLeftToTheWire(shape.name, name),
  }));
  checkedStructures.set(shape, members);
  return members;
}

function constraintLeftToTheWire(structure: string, member: string): Constraint | undefined {
  const constraint = constraints[structure]?.[member];
  if (constraint === undefined || Object.hasOwn(answeredByRule, `${structure}.${member}`)) {
    return undefined;
  }
  if (!Object.hasOwn(answeredByRule, `${structure}.${member}[]`)) return constraint;
  const { member: _itemsAreLeftToARule, ...count } = constraint;
  return count;
}

/** Returns the wrong type that it met, if any; broken constraints go into `found`. */
function checkMembers(
  shape: StructureShape,
  value: object,
  prefix: string,
  found: Violations,
): string | undefined {
  for (const member of checkedMembersOf(shape)) {
    const memberValue = ownMember(value, member.name);
    if (memberValue === undefined || memberValue === null) {
      if (member.required) {
        violate(found, prefix + member.wireName, null, 'Member must not be null');
      }
      continue;
    }
    const path = prefix + member.wireName;
    const flaw = check(member.shape, member.constraint, memberValue, path, found);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

function ownMember(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function check(
  shape: Shape,
  constraint: Constraint | undefined,
  value: unknown,
  path: string,
  found: Violations,
): string | undefined {
  const flaw = wrongType(shape.kind, value);
  if (flaw !== undefined) return flaw;
  switch (shape.kind) {
    case 'structure':
      return checkMembers(shape, value as object, `${path}.`, found);
    case 'list':
      return checkList(shape.member, constraint, value as readonly unknown[], path, found);
    case 'map':
      return checkMap(shape.value, constraint, value as Record<string, unknown>, path, found);
    case 'string':
    case 'number':
      if (constraint !== undefined) checkScalar(constraint, value as string | number, path, found);
      return undefined;
    case 'boolean':
    case 'timestamp':
    case 'blob':
      return undefined;
  }
}

function checkScalar(
  constraint: Constraint,
  value: string | number,
  path: string,
  found: Violations,
): void {
  for (const rule of brokenRules(constraint, value)) violate(found, path, value, rule);
}

function checkList(
  item: Shape,
  constraint: Constraint | undefined,
  list: readonly unknown[],
  path: string,
  found: Violations,
): string | undefined {
  if (constraint !== undefined) {
    for (const rule of brokenRules(constraint, list)) violate(found, path, list, rule);
  }
  let brokenItem = false;
  // An index loop, so that the holes of a sparse array are seen, as the nulls they stand for.
  for (let i = 0; i < list.length; i += 1) {
    const value = list[i];
    const itemPath = `${path}.${i + 1}.member`;
    if (value === null || value === undefined) {
      violate(found, itemPath, null, 'Member must not be null');
      continue;
    }
    const flaw = check(item, undefined, value, itemPath, found);
    if (flaw !== undefined) return flaw;
    brokenItem ||= constraint?.member !== undefined && breaks(constraint.member, value);
  }
  if (brokenItem && constraint?.member !== undefined) {
    violate(found, path, list, `Member must satisfy constraint: ${allRules(constraint.member)}`);
  }
  return undefined;
}

function checkMap(
  item: Shape,
  constraint: Constraint | undefined,
  map: Record<string, unknown>,
  path: string,
  found: Violations,
): string | undefined {
  const keys = Object.keys(map);
  if (constraint !== undefined) {
    for (const rule of brokenRules(constraint, keys)) violate(found, path, map, rule);
  }
  const { key: keyRule, value: valueRule } = constraint ?? {};
  let brokenValue = false;
  for (const key of keys) {
    const value = map[key];
    if (value === null || value === undefined) {
      violate(found, `${path}.${key.slice(0, 128)}.member`, null, 'Member must not be null');
      continue;
    }
    const flaw = check(item, undefined, value, path, found);
    if (flaw !== undefined) return flaw;
    brokenValue ||= valueRule !== undefined && breaks(valueRule, value);
  }
  if (keyRule !== undefined && keys.some((key) => breaks(keyRule, key))) {
    violate(found, path, map, `Map keys must satisfy constraint: ${allRules(keyRule)}`);
  }
  if (brokenValue && valueRule !== undefined) {
    violate(found, path, map, `Map value must satisfy constraint: ${allRules(valueRule)}`);
  }
  return undefined;
}

function breaks(constraint: Constraint, value: unknown): boolean {
  if (!isScalar(value)) return false;
  return brokenRules(constraint, value).next().done !== true;
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
