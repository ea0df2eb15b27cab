import { describe, expect, test } from 'vitest';
import type { RecordFacts } from '../events/record.ts';
import { compileSelectors } from './compile-selectors.ts';
import { matchSelectorsReference } from './match-selectors.reference.ts';
import {
  type AdvancedFieldSelector,
  defaultTrailSelectors,
  type StoredEventSelector,
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

function dataRecord(type: string, arn: string | undefined, more: Partial<RecordFacts> = {}) {
  return {
    ...management,
    eventCategory: 'Data' as const,
    eventSource: 's3.amazonaws.com',
    eventName: 'PutObject',
    resources: [{ type, arn }],
    ...more,
  };
}

function basic(selector: Partial<StoredEventSelector>): TrailSelectors {
  return {
    kind: 'basic',
    selectors: [
      {
        ReadWriteType: 'All',
        IncludeManagementEvents: true,
        DataResources: [],
        ExcludeManagementEventSources: [],
        ...selector,
      },
    ],
  };
}

function advanced(...fields: AdvancedFieldSelector[]): TrailSelectors {
  return { kind: 'advanced', selectors: [{ FieldSelectors: fields }] };
}

/** Both the compiled selectors and the reference, which must agree. */
function logs(selectors: TrailSelectors, facts: RecordFacts): boolean {
  const compiled = compileSelectors(selectors)(facts);
  expect(matchSelectorsReference(selectors, facts)).toBe(compiled);
  return compiled;
}

describe('basic event selectors', () => {
  test('the default logs every management event and nothing else', () => {
    expect(logs(defaultTrailSelectors, management)).toBe(true);
    expect(logs(defaultTrailSelectors, { ...management, readOnly: undefined })).toBe(true);
    expect(logs(defaultTrailSelectors, dataRecord('AWS::S3::Object', 'arn:aws:s3:::b/k'))).toBe(
      false,
    );
    expect(logs(defaultTrailSelectors, { ...management, eventCategory: 'NetworkActivity' })).toBe(
      false,
    );
  });

  test('Insights events are never theirs', () => {
    const everything = advanced({ Field: 'eventCategory', Equals: ['Insight'] });
    const insight = { ...management, eventCategory: 'Insight' as const };
    expect(logs(defaultTrailSelectors, insight)).toBe(false);
    expect(logs(everything, insight)).toBe(false);
  });

  test('ReadWriteType holds for all events, and a record without readOnly is neither', () => {
    const object = dataRecord('AWS::S3::Object', 'arn:aws:s3:::bucket/key');
    for (const facts of [management, object]) {
      const DataResources = [{ Type: 'AWS::S3::Object' as const, Values: ['arn:aws:s3'] }];
      const reads = basic({ ReadWriteType: 'ReadOnly', DataResources });
      const writes = basic({ ReadWriteType: 'WriteOnly', DataResources });
      expect(logs(reads, { ...facts, readOnly: true })).toBe(true);
      expect(logs(reads, { ...facts, readOnly: false })).toBe(false);
      expect(logs(reads, { ...facts, readOnly: undefined })).toBe(false);
      expect(logs(writes, { ...facts, readOnly: false })).toBe(true);
      expect(logs(writes, { ...facts, readOnly: true })).toBe(false);
      expect(logs(writes, { ...facts, readOnly: undefined })).toBe(false);
    }
  });

  test('excluded sources are not logged, and their data events are not excluded', () => {
    const noKms = basic({ ExcludeManagementEventSources: ['kms.amazonaws.com'] });
    expect(logs(noKms, { ...management, eventSource: 'kms.amazonaws.com' })).toBe(false);
    expect(logs(noKms, management)).toBe(true);
  });

  test.each([
    ['AWS::S3::Object', 'arn:aws:s3', 'arn:aws:s3:::bucket/key', true],
    ['AWS::S3::Object', 'arn:aws:s3:::', 'arn:aws:s3:::bucket/key', true],
    ['AWS::S3::Object', 'arn:aws:s3:::bucket-1/', 'arn:aws:s3:::bucket-1/a/b', true],
    ['AWS::S3::Object', 'arn:aws:s3:::bucket-1/', 'arn:aws:s3:::bucket-12/a', false],
    ['AWS::S3::Object', 'arn:aws:s3:::bucket-1/images', 'arn:aws:s3:::bucket-1/images2/x', true],
    ['AWS::S3::Object', 'arn:aws:s3:::bucket-1/images', 'arn:aws:s3:::bucket-1/video/x', false],
    ['AWS::Lambda::Function', 'arn:aws:lambda', 'arn:aws:lambda:eu-west-1:1:function:f', true],
    [
      'AWS::Lambda::Function',
      'arn:aws:lambda:us-west-2:111111111111:function:helloworld',
      'arn:aws:lambda:us-west-2:111111111111:function:helloworld2',
      false,
    ],
    [
      'AWS::Lambda::Function',
      'arn:aws:lambda:us-west-2:111111111111:function:helloworld',
      'arn:aws:lambda:us-west-2:111111111111:function:helloworld',
      true,
    ],
    [
      'AWS::DynamoDB::Table',
      'arn:aws:dynamodb:us-west-2:111111111111:table/orders',
      'arn:aws:dynamodb:us-west-2:111111111111:table/orders2',
      false,
    ],
    [
      'AWS::DynamoDB::Table',
      'arn:aws:dynamodb',
      'arn:aws:dynamodb:us-west-2:111111111111:table/orders',
      true,
    ],
    ['AWS::S3::Object', 'arn:aws:s3', undefined, true],
    ['AWS::S3::Object', 'arn:aws:s3:::bucket/', undefined, false],
  ] as const)('%s with %s: a record of %s is logged: %s', (Type, value, arn, expected) => {
    const selectors = basic({ DataResources: [{ Type, Values: [value] }] });
    expect(logs(selectors, dataRecord(Type, arn))).toBe(expected);
    expect(logs(selectors, dataRecord('AWS::SQS::Queue', arn))).toBe(false);
  });

  test('one fitting resource among several is enough, as in a DynamoDB stream record', () => {
    const table = 'arn:aws:dynamodb:us-west-2:111111111111:table/orders';
    const selectors = basic({ DataResources: [{ Type: 'AWS::DynamoDB::Table', Values: [table] }] });
    const resources = [
      { type: 'AWS::DynamoDB::Stream', arn: `${table}/stream/2024-01-01T00:00:00.000` },
      { type: 'AWS::DynamoDB::Table', arn: table },
    ];
    expect(logs(selectors, dataRecord('', '', { resources }))).toBe(true);
    expect(logs(selectors, dataRecord('', '', { resources: resources.slice(0, 1) }))).toBe(false);
  });
});

describe('advanced event selectors', () => {
  const isManagement = { Field: 'eventCategory', Equals: ['Management'] };
  const isData = { Field: 'eventCategory', Equals: ['Data'] };
  const isObject = { Field: 'resources.type', Equals: ['AWS::S3::Object'] };

  test('a record without readOnly is not a write', () => {
    const writes = advanced(isManagement, { Field: 'readOnly', Equals: ['false'] });
    expect(logs(writes, management)).toBe(true);
    expect(logs(writes, { ...management, readOnly: undefined })).toBe(false);
  });

  test('only Not operators let everything else through, also where the field is absent', () => {
    const notConsole = advanced(isManagement, {
      Field: 'sessionCredentialFromConsole',
      NotEquals: ['true'],
    });
    expect(logs(notConsole, management)).toBe(true);
    expect(logs(notConsole, { ...management, sessionCredentialFromConsole: 'true' })).toBe(false);
  });

  test('SELECT and DESELECT operators of one field must both agree', () => {
    const gets = advanced(isData, isObject, {
      Field: 'eventName',
      StartsWith: ['Get', 'List'],
      NotEquals: ['GetObjectAcl'],
    });
    const arn = 'arn:aws:s3:::b/k';
    expect(logs(gets, dataRecord('AWS::S3::Object', arn, { eventName: 'GetObject' }))).toBe(true);
    expect(logs(gets, dataRecord('AWS::S3::Object', arn, { eventName: 'GetObjectAcl' }))).toBe(
      false,
    );
    expect(logs(gets, dataRecord('AWS::S3::Object', arn, { eventName: 'PutObject' }))).toBe(false);
  });

  test('conditions on type and ARN hold for one and the same resource', () => {
    const selectors = advanced(isData, isObject, {
      Field: 'resources.ARN',
      NotStartsWith: ['arn:aws:s3:::logs/'],
    });
    const resources = [
      { type: 'AWS::S3::Object', arn: 'arn:aws:s3:::logs/k' },
      { type: 'AWS::S3::Bucket', arn: 'arn:aws:s3:::logs' },
    ];
    expect(logs(selectors, dataRecord('', '', { resources }))).toBe(false);
  });

  test('comparison is exact: case counts and * is a star', () => {
    const starts = advanced(isData, isObject, {
      Field: 'resources.ARN',
      StartsWith: ['arn:aws:s3:::b/*'],
    });
    expect(logs(starts, dataRecord('AWS::S3::Object', 'arn:aws:s3:::b/k'))).toBe(false);
    expect(logs(starts, dataRecord('AWS::S3::Object', 'arn:aws:s3:::b/*k'))).toBe(true);
    const lower = advanced(isManagement, { Field: 'eventName', Equals: ['runinstances'] });
    expect(logs(lower, management)).toBe(false);
  });

  test('network activity is chosen by source, and by VpceAccessDenied', () => {
    const denied = advanced(
      { Field: 'eventCategory', Equals: ['NetworkActivity'] },
      { Field: 'eventSource', Equals: ['s3.amazonaws.com'] },
      { Field: 'errorCode', Equals: ['VpceAccessDenied'] },
    );
    const record = {
      ...management,
      eventCategory: 'NetworkActivity' as const,
      eventSource: 's3.amazonaws.com',
      readOnly: undefined,
    };
    expect(logs(denied, { ...record, errorCode: 'VpceAccessDenied' })).toBe(true);
    expect(logs(denied, record)).toBe(false);
  });
});
