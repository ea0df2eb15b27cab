import { describe, expect, test } from 'vitest';
import { checkAdvancedSelectors } from './check-advanced-selectors.ts';
import type { AdvancedEventSelector, AdvancedFieldSelector } from './selectors.ts';

type Target = Parameters<typeof checkAdvancedSelectors>[1];

function selector(...FieldSelectors: AdvancedFieldSelector[]): AdvancedEventSelector {
  return { FieldSelectors };
}

function accepted(target: Target, ...list: AdvancedEventSelector[]): void {
  expect(checkAdvancedSelectors(list, target)).toEqual({ kind: 'advanced', selectors: list });
}

function refusal(target: Target, ...list: AdvancedEventSelector[]): string {
  const checked = checkAdvancedSelectors(list, target);
  if (!('refused' in checked)) {
    throw new Error('was accepted');
  }
  expect(checked.refused).toBe('InvalidEventSelectorsException');
  expect(checked.message.length).toBeLessThan(600);
  return checked.message;
}

const isManagement = { Field: 'eventCategory', Equals: ['Management'] };
const isData = { Field: 'eventCategory', Equals: ['Data'] };
const isNetwork = { Field: 'eventCategory', Equals: ['NetworkActivity'] };
const isObject = { Field: 'resources.type', Equals: ['AWS::S3::Object'] };
const isFunction = { Field: 'resources.type', Equals: ['AWS::Lambda::Function'] };
const fromS3 = { Field: 'eventSource', Equals: ['s3.amazonaws.com'] };
const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:hello';

describe('accepted on a trail', () => {
  test('the recorded selectors of a real trail, echoed as they were given', () => {
    accepted('trail', {
      Name: 'no keys',
      FieldSelectors: [
        isManagement,
        { Field: 'eventSource', NotEquals: ['kms.amazonaws.com', 'rdsdata.amazonaws.com'] },
        { Field: 'readOnly', Equals: ['false'] },
      ],
    });
  });

  test('every field of data events, with several operators on one field', () => {
    accepted(
      'trail',
      selector(
        isData,
        isObject,
        { Field: 'readOnly', Equals: ['true'] },
        { Field: 'eventName', StartsWith: ['Get'], NotEndsWith: ['Acl'] },
        { Field: 'eventSource', NotEquals: ['s3.amazonaws.com'] },
        { Field: 'eventType', Equals: ['AwsApiCall'] },
        { Field: 'resources.ARN', StartsWith: ['arn:aws:s3:::bucket/'] },
        { Field: 'userIdentity.arn', NotStartsWith: ['arn:aws:sts::123456789012:'] },
        { Field: 'sessionCredentialFromConsole', NotEquals: ['true'] },
      ),
    );
  });

  test('network activity of one source', () => {
    accepted(
      'trail',
      selector(
        isNetwork,
        fromS3,
        { Field: 'errorCode', Equals: ['VpceAccessDenied'] },
        { Field: 'vpcEndpointId', Equals: ['vpce-1'] },
        { Field: 'eventName', NotEquals: ['GetObject'] },
      ),
    );
  });

  test.each([
    ['AWS::S3::Object', 'arn:aws:s3:::important-bucket-1/'],
    ['AWS::Lambda::Function', functionArn],
    ['AWS::DynamoDB::Stream', 'arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2024'],
    ['AWS::EC2::Snapshot', 'arn:aws:ec2:us-east-1::snapshot/snap-1'],
    ['AWS::SSM::ManagedNode', 'arn:aws:ec2:us-east-1:123456789012:instance/i-1'],
    ['AWS::XRay::Trace', 'arn:aws-cn:xray:cn-north-1:123456789012:trace:1'],
    ['AWS::SNS::Topic', 'arn:aws:sns:us-east-1:123456789012:topic:with:colons'],
  ])('Equals on resources.ARN of %s: %s', (type, arn) => {
    accepted(
      'trail',
      selector(
        isData,
        { Field: 'resources.type', Equals: [type] },
        { Field: 'resources.ARN', Equals: [arn], NotEquals: [arn] },
      ),
    );
  });

  test('sixteen selectors, and 500 values in all', () => {
    accepted('trail', ...Array.from({ length: 16 }, () => selector(isManagement)));
    const values = Array.from({ length: 498 }, (_, index) => `Name${index}`);
    accepted('trail', selector(isData, isObject, { Field: 'eventName', Equals: values }));
  });
});

describe('accepted on an event data store', () => {
  test('management events by any field', () => {
    accepted(
      'event-data-store',
      selector(
        isManagement,
        { Field: 'eventName', Equals: ['RunInstances'] },
        { Field: 'eventSource', Equals: ['ec2.amazonaws.com'] },
        { Field: 'eventType', NotEquals: ['AwsServiceEvent'] },
        { Field: 'sessionCredentialFromConsole', Equals: ['true'] },
        { Field: 'userIdentity.arn', EndsWith: ['admin'] },
      ),
    );
  });

  test.each(['Insight', 'ConfigurationItem', 'Evidence', 'ActivityAuditLog'])('%s', (category) => {
    const only = selector({ Field: 'eventCategory', Equals: [category] });
    accepted('event-data-store', only);
    expect(refusal('trail', only)).toContain(`Value ${category} for eventCategory is invalid on`);
    const filtered = [...(only.FieldSelectors ?? []), { Field: 'eventName', Equals: ['x'] }];
    expect(refusal('event-data-store', selector(...filtered))).toContain('Use eventCategory.');
    expect(refusal('event-data-store', selector(isManagement), only)).toContain(
      `An event data store for ${category} events can have no other`,
    );
  });
});

