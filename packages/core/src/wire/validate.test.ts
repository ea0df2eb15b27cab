import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRefusal } from '../domain/refusal.ts';
import { type Constraint, constraints } from './constraints.ts';
import { operationNames, operationSchema, type Shape, type StructureShape } from './shapes.ts';
import { validateInput } from './validate.ts';
import { brokenRules } from './violations.ts';

const failed = 'failed to satisfy constraint: Member must';
const dashboardPattern = String.raw`^[a-zA-Z0-9_\-]+$`;

describe('a broken constraint is told as AWS tells it', () => {
  test('a string that is too short', () => {
    expect(validateInput('CreateEventDataStore', { Name: 'ab' })).toEqual({
      refused: 'ValidationException',
      message:
        `1 validation error detected: Value 'ab' at 'name' ${failed} ` +
        'have length greater than or equal to 3',
    });
  });

  test('all of them are counted, in the order of the members', () => {
    const name = 'ä'.repeat(129);
    expect(sentence('CreateDashboard', { Name: name })).toBe(
      '2 validation errors detected: ' +
        `Value '${name}' at 'name' ${failed} have length less than or equal to 128; ` +
        `Value '${name}' at 'name' ${failed} ` +
        `satisfy regular expression pattern: ${dashboardPattern}`,
    );
    expect(sentence('CreateTrail', {})).toBe(
      `2 validation errors detected: Value null at 'name' ${failed} not be null; ` +
        `Value null at 's3BucketName' ${failed} not be null`,
    );
  });

  test('a missing member inside a list, by its place', () => {
    const input = { ResourceId: 'arn', TagsList: [{ Key: 'a' }, { Value: 'b' }, null] };
    expect(sentence('AddTags', input)).toBe(
      '2 validation errors detected: ' +
        `Value null at 'tagsList.2.member.key' ${failed} not be null; ` +
        `Value null at 'tagsList.3.member' ${failed} not be null`,
    );
  });

  test('a number out of its range', () => {
    const input = { MaxResults: 0 };
    expect(sentence('ListDashboards', input)).toContain(
      `Value '0' at 'maxResults' ${failed} have value greater than or equal to 1`,
    );
  });

  test('a word that is not one of an enum', () => {
    expect(sentence('ListDashboards', { Type: 'X' })).toContain(
      `Value 'X' at 'type' ${failed} satisfy enum value set: [MANAGED, CUSTOM]`,
    );
  });

  test('the items of a list and the keys and values of a map, with every rule of theirs', () => {
    const widget = { QueryStatement: 'S', ViewProperties: { ab: '!', 'abc%': 'x' } };
    const input = { Name: 'abc', Widgets: [{ ...widget, QueryParameters: ['a\nb'] }] };
    const message = sentence('CreateDashboard', input);
    expect(message).toContain('3 validation errors detected');
    expect(message).toContain(
      `Value '[a\nb]' at 'widgets.1.member.queryParameters' ${failed} satisfy constraint: ` +
        '[Member must have length less than or equal to 1024, ' +
        'Member must have length greater than or equal to 1, ' +
        'Member must satisfy regular expression pattern: .*]',
    );
    expect(message).toContain(
      "Value '{ab=!, abc%=x}' at 'widgets.1.member.viewProperties' failed to satisfy " +
        'constraint: Map keys must satisfy constraint: [',
    );
    expect(message).toContain('Map value must satisfy constraint: [');
  });

  test('with no more than the beginning of a long value, and of many errors', () => {
    const long = sentence('DeleteDashboard', { DashboardId: '\u{1f600}'.repeat(1_000_000) });
    expect(long.length).toBeLessThan(600);
    const many = { ResourceId: 'a', TagsList: new Array(100_000).fill(null) };
    const message = sentence('AddTags', many);
    expect(message).toMatch(/^100000 validation errors detected/);
    expect(message.length).toBeLessThan(5000);
  });

  test('a length is counted in characters', () => {
    const input = { Name: 'abc', Destinations: [], Source: 'x' };
    expect(sentence('CreateChannel', input)).toContain("Value '[]' at 'destinations'");
    expect(validateInput('PutResourcePolicy', tag('\u{1f600}'.repeat(8192)))).toBeUndefined();
  });
});

describe('what a domain rule answers is not answered here', () => {
  test.each([
    ['LookupEvents', { MaxResults: 51, EventCategory: 'x' }],
    ['LookupEvents', { LookupAttributes: [{ AttributeKey: 'x', AttributeValue: '' }] }],
    ['AddTags', { ResourceId: 'a', TagsList: [{ Key: '', Value: 'v'.repeat(300) }] }],
    ['PutEventSelectors', { TrailName: 'a', EventSelectors: [{ ReadWriteType: 'x' }] }],
    ['PutEventSelectors', { TrailName: 'a', AdvancedEventSelectors: [{ FieldSelectors: [] }] }],
    ['GetChannel', { Channel: '!' }],
    ['GetEventDataStore', { EventDataStore: '!' }],
    ['StartImport', { Destinations: ['!'] }],
  ] as const)('%s %j', (operation, input) => {
    expect(validateInput(operation, input)).toBeUndefined();
  });

  test('but how many items a list has, and what is missing, still is', () => {
    expect(sentence('StartImport', { Destinations: ['!', '!'] })).toContain("at 'destinations'");
    expect(sentence('LookupEvents', { LookupAttributes: [{}] })).toContain(
      "Value null at 'lookupAttributes.1.member.attributeKey'",
    );
  });
});

