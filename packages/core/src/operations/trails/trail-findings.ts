import { bucketPolicyAllowsTrail } from '../../domain/policies/trail-bucket-policy.ts';
import type { TrailDependencies } from '../../domain/trails/trail-dependencies.ts';
import type { TrailSettingsInput } from '../../domain/trails/trail-settings.ts';
import type { CallContext, OperationPorts } from '../operation.ts';

/** The trail as it would be: what its bucket must let it do. */
export interface BucketNeed {
  readonly bucket: string;
  readonly prefix: string | undefined;
  readonly trailArn: string;
  readonly account: string;
  readonly organizationId: string | undefined;
}

/** Asks about the things that the request names; what it does not name is not asked about. */
export async function trailFindings(
  input: TrailSettingsInput,
  need: BucketNeed | undefined,
  call: CallContext,
  ports: OperationPorts,
): Promise<TrailDependencies> {
  const { neighbours } = ports;
  const { CloudWatchLogsLogGroupArn: logGroup, CloudWatchLogsRoleArn: role } = input;
  const [bucket, topic, key, logGroupState, roleState] = await Promise.all([
    need && findBucket(need, ports),
    input.SnsTopicName ? neighbours.topic(input.SnsTopicName, call) : undefined,
    input.KmsKeyId ? neighbours.key(input.KmsKeyId, call) : undefined,
    logGroup ? neighbours.logGroup(logGroup) : undefined,
    logGroup && role ? neighbours.role(role, logGroup) : undefined,
  ]);
  return { bucket, topic, key, logGroup: logGroupState, role: roleState };
}

async function findBucket(need: BucketNeed, ports: OperationPorts) {
  const facts = await ports.objects.bucket(need.bucket);
  if ('outcome' in facts) {
    return { state: facts.code === 'NoSuchBucket' ? ('missing' as const) : ('denied' as const) };
  }
  const allowed =
    ports.bucketCheck === 'exists' ||
    (!facts.requesterPays && bucketPolicyAllowsTrail({ ...need, policy: facts.policy }));
  return allowed
    ? { state: 'usable' as const, region: facts.region }
    : { state: 'denied' as const };
}
