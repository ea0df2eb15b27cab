import { gzipSync } from 'node:zlib';
import { operationNames } from '@trailkeep/core/wire/shapes.ts';
import type { Random } from './fuzz-random.ts';
import { mutated, plausibleInput } from './fuzz-values.ts';

export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** The sender goes away after the first half of the body. */
  readonly broken?: boolean;
}

/** A request to one of the doors of the port, most of them wrong in some way. */
export function fuzzRequest(random: Random): FuzzRequest {
  const made = random.pick(doors)(random);
  const request = random.chance(0.15) ? misheaded(random, made) : made;
  return random.chance(0.02) && request.body.length > 1 ? { ...request, broken: true } : request;
}

type Door = (random: Random) => FuzzRequest;

const doors: readonly Door[] = [
  ...Array<Door>(10).fill(apiRequest),
  ...Array<Door>(3).fill(eventsRequest),
  ...Array<Door>(5).fill(s3Request),
  adminRequest,
  dataRequest,
  organizationsRequest,
  stsRequest,
];

/** Never checked in dev mode, but read: account, Region and service come from it. */
export function signedFor(service: string, region = 'us-east-1', key = '123456789012') {
  const scope = `${key}/20260101/${region}/${service}/aws4_request`;
  const credential = `Credential=${scope}, SignedHeaders=host;x-amz-date`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, Signature=${'0'.repeat(64)}`;
  return { authorization, 'x-amz-date': '20260101T000000Z' };
}

const json = 'application/x-amz-json-1.1';

function apiRequest(random: Random): FuzzRequest {
  const operation = random.pick(operationNames);
  const input = plausibleInput(random, operation);
  const prefix = random.pick(['CloudTrail_20131101', 'com.amazonaws.cloudtrail.v20131101.x']);
  const target = random.chance(0.95) ? `${prefix}.${operation}` : random.pick(strangeTargets);
  const headers = {
    ...signedFor('cloudtrail', random.pick(['us-east-1', 'eu-west-1', 'xx-odd-1r'])),
    'content-type': json,
    'x-amz-target': target,
  };
  const body = random.chance(0.3) ? input : mutated(random, input);
  return { method: 'POST', path: '/', headers, body: random.chance(0.002) ? huge() : body };
}

const strangeTargets = [
  '',
  '.',
  'CloudTrail_20131101.',
  'CloudTrail_20131101.NoSuchOperation',
  'CloudTrail_20131101.__proto__',
  'CloudTrail_20131101.constructor',
  'CloudTrail_20131101.toString',
  'AWSOrganizationsV20161128.NoSuch',
  'DynamoDB_20120810.ListTables',
  `CloudTrail_20131101.${'x'.repeat(4000)}`,
];

function huge(): Buffer {
  return Buffer.alloc(10 * 1024 * 1024, '{"Name":"');
}

function eventsRequest(random: Random): FuzzRequest {
  const records = Array.from({ length: random.below(4) }, () => record(random));
  const text = random.pick([
    JSON.stringify({ Records: records }),
    JSON.stringify(records),
    records.map((one) => JSON.stringify(one)).join('\n'),
  ]);
  const body = random.chance(0.3) ? text : mutated(random, text);
  const sent = random.chance(0.2) ? halfGzip(random, body) : body;
  return { method: 'POST', path: '/_trailkeep/events', headers: {}, body: sent };
}

function halfGzip(random: Random, body: string | Buffer): Buffer {
  const gzip = gzipSync(body);
  return random.chance(0.5) ? gzip : gzip.subarray(0, random.below(gzip.length));
}

function record(random: Random): object {
  return {
    eventID: `fuzz-${random.below(500)}`,
    eventTime: random.pick(['2026-01-01T00:00:00Z', '9999-12-31T23:59:59Z', 'yesterday', '']),
    eventSource: random.pick(['ec2.amazonaws.com', '', 'x'.repeat(500)]),
    eventName: random.pick(['RunInstances', '__proto__', '\n']),
    awsRegion: random.pick(['us-east-1', 'xx-odd-1r', '../../etc', 'US']),
    recipientAccountId: random.pick(['123456789012', '1', 'none']),
    userIdentity: random.pick([{ type: 'Root' }, null, 'root', [], { type: { a: 1 } }]),
    resources: random.pick([null, [], [{ ARN: 1 }], {}]),
    readOnly: random.pick([true, 'false', 1, null]),
  };
}

function adminRequest(random: Random): FuzzRequest {
  const path = random.pick([
    '/_trailkeep/clock',
    '/_trailkeep/health',
    '/_trailkeep/metrics',
    '/_trailkeep/flush?digests=maybe',
    '/_trailkeep/../events',
    '/_trailkeep/%2e%2e/x',
    '/_trailkeep/__proto__',
    '/_trailkeep/constructor',
    `/_trailkeep/${'x'.repeat(3000)}`,
  ]);
  const text = random.pick(['{"advanceSeconds":1}', '{"now":"2026-01-01T00:00:00Z"}']);
  const method = random.pick(['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS']);
  // A clock that really jumps would have digests made for the years between; half a value will do.
  const body = path.endsWith('clock') ? text.slice(0, random.below(text.length)) : text;
  return { method, path, headers: {}, body: method === 'GET' || method === 'HEAD' ? '' : body };
}

function dataRequest(random: Random): FuzzRequest {
  const channel = encodeURIComponent('arn:aws:cloudtrail:us-east-1:123456789012:channel/0123');
  const path = random.pick([
    `/PutAuditEvents?channelArn=${channel}`,
    '/PutAuditEvents?channelArn=%',
    '/PutAuditEvents?channelArn=a&channelArn=b&externalId=%ff',
    '/PutAuditEvents',
  ]);
  const text = '{"auditEvents":[{"id":"1","eventData":"{}","eventDataChecksum":"x"}]}';
  const headers = {
    ...signedFor('cloudtrail-data'),
    'content-type': 'application/json',
  };
  return { method: 'POST', path, headers, body: mutated(random, text) };
}

function organizationsRequest(random: Random): FuzzRequest {
  const operation = random.pick(['DescribeOrganization', 'ListAccounts', 'NoSuch', '__proto__']);
  const headers = {
    ...signedFor('organizations'),
    'content-type': json,
    'x-amz-target': `AWSOrganizationsV20161128.${operation}`,
  };
  const body = random.chance(0.5) ? '{}' : mutated(random, '{"MaxResults":5,"NextToken":"x"}');
  return { method: 'POST', path: '/', headers, body };
}

function stsRequest(random: Random): FuzzRequest {
  const body = random.pick([
    'Action=GetCallerIdentity&Version=2011-06-15',
    'Action=AssumeRole&Version=2011-06-15',
    'Action=%&Version=%ff',
    '&&&===',
    `Action=${'<&>'.repeat(5000)}`,
  ]);
  const headers = {
    ...signedFor('sts'),
    'content-type': 'application/x-www-form-urlencoded',
  };
  return { method: 'POST', path: '/', headers, body };
}

function s3Request(random: Random): FuzzRequest {
  const key = random.pick(s3Keys);
  const place = `/${random.pick(['fuzz-bucket', 'fuzz-other', 'no-such', 'A_B', ''])}${key}`;
  const method = random.pick(['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH']);
  const headers: Record<string, string> = { ...signedFor('s3') };
  for (let some = random.below(3); some > 0; some -= 1) {
    const [name, values] = random.pick(s3Headers);
    headers[name] = random.pick(values);
  }
  const body = method === 'PUT' || method === 'POST' ? xml(random) : '';
  return { method, path: `${place}${random.pick(s3Queries)}`, headers, body };
}

function xml(random: Random): string | Buffer {
  const document = random.pick(documents);
  if (random.chance(0.4)) return document;
  if (random.chance(0.2)) return `${'<a>'.repeat(random.pick([100, 50_000]))}`;
  return mutated(random, document);
}

const documents = [
  'some bytes',
  '<Delete><Object><Key>a</Key></Object><Object><Key></Key></Object></Delete>',
  '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>',
  '<CompleteMultipartUpload><Part><PartNumber>x</PartNumber><ETag>1</ETag></Part></CompleteMultipartUpload>',
  '<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>',
  '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>',
  '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*"}]}',
];
const s3Keys = [
  '',
  '/',
  '/a',
  '/a/b/c',
  '/../../etc/passwd',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/%00',
  '/%ff',
  '/%',
  `/${'k'.repeat(1100)}`,
  '/__proto__',
  '/%F0%9F%98%80',
  '/a//b',
  '//',
  '/a%2fb',
];
const s3Queries = [
  '',
  '',
  '?list-type=2&max-keys=x',
  '?list-type=2&max-keys=-1&continuation-token=zzz',
  '?prefix=%&marker=%ff',
  '?delimiter=/&encoding-type=nonsense',
  '?delete',
  '?uploads',
  '?uploadId=nonsense&partNumber=1',
  '?uploadId=nonsense&partNumber=99999999999',
  '?policy',
  '?acl',
  '?tagging',
  '?versioning',
  '?versions',
  '?versionId=nonsense',
  '?location',
  '?lifecycle',
  '?__proto__',
  '?X-Amz-Credential=%ff&X-Amz-Date=x',
  `?${'a=1&'.repeat(500)}`,
];
const s3Headers: readonly (readonly [string, readonly string[]])[] = [
  [
    'range',
    ['bytes=0-', 'bytes=-1', 'bytes=9-1', 'bytes=x', 'bytes=0-1,2-3', 'bytes=99999999999-'],
  ],
  ['content-md5', ['x', 'AAAAAAAAAAAAAAAAAAAAAA==']],
  ['x-amz-copy-source', ['/fuzz-bucket/a', 'nonsense', '%', '/a/b?versionId=x', '/']],
  ['x-amz-content-sha256', ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'UNSIGNED-PAYLOAD', 'x']],
  ['x-amz-decoded-content-length', ['-1', 'x', '5', '99999999999']],
  ['content-encoding', ['aws-chunked', 'gzip', 'x']],
  ['x-amz-checksum-crc32', ['AAAAAA==', 'x']],
  ['x-amz-sdk-checksum-algorithm', ['CRC32', 'NONE', 'x']],
  ['x-amz-trailer', ['x-amz-checksum-crc32', 'x']],
  ['x-amz-acl', ['private', 'x', 'public-read']],
  ['x-amz-tagging', ['a=b', '%', `a=${'b'.repeat(500)}`]],
  ['x-amz-meta-a', ['b'.repeat(3000), '\u00e9']],
  ['if-match', ['*', '"x"']],
  ['if-none-match', ['*', '"x"']],
  ['if-modified-since', ['x', 'Thu, 01 Jan 1970 00:00:00 GMT']],
  ['x-amz-server-side-encryption', ['AES256', 'aws:kms', 'x']],
];

/** Headers that are missing, strange or of another service. */
function misheaded(random: Random, request: FuzzRequest): FuzzRequest {
  const headers = { ...request.headers };
  const [name] = random.pick(Object.entries(headers).concat([['authorization', '']]));
  if (random.chance(0.4)) delete headers[name];
  else headers[name] = random.pick(strangeHeaders);
  const methods = ['GET', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE'];
  return random.chance(0.3)
    ? { ...request, headers, method: random.pick(methods), body: '' }
    : { ...request, headers };
}

const strangeHeaders = [
  '',
  'AWS4-HMAC-SHA256',
  'AWS4-HMAC-SHA256 Credential=, SignedHeaders=, Signature=',
  'AWS4-HMAC-SHA256 Credential=a/b/c/d/e/f, SignedHeaders=host, Signature=0',
  signedFor('cloudtrail', '../../x').authorization,
  signedFor('s3', 'x'.repeat(500)).authorization,
  signedFor('cloudtrail', 'us-east-1', '__proto__').authorization,
  'Bearer x',
  'AWS x:y',
  'h'.repeat(8000),
  '\u00ff\u00fe',
];
