import { describe, expect, test } from 'vitest';
import { isRefusal } from '../refusal.ts';
import { evaluatePolicy } from './evaluate-policy.ts';
import { parsePolicy } from './policy-document.ts';
import type { ContextValues } from './request-context.ts';

type Json = Readonly<Record<string, unknown>>;

function decide(effect: string, Condition: Json, context: ContextValues, version: string): string {
  const Statement = { Effect: effect, Principal: '*', Action: '*', Resource: '*', Condition };
  const policy = parsePolicy(JSON.stringify({ Version: version, Statement }));
  if (isRefusal<'MalformedPolicy'>(policy)) {
    return policy.message;
  }
  const account = '123456789012';
  return evaluatePolicy(policy, {
    principal: { account, arn: `arn:aws:iam::${account}:user/ana` },
    action: 'cloudtrail-data:PutAuditEvents',
    resource: `arn:aws:cloudtrail:us-east-1:${account}:channel/1`,
    context,
  });
}

/** The decisions of an Allow and of a Deny with this condition. */
function conditioned(condition: Json, context: ContextValues, version = '2012-10-17'): string {
  const allow = decide('Allow', condition, context, version);
  const deny = decide('Deny', condition, context, version);
  return `${allow}, ${deny}`;
}

/** A policy variable. */
function variable(name: string): string {
  return `\${${name}}`;
}

const matches = 'allow, deny';
const differs = 'implicit-deny, implicit-deny';
const failsClosed = 'implicit-deny, deny';

