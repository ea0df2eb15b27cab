import { registry } from '@trailkeep/core/operations/registry.ts';
import {
  type OperationName,
  operationNames,
  operationSchema,
  type Shape,
  type StructureShape,
} from '@trailkeep/core/wire/shapes.ts';
import { expect, test } from 'vitest';
import { startTestEngine } from '../support/start-test-engine.ts';

/** The operations that answer; every other one says that it is not there yet. */
const built: readonly OperationName[] = [
  'AddTags',
  'CreateTrail',
  'DeleteTrail',
  'DescribeTrails',
  'GetEventSelectors',
  'GetTrail',
  'GetTrailStatus',
  'ListPublicKeys',
  'ListTags',
  'ListTrails',
  'LookupEvents',
  'PutEventSelectors',
  'RemoveTags',
  'StartLogging',
  'StopLogging',
  'UpdateTrail',
];

test('every operation of the API is in the registry', () => {
  expect(Object.keys(registry).sort()).toEqual(operationNames);
  expect(operationNames).toEqual(expect.arrayContaining([...built]));
});

test('an operation that is not built says so, and never answers as if it were', async () => {
  const engine = await startTestEngine();
  const notBuilt = operationNames.filter((name) => !built.includes(name));
  expect(notBuilt.length).toBe(operationNames.length - built.length);
  for (const operation of notBuilt) {
    const reply = await engine.service({
      target: `CloudTrail_20131101.${operation}`,
      body: Buffer.from(JSON.stringify(exampleOf(operationSchema(operation).input))),
      caller: {
        account: '123456789012',
        arn: 'arn:aws:iam::123456789012:root',
        accessKeyId: '123456789012',
        principalId: '123456789012',
        type: 'Root',
      },
      region: 'us-east-1',
      sourceIp: '127.0.0.1',
      userAgent: 'test',
      host: 'localhost',
    });
    const { __type, message } = JSON.parse(reply.body.toString());
    expect([operation, reply.status, __type]).toEqual([
      operation,
      400,
      'UnsupportedOperationException',
    ]);
    expect(message).toContain(`${operation} is not supported yet by this version of Trailkeep.`);
  }
});

/** Values that keep the constraints of members of this name, where one is required. */
const examples: Readonly<Record<string, unknown>> = {
  MemberAccountId: '123456789012',
  DelegatedAdminAccountId: '123456789012',
  QueryId: '12345678-1234-1234-1234-123456789012',
  ImportId: '12345678-1234-1234-1234-123456789012',
  Type: 'EVENT_DATA_STORE',
  Prompt: 'What was deleted?',
  FederationRoleArn: 'arn:aws:iam::123456789012:role/federation',
  InsightSource: 'arn:aws:cloudtrail:us-east-1:123456789012:trail/audit',
  DataType: 'InsightsEvents',
  InsightType: 'ApiCallRateInsight',
  EventSource: 'ec2.amazonaws.com',
  EventName: 'RunInstances',
  SearchPhrase: 'deleted',
};

function exampleOf(shape: StructureShape): Record<string, unknown> {
  const members = [...shape.required].map((name) => {
    const member = shape.members.get(name)!;
    return [name, examples[name] ?? exampleValue(member)];
  });
  return Object.fromEntries(members);
}

function exampleValue(shape: Shape): unknown {
  switch (shape.kind) {
    case 'structure':
      return exampleOf(shape);
    case 'list':
      return [exampleValue(shape.member)];
    case 'map':
      return {};
    case 'string':
      return 'example';
    case 'boolean':
      return true;
    case 'blob':
      return '';
    case 'number':
    case 'timestamp':
      return 1;
  }
}
