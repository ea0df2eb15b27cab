import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordFacts } from '../events/record.ts';
import { compileSelectors, memoEntriesMax } from './compile-selectors.ts';
import { matchSelectorsReference } from './match-selectors.reference.ts';
import {
  type AdvancedEventSelector,
  type AdvancedFieldSelector,
  fieldOperators,
  type TrailSelectors,
} from './selectors.ts';

const management: RecordFacts = {
  eventID: '00000000-0000-4000-8000-000000000000',
  eventTime: 1_700_000_000_000,
  eventName: 'RunInstances',
  eventSource: 'ec2.amazonaws.com',
  awsRegion: 'us-east-1',
  recipientAccountId: '123456789012',
  eventCategory: 'Management',
  eventType: 'AwsApiCall',
  readOnly: false,
  errorCode: undefined,
  vpcEndpointId: undefined,
  sessionCredentialFromConsole: undefined,
  userIdentityArn: 'arn:aws:iam::123456789012:user/ana',
  accessKeyId: undefined,
  username: 'ana',
  resources: [],
};

const sources = ['s3.amazonaws.com', 'kms.amazonaws.com', 'rdsdata.amazonaws.com', 'iam', 's3'];
const names = ['GetObject', 'PutObject', 'Get', 'DeleteObject', 'Object', 'ListKeys'];
const types = ['AWS::S3::Object', 'AWS::Lambda::Function', 'AWS::DynamoDB::Table'] as const;
const table = 'arn:aws:dynamodb:us-west-2:111111111111:table/orders';
const lambda = 'arn:aws:lambda:us-west-2:111111111111:function:hello';
const arns = [
  ...['arn:aws:s3:::b/', 'arn:aws:s3:::b/k', 'arn:aws:s3:::b/k/2', 'arn:aws:s3:::bb/k', table],
  ...['arn:aws:s3:::', 'arn:aws:s3', 'arn:aws:lambda', 'arn:aws:dynamodb', lambda, `${lambda}2`],
  ...[`${table}/stream/1`, 'arn:aws:s3:::a/', 'arn:aws:s3:::c/', 'arn:aws:s3:::b/j'],
];
const fieldValues: Readonly<Record<string, readonly string[]>> = {
  eventSource: sources,
  eventName: names,
  eventType: ['AwsApiCall', 'AwsServiceEvent'],
  readOnly: ['true', 'false'],
  errorCode: ['VpceAccessDenied', 'AccessDenied'],
  sessionCredentialFromConsole: ['true'],
  'userIdentity.arn': ['arn:aws:iam::1:user/a', 'arn:aws:iam::1:role/b', 'arn:aws:iam::1:'],
  vpcEndpointId: ['vpce-1', 'vpce-12'],
  'resources.type': [...types, 'AWS::S3::Bucket'],
  'resources.ARN': arns,
};
const categories = ['Management', 'Data', 'NetworkActivity', 'Insight'] as const;

function optionally<T>(values: readonly T[]): fc.Arbitrary<T | undefined> {
  return fc.constantFrom(...values, undefined);
}

const factsArbitrary: fc.Arbitrary<RecordFacts> = fc
  .record({
    eventCategory: fc.constantFrom(...categories),
    eventSource: fc.constantFrom(...sources),
    eventName: fc.constantFrom(...names),
    eventType: fc.constantFrom('AwsApiCall', 'AwsServiceEvent'),
    readOnly: optionally([true, false]),
    errorCode: optionally(['VpceAccessDenied', 'AccessDenied']),
    sessionCredentialFromConsole: optionally(['true']),
    userIdentityArn: optionally(['arn:aws:iam::1:user/a', 'arn:aws:iam::1:role/b']),
    vpcEndpointId: optionally(['vpce-1', 'vpce-12']),
    resources: fc.array(
      fc.record({ type: optionally(fieldValues['resources.type']!), arn: optionally(arns) }),
      { maxLength: 3 },
    ),
  })
  .map((some) => ({ ...management, ...some }));

function someOf<T>(values: readonly T[], maxLength: number): fc.Arbitrary<T[]> {
  return fc.array(fc.constantFrom(...values), { minLength: 1, maxLength });
}

const fieldArbitrary: fc.Arbitrary<AdvancedFieldSelector> = fc
  .constantFrom(...Object.keys(fieldValues))
  .chain((Field) =>
    fc
      .array(fc.tuple(fc.constantFrom(...fieldOperators), someOf(fieldValues[Field] ?? [], 12)), {
        minLength: 1,
        maxLength: 3,
      })
      .map((operators) => ({ Field, ...Object.fromEntries(operators) })),
  );

const advancedArbitrary: fc.Arbitrary<TrailSelectors> = fc
  .array(
    fc.tuple(fc.constantFrom(...categories), fc.array(fieldArbitrary, { maxLength: 3 })).map(
      ([category, fields]): AdvancedEventSelector => ({
        FieldSelectors: [{ Field: 'eventCategory', Equals: [category] }, ...fields],
      }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((selectors) => ({ kind: 'advanced', selectors }));

const basicArbitrary: fc.Arbitrary<TrailSelectors> = fc
  .array(
    fc.record({
      ReadWriteType: fc.constantFrom('All' as const, 'ReadOnly' as const, 'WriteOnly' as const),
      IncludeManagementEvents: fc.boolean(),
      DataResources: fc.array(
        fc.record({ Type: fc.constantFrom(...types), Values: someOf(arns, 12) }),
        { maxLength: 3 },
      ),
      ExcludeManagementEventSources: fc.subarray(['kms.amazonaws.com', 'rdsdata.amazonaws.com']),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((selectors) => ({ kind: 'basic', selectors }));

describe('compiled selectors agree with the reference', () => {
  test.each([
    ['basic', basicArbitrary],
    ['advanced', advancedArbitrary],
  ])('for %s selectors and any records, also when asked twice', (_kind, arbitrary) => {
    let logged = 0;
    let asked = 0;
    const records = fc.array(factsArbitrary, { minLength: 10, maxLength: 10 });
    fc.assert(
      fc.property(arbitrary, records, (selectors, list) => {
        const compiled = compileSelectors(selectors);
        for (const facts of [...list, ...list]) {
          const expected = matchSelectorsReference(selectors, facts);
          asked += 1;
          logged += expected ? 1 : 0;
          expect(compiled(facts)).toBe(expected);
        }
      }),
      { numRuns: 2000 },
    );
    // A generator that hardly ever matches would prove nothing.
    expect(logged / asked).toBeGreaterThan(0.1);
    expect(logged / asked).toBeLessThan(0.9);
  });

  test('beyond the number of remembered names', () => {
    const selectors: TrailSelectors = {
      kind: 'advanced',
      selectors: ['1', '2', '3', '4', '5'].map((end) => ({
        FieldSelectors: [
          { Field: 'eventCategory', Equals: ['Management'] },
          { Field: 'eventName', EndsWith: [end] },
        ],
      })),
    };
    const compiled = compileSelectors(selectors);
    for (let index = 0; index < memoEntriesMax * 2.5; index += 1) {
      const facts = { ...management, eventName: `Name${index}` };
      expect(compiled(facts)).toBe(matchSelectorsReference(selectors, facts));
    }
  });
});
