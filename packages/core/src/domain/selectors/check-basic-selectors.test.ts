import { describe, expect, test } from 'vitest';
import { checkBasicSelectors } from './check-basic-selectors.ts';
import {
  defaultTrailSelectors,
  type EventSelector,
  hasCustomEventSelectors,
  type TrailSelectors,
} from './selectors.ts';

function accepted(list: readonly EventSelector[]): TrailSelectors {
  const checked = checkBasicSelectors(list);
  if ('refused' in checked) {
    throw new Error(checked.message);
  }
  return checked;
}

function refusal(list: readonly EventSelector[]): string {
  const checked = checkBasicSelectors(list);
  if (!('refused' in checked)) {
    throw new Error('was accepted');
  }
  expect(checked.refused).toBe('InvalidEventSelectorsException');
  expect(checked.message.length).toBeLessThan(600);
  return checked.message;
}

function s3(...Values: string[]): EventSelector {
  return { DataResources: [{ Type: 'AWS::S3::Object', Values }] };
}

describe('accepted', () => {
  test('an empty selector is the default one', () => {
    expect(accepted([{}])).toEqual(defaultTrailSelectors);
    expect(hasCustomEventSelectors(accepted([{}]))).toBe(false);
  });

  test('what is given is kept', () => {
    const selector = {
      ReadWriteType: 'WriteOnly' as const,
      IncludeManagementEvents: false,
      DataResources: [
        { Type: 'AWS::S3::Object' as const, Values: ['arn:aws:s3:::bucket-with-data-events/'] },
      ],
      ExcludeManagementEventSources: ['kms.amazonaws.com'],
    };
    expect(accepted([selector])).toEqual({ kind: 'basic', selectors: [selector] });
    expect(hasCustomEventSelectors(accepted([selector]))).toBe(true);
  });

  test.each([
    [{ ReadWriteType: 'ReadOnly' }],
    [{ ExcludeManagementEventSources: ['rdsdata.amazonaws.com'] }],
    [s3('arn:aws:s3')],
  ])('%j counts as custom event selectors', (selector) => {
    expect(hasCustomEventSelectors(accepted([selector]))).toBe(true);
  });

  test('two default selectors, and advanced ones, count as custom event selectors', () => {
    expect(hasCustomEventSelectors(accepted([{}, {}]))).toBe(true);
    expect(hasCustomEventSelectors({ kind: 'advanced', selectors: [] })).toBe(true);
  });

  test.each([
    ['AWS::S3::Object', 'arn:aws:s3'],
    ['AWS::S3::Object', 'arn:aws:s3:::'],
    ['AWS::S3::Object', 'arn:aws-us-gov:s3:::bucket/'],
    ['AWS::S3::Object', 'arn:aws:s3:::bucket-1/example images/*'],
    ['AWS::Lambda::Function', 'arn:aws:lambda'],
    ['AWS::Lambda::Function', 'arn:aws-cn:lambda:cn-north-1:123456789012:function:hello'],
    ['AWS::Lambda::Function', 'arn:aws:lambda:us-east-1:123456789012:function:hello:$LATEST'],
    ['AWS::DynamoDB::Table', 'arn:aws:dynamodb'],
    ['AWS::DynamoDB::Table', 'arn:aws:dynamodb:us-east-1:123456789012:table/orders'],
  ])('%s takes %s', (Type, value) => {
    accepted([{ DataResources: [{ Type, Values: [value] }] }]);
  });

  test('250 data resources, and every resource besides', () => {
    const values = Array.from({ length: 250 }, (_, index) => `arn:aws:s3:::bucket-${index}/`);
    accepted([s3(...values), s3('arn:aws:s3'), s3('arn:aws:s3:::')]);
  });
});

describe('refused', () => {
  test.each([
    'arn:aws:s3:::*',
    'arn:aws:s3:::*/*',
    'arn:aws:s3:::/',
    'arn:aws:s3:::data-bucket',
    'arn:aws:lambda',
    'bucket/',
    '',
  ])('the value %s for S3 objects, in the words of CloudTrail', (value) => {
    expect(refusal([s3(value)])).toBe(`Value ${value} for DataResources.Values is invalid.`);
  });

  test.each([
    ['AWS::Lambda::Function', 'arn:aws:lambda:*'],
    ['AWS::Lambda::Function', 'arn:aws:s3'],
    ['AWS::DynamoDB::Table', 'arn:aws:dynamodb:us-east-1:123456789012:index/orders'],
  ])('for %s the value %s', (Type, value) => {
    expect(refusal([{ DataResources: [{ Type, Values: [value] }] }])).toBe(
      `Value ${value} for DataResources.Values is invalid.`,
    );
  });

  test('no selector, or six', () => {
    expect(refusal([])).toContain('Specify a valid number of event selectors (1 to 5)');
    expect(refusal([{}, {}, {}, {}, {}, {}])).toContain('6 event selectors');
  });

  test('a ReadWriteType of its own', () => {
    expect(refusal([{ ReadWriteType: 'read-only' }])).toBe(
      'Value read-only for ReadWriteType is invalid. Specify ReadOnly, WriteOnly, All.',
    );
  });

  test('a type that needs advanced selectors, and none', () => {
    const queue = { Type: 'AWS::SQS::Queue', Values: [] };
    expect(refusal([{ DataResources: [queue] }])).toContain('Value AWS::SQS::Queue for');
    expect(refusal([{ DataResources: [{ Values: ['arn:aws:s3'] }] }])).toContain('is required');
  });

  test('a source that cannot be excluded', () => {
    const message = refusal([{ ExcludeManagementEventSources: ['s3.amazonaws.com'] }]);
    expect(message).toContain('Value s3.amazonaws.com for ExcludeManagementEventSources');
  });

  test('neither management nor data events, in the words of CloudTrail', () => {
    const sentence =
      'Invalid combination of parameters in EventSelectors. ' +
      'When includeManagementEvents is false, DataResources must not be empty';
    expect(refusal([{ IncludeManagementEvents: false }])).toBe(sentence);
    expect(refusal([{}, { ...s3(), IncludeManagementEvents: false }])).toBe(sentence);
  });

  test('more than 250 data resources in all', () => {
    const values = Array.from({ length: 126 }, (_, index) => `arn:aws:s3:::bucket-${index}/`);
    expect(refusal([s3(...values), s3(...values)])).toContain('252 data resources in total');
  });

  test('an endless or unprintable value, shown short and clean', () => {
    expect(refusal([s3('x'.repeat(100_000))])).toContain(`${'x'.repeat(200)}...`);
    expect(refusal([s3('\u001b[31m')])).toContain('Value ?[31m for');
  });
});
