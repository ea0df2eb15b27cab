import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTrailArn, readTrailReference, trailArn } from './trail-arn.ts';

const caller = { account: '123456789012', region: 'eu-west-1' };

test('a name means a trail of the caller, in the Region that is called', () => {
  expect(readTrailReference('audit', caller)).toEqual({ ...caller, name: 'audit', byArn: false });
});

test('an ARN means the trail that it names, whoever calls from wherever', () => {
  const arn = 'arn:aws:cloudtrail:us-east-1:210987654321:trail/audit';
  const trail = { account: '210987654321', region: 'us-east-1', name: 'audit', byArn: true };
  expect(readTrailReference(arn, caller)).toEqual(trail);
});

test.each([
  ['us-east-1', 'aws'],
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
])('the ARN of a trail in %s is of the partition %s, and is read back', (region, partition) => {
  const trail = { account: '123456789012', region, name: 'audit' };
  const arn = trailArn(trail);
  expect(arn).toBe(`arn:${partition}:cloudtrail:${region}:123456789012:trail/audit`);
  expect(readTrailArn(arn)).toEqual({ ...trail, byArn: true });
});

test.each([
  'arn:',
  'arn:aws:cloudtrail:us-east-1:123456789012:trail/',
  'arn:aws:cloudtrail:us-east-1:123456789012:trail/ab',
  'arn:aws:cloudtrail:us-east-1:123456789012:trail/my--trail',
  'arn:aws:cloudtrail:us-east-1:12345:trail/audit',
  'arn:aws:cloudtrail::123456789012:trail/audit',
  'arn:aws:s3:us-east-1:123456789012:trail/audit',
  'arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/audit',
  'arn:aws:cloudtrail:us-east-1:123456789012:trail/audit\n',
  `arn:aws:cloudtrail:us-east-1:123456789012:trail/${'a'.repeat(1000)}`,
])('%j is no trail ARN', (arn) => {
  expect(readTrailReference(arn, caller)).toMatchObject({
    refused: 'CloudTrailARNInvalidException',
  });
});

test('what is neither ARN nor name is answered as a name', () => {
  expect(readTrailReference('not a name', caller)).toMatchObject({
    refused: 'InvalidTrailNameException',
  });
});

test('no text makes reading an ARN slow or fail', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 5000 }), (text) => {
      expect(readTrailArn(`arn:aws:cloudtrail:${text}`)).toHaveProperty('refused');
    }),
  );
});