describe('conditions', () => {
  const now = { 'aws:CurrentTime': '2024-06-01T12:00:00Z', 'aws:EpochTime': '1717243200' };
  const tags = { 'aws:TagKeys': ['a', 'b'] };
  test.each<[Json, ContextValues, string]>([
    [{ StringEquals: { 'AWS:username': ['x', 'ana'] } }, { 'aws:UserName': 'ana' }, matches],
    [{ StringEquals: { 'aws:username': 'a*' } }, { 'aws:username': 'ana' }, differs],
    [{ StringEquals: { 'aws:username': 'ANA' } }, { 'aws:username': 'ana' }, differs],
    [{ StringEqualsIgnoreCase: { 'aws:username': 'ANA' } }, { 'aws:username': 'ana' }, matches],
    [{ StringNotEquals: { 'aws:username': ['x', 'ana'] } }, { 'aws:username': 'ana' }, differs],
    [{ StringNotEquals: { 'aws:username': ['x', 'y'] } }, { 'aws:username': 'ana' }, matches],
    [{ StringLike: { 'aws:username': 'a?a*' } }, { 'aws:username': 'ana' }, matches],
    [{ StringNotLike: { 'aws:username': 'b*' } }, { 'aws:username': 'ana' }, matches],
    [{ StringEquals: { 'aws:username': 'ana' } }, {}, differs],
    [{ StringNotEquals: { 'aws:username': 'ana' } }, {}, matches],
    [{ StringEqualsIfExists: { 'aws:username': 'ana' } }, {}, matches],
    [{ StringEqualsIfExists: { 'aws:username': 'ana' } }, { 'aws:username': 'bob' }, differs],
    [{ Null: { 'aws:username': 'true' } }, {}, matches],
    [{ Null: { 'aws:username': false } }, {}, differs],
    [{ Null: { 'aws:username': false } }, { 'aws:username': 'ana' }, matches],
    [{ Bool: { 'aws:SecureTransport': true } }, { 'aws:SecureTransport': 'true' }, matches],
    [{ Bool: { 'aws:SecureTransport': 'false' } }, { 'aws:SecureTransport': 'true' }, differs],
    [
      { NumericLessThanEquals: { 'aws:MultiFactorAuthAge': 60 } },
      { 'aws:MultiFactorAuthAge': '60' },
      matches,
    ],
    [
      { NumericGreaterThan: { 'aws:MultiFactorAuthAge': '60' } },
      { 'aws:MultiFactorAuthAge': '60' },
      differs,
    ],
    [
      { NumericEquals: { 'aws:MultiFactorAuthAge': 'sixty' } },
      { 'aws:MultiFactorAuthAge': '60' },
      failsClosed,
    ],
    [{ DateGreaterThan: { 'aws:CurrentTime': '2024-01-01T00:00:00Z' } }, now, matches],
    [{ DateLessThan: { 'aws:CurrentTime': '2024-01-01' } }, now, differs],
    [{ DateGreaterThanEquals: { 'aws:EpochTime': 1717243200 } }, now, matches],
    [{ DateLessThan: { 'aws:CurrentTime': 'soon' } }, now, failsClosed],
    [
      { IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '::/0'] } },
      { 'aws:SourceIp': '10.1.2.3' },
      matches,
    ],
    [{ IpAddress: { 'aws:SourceIp': '10.0.0.0/16' } }, { 'aws:SourceIp': '10.1.2.3' }, differs],
    [
      { IpAddress: { 'aws:SourceIp': '2001:db8::/32' } },
      { 'aws:SourceIp': '2001:db8:1::1' },
      matches,
    ],
    [
      { NotIpAddress: { 'aws:SourceIp': '2001:db8::/32' } },
      { 'aws:SourceIp': '2001:db9::' },
      matches,
    ],
    [{ IpAddress: { 'aws:SourceIp': '10.0.0.0/33' } }, { 'aws:SourceIp': '10.1.2.3' }, failsClosed],
    [{ IpAddress: { 'aws:SourceIp': '1.2.3' } }, { 'aws:SourceIp': '10.1.2.3' }, failsClosed],
    [
      { ArnEquals: { 'aws:SourceArn': 'arn:aws:*:*:*:trail/*' } },
      { 'aws:SourceArn': 'arn:aws:cloudtrail:r:a:trail/x' },
      matches,
    ],
    [
      { ArnNotLike: { 'aws:SourceArn': 'arn:aws:*:trail/*' } },
      { 'aws:SourceArn': 'arn:aws:s3:::b' },
      matches,
    ],
    [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a', 'b', 'c'] } }, tags, matches],
    [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } }, tags, differs],
    [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } }, {}, matches],
    [{ StringNotEquals: { 'aws:TagKeys': 'a' } }, tags, differs],
    [{ StringEquals: { 'aws:TagKeys': 'a' } }, tags, matches],
    [{ 'ForAnyValue:StringLike': { 'aws:TagKeys': 'b*' } }, tags, matches],
    [{ 'ForAnyValue:StringNotEquals': { 'aws:TagKeys': 'a' } }, tags, matches],
    [{ 'ForAnyValue:StringNotEqualsIfExists': { 'aws:TagKeys': 'a' } }, {}, differs],
    [{ 'ForAllValues:StringNotEquals': { 'aws:TagKeys': 'a' } }, tags, differs],
    [{ 'cloudtrail-data:ExternalId': { a: 'b' } }, {}, failsClosed],
    [{ StringEquals: { 'cloudtrail-data:ExternalId': 'a' } }, {}, differs],
    [{ StringEquals: { 'aws:Usrname': 'ana' } }, {}, failsClosed],
    [{ StringEqualsIfExists: { 'other:key': 'ana' } }, {}, failsClosed],
    [{ NullIfExists: { 'aws:username': 'true' } }, {}, failsClosed],
    [{ constructor: { 'aws:username': 'true' } }, {}, failsClosed],
    [{ StringEquals: { 'aws:PrincipalTag/team': 'x' } }, {}, differs],
    [
      { StringEquals: { 'aws:username': 'ana', 'aws:userid': 'x' } },
      { 'aws:username': 'ana' },
      differs,
    ],
    [
      { StringEquals: { 'aws:username': variable('aws:userid') } },
      { 'aws:username': 'a', 'aws:userid': 'a' },
      matches,
    ],
    [
      { StringLike: { 'aws:username': variable('aws:userid') } },
      { 'aws:username': 'ab', 'aws:userid': 'a*' },
      differs,
    ],
    [
      { StringLike: { 'aws:username': variable('*') + variable('?') + variable('$') } },
      { 'aws:username': '*?$' },
      matches,
    ],
    [
      { StringLike: { 'aws:username': variable("aws:userid, 'ana'") } },
      { 'aws:username': 'ana' },
      matches,
    ],
    [
      { StringLike: { 'aws:username': `*${variable('aws:userid')}` } },
      { 'aws:username': 'ana' },
      differs,
    ],
    [
      { StringNotLike: { 'aws:username': variable('aws:userid') } },
      { 'aws:username': 'ana' },
      matches,
    ],
    [
      { StringLike: { 'aws:username': variable('my:key') } },
      { 'aws:username': 'ana' },
      failsClosed,
    ],
    [
      { StringLike: { 'aws:username': variable('aws:TagKeys') } },
      { ...tags, 'aws:username': 'a' },
      failsClosed,
    ],
  ])('%j of %j: an Allow and a Deny give %s', (condition, context, expected) => {
    expect(conditioned(condition, context)).toBe(expected);
  });

  test('a policy of 2008 has no variables', () => {
    const text = variable('aws:userid');
    const condition = { StringEquals: { 'aws:username': text } };
    const context = { 'aws:username': text, 'aws:userid': 'a' };
    expect(conditioned(condition, context, '2008-10-17')).toBe(matches);
    expect(conditioned(condition, context)).toBe(differs);
  });
});
