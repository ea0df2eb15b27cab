import { isRefusal } from '../refusal.ts';
import { evaluatePolicy, type PolicyDecision } from './evaluate-policy.ts';
import { parsePolicy } from './policy-document.ts';
import type { ContextValues } from './request-context.ts';

export interface TrailBucketRequest {
  /** The bucket's policy document, if it has one. */
  readonly policy: string | undefined;
  readonly bucket: string;
  /** The trail's S3KeyPrefix, without the slash after it. */
  readonly prefix: string | undefined;
  readonly trailArn: string;
  /** The account that owns the trail. */
  readonly account: string;
  /** The organization's `o-...`, for an organization trail. */
  readonly organizationId?: string | undefined;
  /** The trail's partition if left out. */
  readonly partition?: string | undefined;
  /** With a key, objects are put with SSE-KMS, which a policy may ask for. */
  readonly kmsKeyArn?: string | undefined;
}

/**
 * Whether CloudTrail may use the bucket for a trail, as CreateTrail and UpdateTrail ask it: read
 * the bucket's ACL, and put objects under `[prefix/]AWSLogs/<account>/`; for an organization trail
 * under `[prefix/]AWSLogs/<organization id>/` too. A policy that is missing or malformed says no.
 * Source: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail".
 */
export function bucketPolicyAllowsTrail(request: TrailBucketRequest): boolean {
  const { policy, bucket, prefix, account, organizationId } = request;
  const partition = request.partition ?? partitionOf(request.trailArn);
  const logs = prefix === undefined || prefix === '' ? 'AWSLogs' : `${prefix}/AWSLogs`;
  const folders = [
    `${logs}/${account}/CloudTrail/`,
    ...(organizationId === undefined ? [] : [`${logs}/${organizationId}/${account}/CloudTrail/`]),
  ];
  const bucketArn = `arn:${partition}:s3:::${bucket}`;
  const context = serviceContext(request);
  return (
    allows(policy, 's3:GetBucketAcl', bucketArn, context) &&
    folders.every((folder) =>
      allows(policy, 's3:PutObject', `${bucketArn}/${folder}`, {
        ...context,
        ...putContext(request.kmsKeyArn),
      }),
    )
  );
}

export interface DeliveringTrail {
  readonly trailArn: string;
  readonly account: string;
  readonly organizationId?: string | undefined;
  readonly kmsKeyArn?: string | undefined;
}

/** What the bucket's policy says of CloudTrail putting the one object `key` for the trail. */
export function bucketPolicyOnDelivery(
  policy: string | undefined,
  bucket: string,
  key: string,
  trail: DeliveringTrail,
): PolicyDecision {
  const resource = `arn:${partitionOf(trail.trailArn)}:s3:::${bucket}/${key}`;
  const context = { ...serviceContext(trail), ...putContext(trail.kmsKeyArn) };
  return decide(policy, 's3:PutObject', resource, context);
}

/** Whether CloudTrail may put the one object `key` for the trail, as the bucket's policy stands. */
export function bucketPolicyAllowsDelivery(
  policy: string | undefined,
  bucket: string,
  key: string,
  trail: DeliveringTrail,
): boolean {
  return bucketPolicyOnDelivery(policy, bucket, key, trail) === 'allow';
}

function allows(
  policy: string | undefined,
  action: string,
  resource: string,
  context: ContextValues,
): boolean {
  return decide(policy, action, resource, context) === 'allow';
}

/** A policy that is missing or malformed allows nothing and denies nothing. */
function decide(
  policy: string | undefined,
  action: string,
  resource: string,
  context: ContextValues,
): PolicyDecision {
  const document = policy === undefined ? undefined : parsePolicy(policy);
  if (document === undefined || isRefusal<'MalformedPolicy'>(document)) return 'implicit-deny';
  const principal = { service: cloudTrailService };
  return evaluatePolicy(document, { principal, action, resource, context });
}

/** The condition keys of a call that CloudTrail makes for a trail. */
function serviceContext(trail: DeliveringTrail): ContextValues {
  return {
    'aws:SourceArn': trail.trailArn,
    'aws:SourceAccount': trail.account,
    ...(trail.organizationId === undefined ? {} : { 'aws:SourceOrgID': trail.organizationId }),
    'aws:PrincipalIsAWSService': 'true',
    'aws:PrincipalServiceName': cloudTrailService,
    'aws:PrincipalServiceNamesList': [cloudTrailService],
    'aws:SecureTransport': 'true',
    'aws:ViaAWSService': 'false',
    's3:TlsVersion': '1.3',
  };
}

function putContext(kmsKeyArn: string | undefined): ContextValues {
  const acl = { 's3:x-amz-acl': 'bucket-owner-full-control' };
  return kmsKeyArn === undefined
    ? { ...acl, 's3:x-amz-server-side-encryption': 'AES256' }
    : {
        ...acl,
        's3:x-amz-server-side-encryption': 'aws:kms',
        's3:x-amz-server-side-encryption-aws-kms-key-id': kmsKeyArn,
      };
}

function partitionOf(arn: string): string {
  return arn.split(':', 2)[1] ?? 'aws';
}

const cloudTrailService = 'cloudtrail.amazonaws.com';