describe('a value of another JSON type is a SerializationException', () => {
  test.each([
    [{ MaxResults: '1' }, 'STRING_VALUE can not be converted to an Integer'],
    [{ MaxResults: 1.5 }, 'NUMBER_VALUE can not be converted to an Integer'],
    [{ MaxResults: 2 ** 31 }, 'NUMBER_VALUE can not be converted to an Integer'],
    [{ MaxResults: [1] }, 'Start of list found where not expected'],
    [{ NextToken: true }, 'TRUE_VALUE can not be converted to a String'],
    [{ NextToken: {} }, 'Start of structure or map found where not expected.'],
    [{ StartTime: 'yesterday' }, 'STRING_VALUE can not be converted to a Timestamp'],
    [{ LookupAttributes: 'x' }, 'Expected list or null'],
    [{ LookupAttributes: {} }, 'Start of structure or map found where not expected.'],
    [{ LookupAttributes: [1] }, 'Expected structure or null'],
    [[], 'Start of list found where not expected'],
    [null, 'Expected structure or null'],
  ])('%j', (input, message) => {
    expect(validateInput('LookupEvents', input)).toEqual({
      refused: 'SerializationException',
      message,
    });
  });
});

test('null is absent, and what the API does not know is ignored', () => {
  const input = { Name: 'n', S3BucketName: 'b', KmsKeyId: null, Surprise: { deep: [1] } };
  expect(validateInput('CreateTrail', input)).toBeUndefined();
});

test('the smallest valid request of every operation passes, and the fullest', () => {
  for (const name of operationNames) {
    const { input } = operationSchema(name);
    expect(validateInput(name, sample(input, false)), name).toBeUndefined();
    expect(validateInput(name, sample(input, true)), name).toBeUndefined();
  }
});

test('leaving out any required member is refused', () => {
  for (const name of operationNames) {
    const { input } = operationSchema(name);
    for (const member of input.required) {
      const { [member]: _left, ...rest } = sample(input, false);
      expect(sentence(name, rest), name).toContain('Member must not be null');
    }
  }
});

test('never throws, whatever it is given', () => {
  const anything = fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true });
  const operation = fc.constantFrom(...operationNames);
  fc.assert(
    fc.property(operation, anything, (name, input) => {
      const { members } = operationSchema(name).input;
      const inMembers = Object.fromEntries([...members.keys()].map((member) => [member, input]));
      for (const value of [input, inMembers]) {
        const refusal = validateInput(name, value);
        if (refusal !== undefined) expect(isRefusal(refusal)).toBe(true);
      }
    }),
  );
  const circular: unknown[] = [];
  circular.push(...new Array(300).fill(circular));
  expect(validateInput('ListTags', { ResourceIdList: circular })).toBeDefined();
});

function sentence(operation: Parameters<typeof validateInput>[0], input: unknown): string {
  return validateInput(operation, input)?.message ?? 'passed';
}

function tag(policy: string): unknown {
  return { ResourceArn: 'arn:aws:x', ResourcePolicy: policy };
}

/** A request with its required members alone, or with every member there is. */
function sample(shape: StructureShape, full: boolean): Record<string, unknown> {
  const names = full ? [...shape.members.keys()] : [...shape.required];
  return Object.fromEntries(
    names.map((name) => {
      const constraint = constraints[shape.name]?.[name];
      return [name, sampleOf(shape.members.get(name)!, constraint, full)];
    }),
  );
}

function sampleOf(shape: Shape, constraint: Constraint | undefined, full: boolean): unknown {
  switch (shape.kind) {
    case 'structure':
      return sample(shape, full);
    case 'list':
      return [sampleOf(shape.member, constraint?.member, full)];
    case 'map':
      return { [text(constraint?.key)]: sampleOf(shape.value, constraint?.value, full) };
    case 'string':
      return text(constraint);
    case 'number':
      return constraint?.min ?? 1;
    case 'boolean':
      return false;
    case 'timestamp':
      return new Date(0);
    case 'blob':
      return new Uint8Array(1);
  }
}

function text(constraint: Constraint = {}): string {
  const length = constraint.min ?? 1;
  const candidates = ['a'.repeat(length), '0'.repeat(length), ...(constraint.enum ?? [])];
  candidates.push('00:00', 's3://abc', 'arn:aws:x', 'ec2.amazonaws.com');
  const valid = candidates.find((one) => brokenRules(constraint, one).next().done === true);
  if (valid === undefined) throw new Error(`no sample for ${JSON.stringify(constraint)}`);
  return valid;
}