describe('refused', () => {
  test.each<[string, string, AdvancedEventSelector]>([
    ['no field selectors', 'FieldSelectors is empty', selector()],
    ['no event category', 'eventCategory is required', selector(isObject)],
    [
      'two event categories',
      'eventCategory is required in every selector, with the operator Equals and one value',
      selector({ Field: 'eventCategory', Equals: ['Management', 'Data'] }),
    ],
    [
      'an event category that is excluded',
      'eventCategory is required',
      selector({ Field: 'eventCategory', NotEquals: ['Data'] }),
    ],
    [
      'a field twice',
      'Field eventName is specified more than once',
      selector(
        isData,
        isObject,
        { Field: 'eventName', Equals: ['a'] },
        { Field: 'eventName', Equals: ['b'] },
      ),
    ],
    [
      'no operator',
      'Field readOnly has no operator',
      selector(isManagement, { Field: 'readOnly' }),
    ],
    [
      'an empty operator',
      'NotEquals for eventSource has no values',
      selector(isManagement, { Field: 'eventSource', NotEquals: [] }),
    ],
    ['no field', 'Field is required', selector(isManagement, { Field: undefined, Equals: ['a'] })],
    [
      'an empty value',
      'Value  for eventName is invalid',
      selector(isData, isObject, { Field: 'eventName', Equals: [''] }),
    ],
    [
      'a value that is too long',
      'Specify a value of 1 to 2048 characters',
      selector(isData, isObject, { Field: 'eventName', Equals: ['x'.repeat(2049)] }),
    ],
    [
      'a name that is too long',
      'Specify a name of up to 1000 characters',
      { Name: 'n'.repeat(1001), FieldSelectors: [isManagement] },
    ],
    [
      'a field that is unknown',
      'Field color is not',
      selector(isManagement, { Field: 'color', Equals: ['a'] }),
    ],
    [
      'management events by name',
      'Field eventName is not supported for Management events on a trail. ' +
        'Use eventCategory, eventSource, readOnly.',
      selector(isManagement, { Field: 'eventName', Equals: ['a'] }),
    ],
    [
      'management events of one source',
      'Operator Equals is not supported for eventSource. Use NotEquals.',
      selector(isManagement, { Field: 'eventSource', Equals: ['kms.amazonaws.com'] }),
    ],
    [
      'management events without some source',
      'Specify kms.amazonaws.com or rdsdata.amazonaws.com.',
      selector(isManagement, { Field: 'eventSource', NotEquals: ['s3.amazonaws.com'] }),
    ],
    [
      'readOnly by another operator',
      'Operator NotEquals is not supported for readOnly',
      selector(isManagement, { Field: 'readOnly', NotEquals: ['true'] }),
    ],
    [
      'readOnly with another value',
      'Value True for readOnly is invalid. Specify true or false.',
      selector(isManagement, { Field: 'readOnly', Equals: ['True'] }),
    ],
    ['data events of no type', 'Field resources.type is required', selector(isData)],
    [
      'data events of two types',
      'Field resources.type has 2 values',
      selector(isData, {
        Field: 'resources.type',
        Equals: ['AWS::S3::Object', 'AWS::Lambda::Function'],
      }),
    ],
    [
      'data events of a type that has none',
      'Value AWS::S3::Bucket for resources.type is invalid',
      selector(isData, { Field: 'resources.type', Equals: ['AWS::S3::Bucket'] }),
    ],
    [
      'part of an ARN with Equals',
      'Value arn:aws:s3:::bucket for resources.ARN is invalid. With Equals',
      selector(isData, isObject, { Field: 'resources.ARN', Equals: ['arn:aws:s3:::bucket'] }),
    ],
    [
      'an ARN of another type with NotEquals',
      'use NotStartsWith or NotEndsWith',
      selector(isData, isObject, { Field: 'resources.ARN', NotEquals: [functionArn] }),
    ],
    [
      'a wildcard in a whole ARN',
      'the whole ARN of a resource of type AWS::Lambda::Function',
      selector(isData, isFunction, {
        Field: 'resources.ARN',
        Equals: ['arn:aws:lambda:*:123456789012:function:hello'],
      }),
    ],
    ['network activity of no source', 'Field eventSource is required', selector(isNetwork)],
    [
      'network activity of a source that has none',
      'Value iam.amazonaws.com for eventSource is invalid',
      selector(isNetwork, { Field: 'eventSource', Equals: ['iam.amazonaws.com'] }),
    ],
    [
      'another error code of network activity',
      'Specify VpceAccessDenied.',
      selector(isNetwork, fromS3, { Field: 'errorCode', Equals: ['AccessDenied'] }),
    ],
  ])('%s', (_what, sentence, given) => {
    expect(refusal('trail', given)).toContain(sentence);
  });

  test('an empty list, and six selectors on an event data store', () => {
    expect(refusal('trail')).toContain('at least one advanced event selector');
    const six = Array.from({ length: 6 }, () => selector(isManagement));
    expect(refusal('event-data-store', ...six)).toContain('up to 5 advanced event selectors');
  });

  test('more than 500 values over all selectors', () => {
    const Equals = Array.from({ length: 249 }, (_, index) => `Name${index}`);
    const half = selector(isData, isObject, { Field: 'eventName', Equals });
    const message = refusal('trail', half, half);
    expect(message).toContain('502 values in total. Specify up to 500 values');
  });
});
