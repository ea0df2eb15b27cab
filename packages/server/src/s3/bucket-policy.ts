import { setting } from '@trailkeep/core/adapters/embedded/buckets/bucket-settings.ts';
import { isRefusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { receiveText } from './payload.ts';
import { type BucketCall, noContent, type S3Outcome, xmlAnswer } from './s3-call.ts';
import { accessDenied, refuseWith, type S3Refusal } from './s3-refusals.ts';
import { element, s3Document } from './xml-writer.ts';

export function getBucketPolicy({ bucket }: BucketCall): S3Outcome {
  const policy = setting(bucket, 'policy');
  if (policy === undefined) return noSuchPolicy(bucket.name);
  return { status: 200, headers: { 'content-type': 'application/json' }, body: policy };
}

export async function putBucketPolicy(call: BucketCall): Promise<S3Outcome> {
  const text = await receiveText(call.request, policyBytesMax);
  if (isRefusal(text)) {
    return text.refused === 'EntityTooLarge' ? tooLarge : text;
  }
  const policy = readPolicy(text, call.bucketName);
  if (isRefusal(policy)) return policy;
  const block = setting(call.bucket, 'publicAccessBlock');
  if (block?.blockPublicPolicy && policy.some(isPublic)) return accessDenied;
  return (await call.buckets.set(call.bucketName, 'policy', text)) ?? noContent;
}

export async function deleteBucketPolicy(call: BucketCall): Promise<S3Outcome> {
  return (await call.buckets.set(call.bucketName, 'policy', undefined)) ?? noContent;
}

export function getPolicyStatus({ bucket }: BucketCall): S3Outcome {
  const text = setting(bucket, 'policy');
  if (text === undefined) return noSuchPolicy(bucket.name);
  const policy = readPolicy(text, bucket.name);
  const statement = isRefusal(policy) ? undefined : policy.find(isPublic);
  return xmlAnswer(s3Document('PolicyStatus', element('IsPublic', statement !== undefined)));
}

interface Statement {
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The statements of a policy that S3 would take for this bucket. */
function readPolicy(text: string, bucket: string): readonly Statement[] | S3Refusal {
  const document = parseObject(text);
  if (document === undefined) {
    return malformed("Policies must be valid JSON and the first byte must be '{'");
  }
  const version = document['Version'];
  if (version !== undefined && version !== '2012-10-17' && version !== '2008-10-17') {
    return malformed('The policy must contain a valid version string');
  }
  const statements = [document['Statement'] ?? []].flat() as unknown[];
  if (statements.length === 0) return malformed('Missing required field Statement');
  for (const statement of statements) {
    const wrong = wrongStatement(statement, bucket);
    if (wrong !== undefined) return malformed(wrong);
  }
  return statements as Statement[];
}

function parseObject(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function wrongStatement(statement: unknown, bucket: string): string | undefined {
  if (typeof statement !== 'object' || statement === null) return 'Invalid policy syntax.';
  const of = statement as Record<string, unknown>;
  if (of['Effect'] !== 'Allow' && of['Effect'] !== 'Deny') {
    return 'Missing required field Effect';
  }
  const principal = of['Principal'] ?? of['NotPrincipal'];
  if (principal === undefined) return 'Missing required field Principal';
  if (principal !== '*' && !isRecordOfTexts(principal)) return 'Invalid principal in policy';
  const actions = textsOf(of['Action'] ?? of['NotAction']);
  if (actions === undefined) return 'Missing required field Action';
  if (!actions.every((action) => /^(\*|s3:[\w*?]+)$/i.test(action))) {
    return 'Policy has invalid action';
  }
  const resources = textsOf(of['Resource'] ?? of['NotResource']);
  if (resources === undefined) return 'Missing required field Resource';
  if (!resources.every((arn) => isOfBucket(arn, bucket))) return 'Policy has invalid resource';
  const condition = of['Condition'];
  const isObject = typeof condition === 'object' && condition !== null && !Array.isArray(condition);
  return condition === undefined || isObject ? undefined : 'Invalid policy syntax.';
}

function isOfBucket(arn: string, bucket: string): boolean {
  const found = /^arn:aws[\w-]*:s3:::([^/]*)(\/.*)?$/s.exec(arn);
  return found?.[1] === bucket;
}

function isRecordOfTexts(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const members = Object.entries(value);
  const known = members.every(([name]) => principalKinds.has(name));
  return members.length > 0 && known && members.every(([, one]) => textsOf(one) !== undefined);
}

function textsOf(value: unknown): readonly string[] | undefined {
  const list = [value].flat();
  const texts = list.filter((one) => typeof one === 'string');
  return texts.length > 0 && texts.length === list.length ? texts : undefined;
}

/**
 * Anybody is allowed, and no condition narrows who:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
function isPublic(statement: Statement): boolean {
  if (statement.Effect !== 'Allow' || statement.Principal === undefined) return false;
  const aws = (statement.Principal as { AWS?: unknown }).AWS;
  const anybody = statement.Principal === '*' || textsOf(aws)?.includes('*') === true;
  return anybody && !Object.values(statement.Condition ?? {}).some(narrows);
}

function narrows(condition: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(condition).some(([key, value]) => {
    const fixed = textsOf(value)?.every((text) => !/[*?]/.test(text)) ?? false;
    return fixed && narrowingKeys.has(key.toLowerCase());
  });
}

function malformed(message: string): S3Refusal {
  return refuse('MalformedPolicy', message);
}

function noSuchPolicy(bucket: string): S3Refusal {
  const message = 'The bucket policy does not exist';
  return refuseWith('NoSuchBucketPolicy', message, { BucketName: bucket });
}

const policyBytesMax = 20 * 1024;
const tooLarge = malformed('Policy document exceeds the maximum allowed size of 20480 bytes');
const principalKinds = new Set(['AWS', 'Service', 'Federated', 'CanonicalUser']);
const narrowingKeys = new Set([
  'aws:sourcearn',
  'aws:sourceaccount',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:sourceip',
  'aws:sourceowner',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:principalarn',
  'aws:principalaccount',
  'aws:userid',
  's3:dataaccesspointaccount',
  's3:dataaccesspointarn',
]);
