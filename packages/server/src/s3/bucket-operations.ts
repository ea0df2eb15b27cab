import type { BucketSettings } from '@trailkeep/core/adapters/embedded/buckets/bucket-settings.ts';
import type { Tag } from '@trailkeep/core/adapters/embedded/buckets/stored-version.ts';
import { isRefusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { readOwnership } from './bucket-access.ts';
import { receiveText } from './payload.ts';
import {
  type BucketCall,
  canonicalId,
  isoTime,
  noContent,
  type S3Call,
  type S3Outcome,
  xmlAnswer,
} from './s3-call.ts';
import {
  invalidArgument,
  malformedXml,
  notBuilt,
  refuseWith,
  type S3Refusal,
} from './s3-refusals.ts';
import { readTags, refusedTags } from './tag-sets.ts';
import { child, childText, readXml, type XmlElement } from './xml-reader.ts';
import { element, elements, s3Document } from './xml-writer.ts';

/** The caller's buckets, by name; paged only when the caller asks for pages. */
export function listBuckets(call: S3Call): S3Outcome {
  const prefix = call.query.get('prefix') ?? '';
  const region = call.query.get('bucket-region');
  const limit = Number(call.query.get('max-buckets') || bucketsMax);
  if (!Number.isInteger(limit) || limit < 1 || limit > bucketsMax) {
    return invalidArgument('max-buckets is out of range', 'max-buckets', String(limit));
  }
  const after = Buffer.from(call.query.get('continuation-token') ?? '', 'base64url').toString();
  const all = call.parts.buckets
    .all()
    .filter((bucket) => bucket.account === call.caller.account && bucket.name.startsWith(prefix))
    .filter((bucket) => bucket.name > after && (!region || bucket.region === region));
  const page = all.slice(0, limit);
  const last = page.at(-1);
  const buckets = page.map(({ name, createdAt, region: BucketRegion }) =>
    element('Bucket', elements({ Name: name, CreationDate: isoTime(createdAt), BucketRegion })),
  );
  return xmlAnswer(
    s3Document('ListAllMyBucketsResult', [
      element('Owner', element('ID', canonicalId(call.caller.account))),
      element('Buckets', buckets),
      element(
        'ContinuationToken',
        all.length > limit && last ? Buffer.from(last.name).toString('base64url') : undefined,
      ),
      element('Prefix', prefix || undefined),
    ]),
  );
}

export async function createBucket(call: S3Call): Promise<S3Outcome> {
  const name = call.bucketName;
  if (!isBucketName(name)) {
    const message = 'The specified bucket is not valid.';
    return refuseWith('InvalidBucketName', message, { BucketName: name });
  }
  if (call.header('x-amz-bucket-object-lock-enabled')?.toLowerCase() === 'true') {
    return notBuilt('Object Lock');
  }
  const asked = await readCreateBucket(call);
  if (isRefusal(asked)) return asked;
  const { account, region: endpointRegion } = call.caller;
  const made = await call.buckets.createBucket({ name, account, ...asked });
  if (isRefusal(made)) {
    // us-east-1 has answered 200 to one's own bucket since before there were other Regions.
    const again = made.refused === 'BucketAlreadyOwnedByYou' && endpointRegion === 'us-east-1';
    return again ? created(name) : made;
  }
  return created(name);
}

function created(name: string): S3Outcome {
  const headers = { location: `/${name}`, 'x-amz-bucket-arn': `arn:aws:s3:::${name}` };
  return { status: 200, headers };
}

async function readCreateBucket(
  call: S3Call,
): Promise<{ region: string; settings: Partial<BucketSettings> } | S3Refusal> {
  const settings = requestedSettings(call);
  if (isRefusal(settings)) return settings;
  const text = await receiveText(call.request, bodyBytesMax);
  if (isRefusal(text)) return text;
  const root = text.trim() === '' ? undefined : (readXml(text) ?? malformedXml);
  if (isRefusal(root)) return root;
  if (root !== undefined && root.name !== 'CreateBucketConfiguration') return malformedXml;
  if (root && (child(root, 'Bucket') ?? child(root, 'Location'))) {
    return notBuilt('directory buckets');
  }
  const region = requestedRegion(root && childText(root, 'LocationConstraint'), call.caller.region);
  if (isRefusal(region)) return region;
  const tags = root && requestedBucketTags(root);
  if (isRefusal(tags)) return tags;
  return { region, settings: tags?.length ? { ...settings, tagging: tags } : settings };
}

function requestedBucketTags(root: XmlElement): readonly Tag[] | S3Refusal {
  const set = child(root, 'Tags');
  const tags = set === undefined ? [] : readTags(set);
  if (tags === undefined) return malformedXml;
  return refusedTags(tags, bucketTagsMax) ?? tags;
}

function requestedSettings(call: S3Call): Partial<BucketSettings> | S3Refusal {
  const ownership = readOwnership(call.header('x-amz-object-ownership') ?? 'BucketOwnerEnforced');
  if (isRefusal(ownership)) return ownership;
  const acl = call.header('x-amz-acl') ?? 'private';
  if (acl === 'private') return { ownership };
  if (ownership !== 'BucketOwnerEnforced') {
    return notBuilt('ACLs at the creation of a bucket; put them afterwards');
  }
  const message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
  return refuse('InvalidBucketAclWithObjectOwnership', message);
}

function requestedRegion(constraint: string | undefined, endpoint: string): string | S3Refusal {
  if (!constraint) {
    if (endpoint === 'us-east-1') return endpoint;
    return illegalConstraint('unspecified');
  }
  const region = constraint === 'EU' ? 'eu-west-1' : constraint;
  if (!regionName.test(region) || region === 'us-east-1') {
    const message = 'The specified location-constraint is not valid';
    return refuseWith('InvalidLocationConstraint', message, { LocationConstraint: constraint });
  }
  return endpoint === 'us-east-1' || endpoint === region ? region : illegalConstraint(constraint);
}

function illegalConstraint(constraint: string): S3Refusal {
  const message =
    `The ${constraint} location constraint is incompatible for the region specific endpoint ` +
    'this request was sent to.';
  return refuse('IllegalLocationConstraintException', message);
}

export function headBucket({ bucket }: BucketCall): S3Outcome {
  const headers = {
    'content-type': 'application/xml',
    'x-amz-bucket-region': bucket.region,
    'x-amz-bucket-arn': `arn:aws:s3:::${bucket.name}`,
    'x-amz-access-point-alias': 'false',
  };
  return { status: 200, headers };
}

export async function deleteBucket(call: BucketCall): Promise<S3Outcome> {
  return (await call.buckets.deleteBucket(call.bucketName)) ?? noContent;
}

/** us-east-1 is written as nothing. */
export function getBucketLocation({ bucket }: BucketCall): S3Outcome {
  const region = bucket.region === 'us-east-1' ? '' : bucket.region;
  return xmlAnswer(s3Document('LocationConstraint', region));
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function isBucketName(name: string): boolean {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) return false;
  if (name.includes('..') || /^\d{1,3}(\.\d{1,3}){3}$/.test(name)) return false;
  return !reservedStarts.test(name) && !reservedEnds.test(name);
}

const reservedStarts = /^(xn--|sthree-|amzn-s3-demo-)/;
const reservedEnds = /(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;
const regionName = /^[a-z]{2,3}(-[a-z]{2,12}){1,3}-\d{1,2}$/;
const bucketsMax = 10_000;
const bucketTagsMax = 50;
const bodyBytesMax = 64 * 1024;
