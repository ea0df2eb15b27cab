import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Constraint, constraints } from './constraints.ts';
import { operationErrors, putAuditEventsErrors } from './operation-errors.ts';
import { putAuditEventsShapes } from './rest-json.ts';
import { operationNames, operationSchema, type Shape, type StructureShape } from './shapes.ts';

// AWS's service models are not part of the repository; they may stand beside the checkout.
const folder = new URL('../../../../../shared/model/', import.meta.url);
const present = existsSync(new URL('cloudtrail-2013-11-01.json', folder));
if (!present) console.warn('DID NOT RUN: the comparison with the service model, which is absent');

interface ModelShape {
  type: string;
  required?: string[];
  members?: Record<string, { shape: string }>;
  member?: { shape: string };
  key?: { shape: string };
  value?: { shape: string };
  min?: number;
  max?: number;
  pattern?: string;
  enum?: string[];
}

interface Model {
  operations: Record<
    string,
    { input: { shape: string }; output?: { shape: string }; errors?: { shape: string }[] }
  >;
  shapes: Record<string, ModelShape>;
}

const nothing: Model = { operations: {}, shapes: {} };

describe.skipIf(!present)('compared with the service models', () => {
  // A skipped block is still collected, so without the model there is nothing to load.
  const control = present ? load('cloudtrail-2013-11-01.json') : nothing;
  const data = present ? load('cloudtrail-data-2021-08-11.json') : nothing;

  test('the operations are the 60 of the model', () => {
    expect(operationNames).toEqual(Object.keys(control.operations).sort());
    expect(operationNames).toHaveLength(60);
  });

  test('the table has every constraint of every request, and no other', () => {
    const expected = { ...constraintsOf(control), ...constraintsOf(data) };
    expect(Object.keys(expected).length).toBeGreaterThan(60);
    expect(constraints).toEqual(expected);
  });

  test('members, kinds and required members are those of the model, in and out', () => {
    for (const name of operationNames) {
      const { input, output } = operationSchema(name);
      const operation = control.operations[name]!;
      expectSame(control, operation.input.shape, input, true);
      if (operation.output !== undefined)
        expectSame(control, operation.output.shape, output, false);
    }
    expectSame(data, 'PutAuditEventsRequest', putAuditEventsShapes.input, true);
    expectSame(data, 'PutAuditEventsResponse', putAuditEventsShapes.output, false);
  });

  test('each operation lists the errors of the model', () => {
    for (const name of operationNames) {
      expect([...operationErrors[name]].sort(), name).toEqual(errorsOf(control, name));
    }
    expect([...putAuditEventsErrors].sort()).toEqual(errorsOf(data, 'PutAuditEvents'));
  });
});

function load(file: string): Model {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Model;
}

function errorsOf(model: Model, operation: string): string[] {
  const errors = model.operations[operation]?.errors ?? [];
  return [...new Set(errors.map((error) => error.shape))].sort();
}

function constraintsOf(model: Model): Record<string, Record<string, Constraint>> {
  const found: Record<string, Record<string, Constraint>> = {};
  const seen = new Set<string>();
  const visit = (name: string): void => {
    const shape = model.shapes[name]!;
    if (seen.has(name)) return;
    seen.add(name);
    for (const [member, reference] of Object.entries(shape.members ?? {})) {
      const constraint = constraintOf(model, reference.shape);
      if (constraint !== undefined) {
        found[name] ??= {};
        found[name][member] = constraint;
      }
      visit(reference.shape);
    }
    for (const reference of [shape.member, shape.key, shape.value]) {
      if (reference !== undefined) visit(reference.shape);
    }
  };
  for (const operation of Object.values(model.operations)) visit(operation.input.shape);
  return found;
}

function constraintOf(model: Model, name: string): Constraint | undefined {
  const shape = model.shapes[name]!;
  if (shape.type === 'structure') return undefined;
  const of = (reference: { shape: string } | undefined): Constraint | undefined =>
    reference === undefined ? undefined : constraintOf(model, reference.shape);
  const parts: Constraint = {
    min: shape.min,
    max: shape.max,
    pattern: shape.pattern,
    enum: shape.enum,
    member: of(shape.member),
    key: of(shape.key),
    value: of(shape.value),
  };
  const told = Object.entries(parts).filter(([, value]) => value !== undefined);
  return told.length === 0 ? undefined : Object.fromEntries(told);
}

/** `integers`: every number is a 32-bit integer, which is how requests are checked. */
function expectSame(model: Model, name: string, shape: Shape, integers: boolean): void {
  const modelled = model.shapes[name]!;
  expect(shape.kind, name).toBe(kindOf(modelled.type));
  if (shape.kind === 'number' && integers) expect(modelled.type, name).toBe('integer');
  if (shape.kind === 'list') expectSame(model, modelled.member!.shape, shape.member, integers);
  if (shape.kind === 'map') expectSame(model, modelled.value!.shape, shape.value, integers);
  if (shape.kind === 'structure') expectSameMembers(model, name, shape, integers);
}

function expectSameMembers(
  model: Model,
  name: string,
  shape: StructureShape,
  integers: boolean,
): void {
  const modelled = model.shapes[name]!;
  expect(shape.name).toBe(name);
  expect([...shape.members.keys()].sort(), name).toEqual(Object.keys(modelled.members!).sort());
  expect([...shape.required].sort(), name).toEqual([...(modelled.required ?? [])].sort());
  for (const [member, memberShape] of shape.members) {
    expectSame(model, modelled.members![member]!.shape, memberShape, integers);
  }
}

function kindOf(type: string): string {
  return ['integer', 'long', 'float', 'double'].includes(type) ? 'number' : type;
}
