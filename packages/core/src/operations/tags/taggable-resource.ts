import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import { readTrailArn } from '../../domain/trails/trail-arn.ts';
import type { CallContext, OperationPorts } from '../operation.ts';
import { findChangeableTrail, findTrail } from '../trails/trail-access.ts';

type ResourceCode =
  | 'CloudTrailARNInvalidException'
  | 'ResourceNotFoundException'
  | 'ResourceTypeNotSupportedException'
  | 'InvalidTrailNameException'
  | 'UnsupportedOperationException';

/** The ARN of a resource whose tags the caller may read: a trail so far. */
export async function readableResource(
  arn: string,
  call: CallContext,
  ports: OperationPorts,
): Promise<string | Refusal<ResourceCode>> {
  const refusal = checkTrailArn(arn);
  if (refusal) return refusal;
  const found = await findTrail(arn, call, ports);
  if (!isRefusal(found)) return arn;
  const { refused } = found;
  return refused === 'TrailNotFoundException' ? notFound(arn) : refuse(refused, found.message);
}

/** The ARN of a resource whose tags the caller may change: from the trail's home Region only. */
export async function changeableResource(
  arn: string,
  call: CallContext,
  ports: OperationPorts,
): Promise<string | Refusal<ResourceCode | 'NotOrganizationMasterAccountException'>> {
  const refusal = checkTrailArn(arn);
  if (refusal) return refusal;
  const found = await findChangeableTrail(arn, call, ports);
  if (!isRefusal(found)) return arn;
  const { refused, message } = found;
  if (refused === 'TrailNotFoundException') return notFound(arn);
  if (refused === 'InvalidHomeRegionException') {
    return refuse('UnsupportedOperationException', message);
  }
  return refuse(refused, message);
}

function checkTrailArn(arn: string): Refusal<ResourceCode> | undefined {
  if (!/^arn:[^:]*:cloudtrail:/.test(arn)) return invalidArn(arn);
  const type = arn.split(':')[5]?.split('/')[0];
  if (type === 'eventdatastore' || type === 'channel' || type === 'dashboard') {
    return refuse(
      'UnsupportedOperationException',
      `Tags of a resource of type ${type} are not supported yet. Trails can be tagged.`,
    );
  }
  if (type !== 'trail') {
    return refuse(
      'ResourceTypeNotSupportedException',
      `The resource ${arn.slice(0, 300)} is of a type that cannot be tagged.`,
    );
  }
  const reference = readTrailArn(arn);
  return isRefusal(reference) ? reference : undefined;
}

function notFound(arn: string): Refusal<'ResourceNotFoundException'> {
  return refuse('ResourceNotFoundException', `The resource ${arn.slice(0, 300)} was not found.`);
}

function invalidArn(arn: string): Refusal<'CloudTrailARNInvalidException'> {
  return refuse(
    'CloudTrailARNInvalidException',
    `The resource ${arn.slice(0, 300)} is not the ARN of a CloudTrail resource.`,
  );
}
