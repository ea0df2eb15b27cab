import type { IncomingMessage } from 'node:http';
import type { Bucket } from '@trailkeep/core/adapters/embedded/buckets/bucket-rows.ts';
import { setting } from '@trailkeep/core/adapters/embedded/buckets/bucket-settings.ts';
import { refuse } from '@trailkeep/core/domain/refusal.ts';
import { canonicalId } from './s3-call.ts';
import { accessDenied, invalidArgument, notBuilt, type S3Refusal } from './s3-refusals.ts';
import { element, s3Namespace, type Xml } from './xml-writer.ts';

/**
 * The canned ACL that a put asks for, where the bucket's ownership setting allows it. ACLs are
 * kept and read back; access is decided by the owner's account and the bucket policy alone.
 */
export function requestedAcl(
  request: IncomingMessage,
  bucket: Bucket,
): string | undefined | S3Refusal {
  if (Object.keys(request.headers).some((name) => name.startsWith('x-amz-grant-'))) {
    return aclsAreOff(bucket) ? aclsNotSupported : notBuilt('grants other than canned ACLs');
  }
  const acl = request.headers['x-amz-acl'] as string | undefined;
  if (acl === undefined) return undefined;
  if (!cannedAcls.has(acl)) return invalidArgument('', 'x-amz-acl', acl);
  if (aclsAreOff(bucket) && acl !== 'bucket-owner-full-control') return aclsNotSupported;
  const block = setting(bucket, 'publicAccessBlock');
  if (block?.blockPublicAcls && publicAcls.has(acl)) return accessDenied;
  return acl;
}

/** BucketOwnerEnforced: the default of new buckets. */
export function aclsAreOff(bucket: Bucket): boolean {
  return setting(bucket, 'ownership') === 'BucketOwnerEnforced';
}

export const aclsNotSupported = refuse(
  'AccessControlListNotSupported',
  'The bucket does not allow ACLs',
);

/** `<AccessControlPolicy>` of a canned ACL. */
export function aclDocument(account: string, acl: string | undefined): string {
  const id = canonicalId(account);
  const owner = element('Owner', element('ID', id));
  const grants = [grant(user(id), 'FULL_CONTROL')];
  for (const [group, permission] of groupGrants[acl ?? 'private'] ?? []) {
    grants.push(grant(groupGrantee(group), permission));
  }
  const list = element('AccessControlList', grants);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<AccessControlPolicy xmlns="${s3Namespace}">${
    owner.xml
  }${list.xml}</AccessControlPolicy>`;
}

function grant(grantee: Xml, permission: string): Xml {
  return element('Grant', [grantee, element('Permission', permission)]);
}

function user(id: string): Xml {
  return { xml: `${granteeOpen('CanonicalUser')}${element('ID', id).xml}</Grantee>` };
}

function groupGrantee(group: string): Xml {
  const uri = element('URI', `http://acs.amazonaws.com/groups/${group}`);
  return { xml: `${granteeOpen('Group')}${uri.xml}</Grantee>` };
}

function granteeOpen(type: string): string {
  const schema = 'http://www.w3.org/2001/XMLSchema-instance';
  return `<Grantee xmlns:xsi="${schema}" xsi:type="${type}">`;
}

const groupGrants: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'public-read': [['global/AllUsers', 'READ']],
  'public-read-write': [
    ['global/AllUsers', 'READ'],
    ['global/AllUsers', 'WRITE'],
  ],
  'authenticated-read': [['global/AuthenticatedUsers', 'READ']],
  'log-delivery-write': [
    ['s3/LogDelivery', 'WRITE'],
    ['s3/LogDelivery', 'READ_ACP'],
  ],
};
const cannedAcls = new Set([
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'aws-exec-read',
  'log-delivery-write',
  'bucket-owner-read',
  'bucket-owner-full-control',
]);
const publicAcls = new Set(['public-read', 'public-read-write', 'authenticated-read']);
