import { describe, expect, test } from 'vitest';
import {
  bucketPolicyAllowsDelivery,
  bucketPolicyAllowsTrail,
  type TrailBucketRequest,
} from './trail-bucket-policy.ts';

const account = '123456789012';
const trailArn = `arn:aws:cloudtrail:us-east-1:${account}:trail/audit`;
const bucketArn = 'arn:aws:s3:::logs';
const organizationId = 'o-exampleorgid';
const cloudTrail = { Service: 'cloudtrail.amazonaws.com' };
const ownerControl = { 's3:x-amz-acl': 'bucket-owner-full-control' };

type Statement = Readonly<Record<string, unknown>>;
/** What is in the bucket's policy, the policy, and what else is asked. */
type Case = readonly [string, string | undefined, Partial<TrailBucketRequest>?];

function policy(...statements: Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

function allows(text: string | undefined, more: Partial<TrailBucketRequest> = {}): boolean {
  return bucketPolicyAllowsTrail({
    policy: text,
    bucket: 'logs',
    prefix: undefined,
    trailArn,
    account,
    ...more,
  });
}

function aclCheck(more: Statement = {}): Statement {
  return {
    Sid: 'AWSCloudTrailAclCheck20150319',
    Effect: 'Allow',
    Principal: cloudTrail,
    Action: 's3:GetBucketAcl',
    Resource: bucketArn,
    ...more,
  };
}

function write(folder: string, more: Statement = {}): Statement {
  return {
    Sid: 'AWSCloudTrailWrite20150319',
    Effect: 'Allow',
    Principal: cloudTrail,
    Action: 's3:PutObject',
    Resource: `${bucketArn}/${folder}`,
    Condition: { StringEquals: ownerControl },
    ...more,
  };
}

const ownFolder = `AWSLogs/${account}/*`;
const documentedCondition = { StringEquals: { ...ownerControl, 'aws:SourceArn': trailArn } };
const documented = [
  aclCheck({ Condition: { StringEquals: { 'aws:SourceArn': trailArn } } }),
  write(ownFolder, { Condition: documentedCondition }),
];
const denyInsecure = {
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: [bucketArn, `${bucketArn}/*`],
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};

describe('a trail may use the bucket with', () => {
  const cases: readonly Case[] = [
    ['the documented policy', policy(...documented)],
    ['the documented policy of 2015, without SourceArn', policy(aclCheck(), write(ownFolder))],
    [
      'what CDK writes, with enforceSSL',
      policy(denyInsecure, aclCheck({ Condition: undefined }), write(ownFolder)),
    ],
    [
      'what the Terraform documentation writes, with a prefix',
      policy(documented[0]!, write(`prefix/${ownFolder}`, { Condition: documentedCondition })),
      { prefix: 'prefix' },
    ],
    [
      'several trails named by a list',
      policy(
        aclCheck({ Condition: { StringEquals: { 'AWS:SourceArn': ['arn:x', trailArn] } } }),
        write(ownFolder),
      ),
    ],
    [
      'trails named by a wildcard',
      policy(
        aclCheck({ Condition: { StringLike: { 'aws:SourceArn': 'arn:aws:cloudtrail:*' } } }),
        write('*', {
          Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:cloudtrail:*:${account}:trail/*` } },
        }),
      ),
    ],
    [
      'the account named by SourceAccount',
      policy(
        aclCheck({ Condition: { StringEquals: { 'aws:SourceAccount': account } } }),
        write(ownFolder),
      ),
    ],
    [
      'the documented policy of an organization trail',
      policy(...documented, write(`AWSLogs/${organizationId}/*`)),
      { organizationId },
    ],
    [
      'an organization named by SourceOrgID',
      policy(
        aclCheck(),
        write('AWSLogs/*', { Condition: { StringEquals: { 'aws:SourceOrgID': organizationId } } }),
      ),
      { organizationId },
    ],
    [
      'one statement for all, and wildcards in the action',
      policy({
        Effect: 'Allow',
        Principal: '*',
        Action: ['S3:get*acl', 's3:Put?bject'],
        Resource: [bucketArn, `${bucketArn}/*`],
      }),
    ],
    [
      'NotAction and NotResource',
      policy({
        Effect: 'Allow',
        Principal: { Service: ['config.amazonaws.com', 'cloudtrail.amazonaws.com'] },
        NotAction: 's3:DeleteObject',
        NotResource: 'arn:aws:s3:::other/*',
      }),
    ],
    [
      'a single statement outside of a list, of the older version',
      JSON.stringify({
        Statement: { Effect: 'Allow', Principal: cloudTrail, Action: 's3:*', Resource: '*' },
      }),
    ],
    [
      'a Deny of everyone who is not a service',
      policy(...documented, {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: `${bucketArn}/*`,
        Condition: { BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' } },
      }),
    ],
    [
      'a Deny of old TLS and of deletion',
      policy(
        ...documented,
        { ...denyInsecure, Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } },
        { ...denyInsecure, Action: 's3:Delete*', Condition: {} },
      ),
    ],
    [
      'a Deny of other keys, for a trail with that key',
      policy(...documented, {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: `${bucketArn}/*`,
        Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } },
      }),
      { kmsKeyArn: `arn:aws:kms:us-east-1:${account}:key/1` },
    ],
    [
      'a policy of another partition, for a trail there',
      policy(aclCheck(), write(ownFolder)).replaceAll('arn:aws:', 'arn:aws-cn:'),
      { trailArn: trailArn.replace('arn:aws:', 'arn:aws-cn:') },
    ],
  ];
  test.each(named(cases))('$what', ({ text, more }) => {
    expect(allows(text, more)).toBe(true);
  });
});

describe('a trail may not use the bucket with', () => {
  const cases: readonly Case[] = [
    ['no policy', undefined],
    ['an empty policy', ''],
    ['something that is no policy', '{"Statement":'],
    ['another bucket in the policy', policy(...documented), { bucket: 'logs2' }],
    ['the ACL check alone', policy(documented[0]!)],
    ['the write alone', policy(documented[1]!)],
    ['another prefix', policy(...documented), { prefix: 'prefix' }],
    [
      'a policy for a prefix and a trail without one',
      policy(aclCheck(), write(`prefix/${ownFolder}`)),
    ],
    ['the folder of another account', policy(aclCheck(), write('AWSLogs/210987654321/*'))],
    ['another trail in SourceArn', policy(...documented), { trailArn: `${trailArn}2` }],
    ['the documented policy without the organization', policy(...documented), { organizationId }],
    [
      'the documented policy of another partition',
      policy(...documented),
      { trailArn: trailArn.replace('arn:aws:', 'arn:aws-us-gov:') },
    ],
    [
      'another ACL',
      policy(
        aclCheck(),
        write(ownFolder, { Condition: { StringEquals: { 's3:x-amz-acl': 'private' } } }),
      ),
    ],
    [
      'another service',
      policy(
        aclCheck({ Principal: { Service: 'config.amazonaws.com' } }),
        write(ownFolder, { Principal: { Service: 'config.amazonaws.com' } }),
      ),
    ],
    [
      'the bucket owner as principal',
      policy(
        aclCheck({ Principal: { AWS: account } }),
        write(ownFolder, { Principal: { AWS: account } }),
      ),
    ],
    [
      'a Deny of everything',
      policy(...documented, { ...denyInsecure, Condition: undefined, Action: '*' }),
    ],
    [
      'a Deny of all but one role',
      policy(...documented, {
        Effect: 'Deny',
        NotPrincipal: { AWS: `arn:aws:iam::${account}:role/admin` },
        Action: 's3:*',
        Resource: '*',
      }),
    ],
    [
      'a Deny of writes from outside a VPC endpoint',
      policy(...documented, {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: `${bucketArn}/*`,
        Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
      }),
    ],
    [
      'a Deny with an operator that is not known',
      policy(...documented, { ...denyInsecure, Condition: { StringSounds: { 'aws:x': 'y' } } }),
    ],
    [
      'an Allow with an operator that is not known',
      policy(aclCheck({ Condition: { StringSounds: { 'aws:x': 'y' } } }), write(ownFolder)),
    ],
    [
      'an Allow with a key that is not known',
      policy(aclCheck({ Condition: { StringNotEquals: { 'my:key': 'y' } } }), write(ownFolder)),
    ],
  ];
  test.each(named(cases))('$what', ({ text, more }) => {
    expect(allows(text, more)).toBe(false);
  });
});

test('a single object may be put where the policy says so', () => {
  const key = `AWSLogs/${account}/CloudTrail/us-east-1/2024/01/01/x.json.gz`;
  const trail = { trailArn, account };
  const text = policy(...documented);
  expect(bucketPolicyAllowsDelivery(text, 'logs', key, trail)).toBe(true);
  expect(bucketPolicyAllowsDelivery(text, 'logs', `old/${key}`, trail)).toBe(false);
  expect(bucketPolicyAllowsDelivery(text, 'other', key, trail)).toBe(false);
  expect(bucketPolicyAllowsDelivery(undefined, 'logs', key, trail)).toBe(false);
});

function named(cases: readonly Case[]) {
  return cases.map(([what, text, more]) => ({ what, text, more }));
}
