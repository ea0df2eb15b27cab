import { expect, test } from 'vitest';
import { answeredByRule } from './answered-by-rule.ts';
import { constraints } from './constraints.ts';
import { operationErrors, putAuditEventsErrors } from './operation-errors.ts';
import { putAuditEventsShapes } from './rest-json.ts';
import { operationNames, operationSchema, type Shape } from './shapes.ts';

test('every member left to a rule has a constraint that the rule must answer', () => {
  for (const path of Object.keys(answeredByRule)) {
    const [structure = '', member = ''] = path.replace(/\[\]$/, '').split('.');
    const constraint = constraints[structure]?.[member];
    expect(constraint, path).toBeDefined();
    if (path.endsWith('[]')) expect(constraint?.member, path).toBeDefined();
  }
});

test('every operation that takes such a member lists the exception', () => {
  const reached = new Set<string>();
  for (const name of operationNames) {
    for (const structure of structuresIn(operationSchema(name).input)) {
      reached.add(structure);
      for (const exception of exceptionsFor(structure)) {
        expect(operationErrors[name], `${name} takes ${structure}`).toContain(exception);
      }
    }
  }
  for (const exception of exceptionsFor(putAuditEventsShapes.input.name)) {
    expect(putAuditEventsErrors).toContain(exception);
  }
  const named = Object.keys(answeredByRule).map((path) => path.split('.')[0]!);
  const unreached = new Set(named.filter((name) => !reached.has(name)));
  expect([...unreached]).toEqual(['PutAuditEventsRequest']);
});

function exceptionsFor(structure: string): string[] {
  return Object.entries(answeredByRule)
    .filter(([path]) => path.startsWith(`${structure}.`))
    .map(([, exception]) => exception);
}

function structuresIn(shape: Shape): string[] {
  switch (shape.kind) {
    case 'structure':
      return [shape.name, ...[...shape.members.values()].flatMap(structuresIn)];
    case 'list':
      return structuresIn(shape.member);
    case 'map':
      return structuresIn(shape.value);
    case 'string':
    case 'number':
    case 'boolean':
    case 'timestamp':
    case 'blob':
      return [];
  }
}
