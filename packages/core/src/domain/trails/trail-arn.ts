import { type Refusal, refuse } from '../refusal.ts';
import { checkTrailName } from './trail-name.ts';

/** Which trail a request means. */
export interface TrailReference {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** Whether it was named by ARN: shadow trails answer to their ARN alone. */
  readonly byArn: boolean;
}

/** The AWS partition of a Region, by the Region's prefix. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return 'aws';
}

export function trailArn(trail: { account: string; region: string; name: string }): string {
  const { account, region, name } = trail;
  return `arn:${partitionOf(region)}:cloudtrail:${region}:${account}:trail/${name}`;
}

/** Reads what callers give as a trail: a name in their own account and Region, or an ARN. */
export function readTrailReference(
  nameOrArn: string,
  caller: { account: string; region: string },
): TrailReference | Refusal<'CloudTrailARNInvalidException' | 'InvalidTrailNameException'> {
  if (nameOrArn.startsWith('arn:')) return readTrailArn(nameOrArn);
  const refusal = checkTrailName(nameOrArn);
  return refusal ?? { ...caller, name: nameOrArn, byArn: false };
}

const arnShape = /^arn:aws[a-z-]{0,20}:cloudtrail:([a-z0-9-]{2,40}):(\d{12}):trail\/(.{1,256})$/;

export function readTrailArn(
  arn: string,
): TrailReference | Refusal<'CloudTrailARNInvalidException'> {
  const [, region, account, name] = arnShape.exec(arn.slice(0, 400)) ?? [];
  if (!region || !account || !name || checkTrailName(name)) {
    return refuse(
      'CloudTrailARNInvalidException',
      `The trail ARN ${arn.slice(0, 400)} is not valid. ` +
        'Use arn:aws:cloudtrail:<region>:<account id>:trail/<trail name>.',
    );
  }
  return { account, region, name, byArn: true };
}
