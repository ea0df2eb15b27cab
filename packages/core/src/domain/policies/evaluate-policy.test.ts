import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRefusal } from '../refusal.ts';
import { evaluatePolicy, type PolicyDecision, type PolicyRequest } from './evaluate-policy.ts';
import { type PolicyDocument, type PolicyKind, parsePolicy } from './policy-document.ts';
import { bucketPolicyAllowsTrail } from './trail-bucket-policy.ts';

type Json = Readonly<Record<string, unknown>>;

const account = '123456789012';
const channel = `arn:aws:cloudtrail:us-east-1:${account}:channel/1`;
const request: PolicyRequest = {
  principal: { account, arn: `arn:aws:iam::${account}:user/ana` },
  action: 'cloudtrail-data:PutAuditEvents',
  resource: channel,
  context: { 'cloudtrail-data:ExternalId': 'secret' },
};

function parsed(document: Json, kind: PolicyKind = 'resource'): PolicyDocument {
  const policy = parsePolicy(JSON.stringify(document), kind);
  if (isRefusal<'MalformedPolicy'>(policy)) {
    throw new Error(policy.message);
  }
  return policy;
}

function decide(statement: Json, more: Partial<PolicyRequest> = {}): PolicyDecision {
  const Statement = { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*', ...statement };
  return evaluatePolicy(parsed({ Version: '2012-10-17', Statement }), { ...request, ...more });
}

describe('principals', () => {
  const user = `arn:aws:iam::${account}:user/ana`;
  const session = `arn:aws:sts::${account}:assumed-role/admin/bob`;
  test.each<[string, unknown, string, PolicyDecision]>([
    ['everybody', '*', user, 'allow'],
    ['every AWS principal', { AWS: '*' }, user, 'allow'],
    ['the account', { AWS: account }, user, 'allow'],
    ['the root of the account', { AWS: `arn:aws:iam::${account}:root` }, user, 'allow'],
    ['the user', { AWS: ['arn:aws:iam::1:user/x', user] }, user, 'allow'],
    ['the role of a session', { AWS: `arn:aws:iam::${account}:role/path/admin` }, session, 'allow'],
    ['the session', { AWS: session }, session, 'allow'],
    ['another role', { AWS: `arn:aws:iam::${account}:role/adm` }, session, 'implicit-deny'],
    ['another account', { AWS: '210987654321' }, user, 'implicit-deny'],
    ['another partition', { AWS: `arn:aws-cn:iam::${account}:root` }, user, 'implicit-deny'],
    ['a pattern of users', { AWS: `arn:aws:iam::${account}:user/*` }, user, 'implicit-deny'],
    ['a service', { Service: 'cloudtrail.amazonaws.com' }, user, 'implicit-deny'],
    ['a federation', { Federated: 'accounts.google.com' }, user, 'implicit-deny'],
    ['a canonical user', { CanonicalUser: 'ab12' }, user, 'implicit-deny'],
  ])('%s', (_what, Principal, arn, expected) => {
    expect(decide({ Principal }, { principal: { account, arn } })).toBe(expected);
  });

  test('an identity policy has none', () => {
    const Statement = { Effect: 'Allow', Action: 'cloudtrail-data:*', Resource: channel };
    expect(evaluatePolicy(parsed({ Statement }, 'identity'), request)).toBe('allow');
  });

  test('NotPrincipal spares whom it names', () => {
    const spared = { Effect: 'Deny', Principal: undefined, NotPrincipal: { AWS: account } };
    expect(decide(spared)).toBe('implicit-deny');
    expect(decide(spared, { principal: { service: 'x.amazonaws.com' } })).toBe('deny');
  });
});

describe('resources', () => {
  test('a variable in a resource is plain text', () => {
    const statement = { Resource: `arn:aws:s3:::b/\${aws:username}/*` };
    const resource = 'arn:aws:s3:::b/ana/x';
    expect(decide(statement, { resource, context: { 'aws:username': 'ana' } })).toBe('allow');
    expect(decide(statement, { resource, context: { 'aws:username': '*' } })).toBe('implicit-deny');
    expect(decide(statement, { resource, context: {} })).toBe('implicit-deny');
  });
});

describe('whatever is handed in', () => {
  test.each<[string, string]>([
    ['longer than', `"${'x'.repeat(20_480)}"`],
    ['not a JSON object', ''],
    ['not a JSON object', '[]'],
    ['not a JSON object', 'null'],
    ['not a JSON object', '['.repeat(20_000)],
    ['Statement must be', '{}'],
    ['Statement must be', '{"Statement":[]}'],
    ['Version must be', '{"Version":"2020-01-01","Statement":{}}'],
    ['unknown element "Extra"', '{"Extra":1}'],
    ['unknown element "__proto__"', '{"__proto__":1}'],
    ['Statement 1 is not an object', '{"Statement":["x"]}'],
    ['Statement 1: Effect must be', '{"Statement":{"Effect":"allow"}}'],
    ['either Principal or NotPrincipal', '{"Statement":{"Effect":"Allow"}}'],
    ['Principal must be', '{"Statement":{"Effect":"Allow","Principal":"arn:x"}}'],
    ['Principal must be', '{"Statement":{"Effect":"Allow","Principal":{}}}'],
    ['Principal must be', '{"Statement":{"Effect":"Allow","Principal":{"AWS":[1]}}}'],
    ['either Action or NotAction', '{"Statement":{"Effect":"Allow","Principal":"*"}}'],
    [
      'Action must be',
      '{"Statement":{"Effect":"Allow","Principal":"*","Action":[],"Resource":"*"}}',
    ],
    [
      'each condition key must',
      '{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*",' +
        '"Condition":{"Bool":{"a":{}}}}}',
    ],
  ])('a refusal says: %s', (sentence, text) => {
    expect(parsePolicy(text)).toMatchObject({
      refused: 'MalformedPolicy',
      message: expect.stringContaining(sentence),
    });
  });

  test('an identity policy that names a principal is refused', () => {
    const text = JSON.stringify({ Statement: { Effect: 'Allow', Principal: '*' } });
    expect(parsePolicy(text, 'identity')).toMatchObject({ refused: 'MalformedPolicy' });
  });

  test('nothing throws, and garbage allows nothing', () => {
    const words = fc.constantFrom(
      ...['*', 'Allow', 'Deny', '${', `\${aws:username}`, 's3:*', 'arn:aws:s3:::logs/*', '?', ''],
      ...['StringEquals', 'ForAllValues:Null', 'IfExists', '__proto__', 'aws:SourceIp', '::', '/'],
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        words,
        fc.jsonValue({ maxDepth: 2 }),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(words, tie('any'), { maxKeys: 3 }),
      ),
    })).any;
    const statement = fc.record(
      {
        Effect: fc.oneof(fc.constantFrom('Allow', 'Deny'), value),
        Principal: fc.oneof(fc.constant('*'), value),
        Action: fc.oneof(fc.constant('s3:*'), value),
        Resource: fc.oneof(fc.constant('*'), value),
        Condition: fc.oneof(
          fc.dictionary(words, fc.dictionary(words, fc.oneof(words, fc.array(words)))),
          value,
        ),
      },
      { requiredKeys: ['Effect', 'Principal', 'Action', 'Resource'] },
    );
    fc.assert(
      fc.property(fc.oneof(value, statement), (Statement) => {
        const text = JSON.stringify({ Version: '2012-10-17', Statement });
        const policy = parsePolicy(text);
        const context = { 'aws:username': 'ana', 'aws:SourceIp': '10.0.0.1' };
        const decision = isRefusal<'MalformedPolicy'>(policy)
          ? 'implicit-deny'
          : evaluatePolicy(policy, { ...request, context });
        expect(['allow', 'deny', 'implicit-deny']).toContain(decision);
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.string(), (policy) => {
        const trail = { bucket: 'b', prefix: undefined, trailArn: 'x', account };
        expect(bucketPolicyAllowsTrail({ policy, ...trail })).toBe(false);
      }),
    );
  });

  test('the longest policy of stars is judged in a moment', () => {
    const Resource = Array.from({ length: 40 }, () => '*a?'.repeat(150));
    const start = performance.now();
    const resource = `arn:aws:s3:::${'a'.repeat(1100)}`;
    expect(decide({ Resource }, { resource })).toBe('allow');
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
