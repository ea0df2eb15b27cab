import { bucketPolicyOnDelivery } from '../../../domain/policies/trail-bucket-policy.ts';
import { isRefusal } from '../../../domain/refusal.ts';
import { readTrailArn } from '../../../domain/trails/trail-arn.ts';
import type { ObjectPut } from '../../../ports/object-store.ts';

/** Whether the bucket's policy lets CloudTrail put the object. */
export type MayDeliver = (policy: string | undefined, put: ObjectPut) => boolean;

/** The default: yes, unless the policy denies it. */
export const notDenied: MayDeliver = (policy, put) => decisionOn(policy, put) !== 'deny';

/** As AWS has it: only what the policy allows. */
export const allowed: MayDeliver = (policy, put) => decisionOn(policy, put) === 'allow';

function decisionOn(policy: string | undefined, put: ObjectPut) {
  if (policy === undefined) return 'implicit-deny';
  const { bucket, key, trailArn = '', kmsKeyArn } = put;
  const trail = readTrailArn(trailArn);
  const account = isRefusal(trail) ? '' : trail.account;
  return bucketPolicyOnDelivery(policy, bucket, key, { trailArn, account, kmsKeyArn });
}
