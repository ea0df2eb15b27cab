import { setting } from '@trailkeep/core/adapters/embedded/buckets/bucket-settings.ts';
import { evaluatePolicy } from '@trailkeep/core/domain/policies/evaluate-policy.ts';
import { parsePolicy } from '@trailkeep/core/domain/policies/policy-document.ts';
import { isRefusal } from '@trailkeep/core/domain/refusal.ts';
import type { AccessAsk } from './s3-gateway.ts';

/** Another account than the owner may do what the bucket's policy allows it. */
export function bucketPolicyAllows({ bucket, action, resource, caller }: AccessAsk): boolean {
  const policy = setting(bucket, 'policy');
  const document = policy === undefined ? undefined : parsePolicy(policy);
  if (document === undefined || isRefusal<'MalformedPolicy'>(document)) return false;
  const { account } = caller;
  const principal = { account, arn: `arn:aws:iam::${account}:root` };
  const context = { 'aws:PrincipalAccount': account, 'aws:SecureTransport': 'false' };
  return evaluatePolicy(document, { principal, action, resource, context }) === 'allow';
}
