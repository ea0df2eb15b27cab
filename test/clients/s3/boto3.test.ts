import { type ServedBuckets, serveBuckets } from '@trailkeep/server/s3/served-buckets.fixture.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../describe-with.ts';
import { runClient } from './support/run-client.ts';

describeWith('boto3', 'boto3 against the buckets', (tool) => {
  let served: ServedBuckets;

  beforeAll(async () => {
    served = await serveBuckets();
  });

  afterAll(async () => {
    await served.close();
    expect(served.errors).toEqual([]);
  });

  async function python(script: string): Promise<void> {
    const run = await runClient(served.endpoint, [tool.path, '-'], { input: preamble + script });
    expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/done\n$/) });
  }

  test('objects: metadata, conditions, ranges, listings with odd keys', () =>
    python(`
s3.create_bucket(Bucket='boto')
s3.put_object(Bucket='boto', Key='k', Body=b'0123456789', Metadata={'Signature': 'abc'},
              ContentType='application/json', ContentEncoding='gzip')
got = s3.get_object(Bucket='boto', Key='k', Range='bytes=2-4')
assert got['Body'].read() == b'234'
assert got['Metadata'] == {'signature': 'abc'}, got['Metadata']
refused('PreconditionFailed', s3.put_object, Bucket='boto', Key='k', Body=b'', IfNoneMatch='*')
refused('NoSuchKey', s3.get_object, Bucket='boto', Key='missing')
odd = ['a b', 'a+b', 'a%20b', 'tab\\there', 'nl\\nhere', 'ü', '\\U0001f600', 'x//y', '/lead']
odd.append('dir/')
for key in odd:
    s3.put_object(Bucket='boto', Key=key, Body=key.encode())
listed = [o['Key'] for p in s3.get_paginator('list_objects_v2').paginate(
    Bucket='boto', PaginationConfig={'PageSize': 3}) for o in p['Contents']]
assert listed == sorted(odd + ['k'], key=lambda k: k.encode()), listed
v1 = [o['Key'] for p in s3.get_paginator('list_objects').paginate(
    Bucket='boto', PaginationConfig={'PageSize': 2}) for o in p['Contents']]
assert v1 == listed, v1
for key in odd:
    assert s3.get_object(Bucket='boto', Key=key)['Body'].read() == key.encode(), key
s3.delete_objects(Bucket='boto', Delete={'Objects': [{'Key': k} for k in listed]})
assert s3.list_objects_v2(Bucket='boto')['KeyCount'] == 0
s3.delete_bucket(Bucket='boto')
`));

  test('multipart uploads, by hand and by the transfer manager, with every checksum', () =>
    python(`
import io, os
s3.create_bucket(Bucket='parts')
big = os.urandom(12 * 1024 * 1024)
s3.upload_fileobj(io.BytesIO(big), 'parts', 'managed')
out = io.BytesIO()
s3.download_fileobj('parts', 'managed', out)
assert out.getvalue() == big
for algorithm in ['CRC32', 'SHA1', 'SHA256']:
    up = s3.create_multipart_upload(Bucket='parts', Key=algorithm, ChecksumAlgorithm=algorithm)
    of = dict(Bucket='parts', Key=algorithm, UploadId=up['UploadId'])
    done = []
    for n, body in [(1, big[:5 * 1024 * 1024]), (2, b'tail')]:
        part = s3.upload_part(PartNumber=n, Body=body, ChecksumAlgorithm=algorithm, **of)
        name = 'Checksum' + algorithm
        done.append({'PartNumber': n, 'ETag': part['ETag'], name: part[name]})
    assert len(s3.list_parts(**of)['Parts']) == 2
    assert s3.list_multipart_uploads(Bucket='parts')['Uploads'][0]['Key'] == algorithm
    refused('InvalidPartOrder', s3.complete_multipart_upload,
            MultipartUpload={'Parts': done[::-1]}, **of)
    whole = s3.complete_multipart_upload(MultipartUpload={'Parts': done}, **of)
    assert whole['ETag'].endswith('-2"') and whole[name].endswith('-2'), whole
    second = s3.get_object(Bucket='parts', Key=algorithm, PartNumber=2)
    assert second['Body'].read() == b'tail' and second['PartsCount'] == 2
up = s3.create_multipart_upload(Bucket='parts', Key='small')
of = dict(Bucket='parts', Key='small', UploadId=up['UploadId'])
small = [{'PartNumber': n, 'ETag': s3.upload_part(PartNumber=n, Body=b'x', **of)['ETag']}
         for n in (1, 2)]
refused('EntityTooSmall', s3.complete_multipart_upload, MultipartUpload={'Parts': small}, **of)
s3.abort_multipart_upload(**of)
refused('NoSuchUpload', s3.list_parts, **of)
assert 'Uploads' not in s3.list_multipart_uploads(Bucket='parts')
`));

  test('settings that nobody made answer as S3 does', () =>
    python(`
s3.create_bucket(Bucket='settings')
b = {'Bucket': 'settings'}
for code, call in {
    'NoSuchBucketPolicy': s3.get_bucket_policy,
    'NoSuchCORSConfiguration': s3.get_bucket_cors,
    'NoSuchLifecycleConfiguration': s3.get_bucket_lifecycle_configuration,
    'NoSuchTagSet': s3.get_bucket_tagging,
    'NoSuchWebsiteConfiguration': s3.get_bucket_website,
    'ObjectLockConfigurationNotFoundError': s3.get_object_lock_configuration,
    'ReplicationConfigurationNotFoundError': s3.get_bucket_replication,
}.items():
    refused(code, call, **b)
rules = s3.get_bucket_encryption(**b)['ServerSideEncryptionConfiguration']['Rules']
assert rules[0]['ApplyServerSideEncryptionByDefault'] == {'SSEAlgorithm': 'AES256'}, rules
assert s3.get_public_access_block(**b)['PublicAccessBlockConfiguration']['BlockPublicPolicy']
assert s3.get_bucket_request_payment(**b)['Payer'] == 'BucketOwner'
assert 'Status' not in s3.get_bucket_versioning(**b)
assert 'LoggingEnabled' not in s3.get_bucket_logging(**b)
controls = s3.get_bucket_ownership_controls(**b)['OwnershipControls']
assert controls == {'Rules': [{'ObjectOwnership': 'BucketOwnerEnforced'}]}, controls
import json
public = json.dumps({'Statement': {'Effect': 'Allow', 'Principal': '*', 'Action': 's3:GetObject',
                                   'Resource': 'arn:aws:s3:::settings/*'}})
refused('AccessDenied', s3.put_bucket_policy, Policy=public, **b)
refused('MalformedPolicy', s3.put_bucket_policy, Policy='{}', **b)
s3.delete_public_access_block(**b)
s3.put_bucket_policy(Policy=public, **b)
assert s3.get_bucket_policy_status(**b)['PolicyStatus']['IsPublic']
refused('NotImplemented', s3.put_bucket_cors, CORSConfiguration={'CORSRules': [
    {'AllowedMethods': ['GET'], 'AllowedOrigins': ['*']}]}, **b)
`));
});

const preamble = `
import boto3, botocore
s3 = boto3.client('s3')
def refused(code, call, **arguments):
    try:
        call(**arguments)
    except botocore.exceptions.ClientError as error:
        found = error.response['Error']['Code']
        assert found == code, (found, code)
    else:
        raise AssertionError('not refused: ' + code)
import atexit, sys
hook = sys.excepthook
failed = []
sys.excepthook = lambda *a: (failed.append(1), hook(*a))
atexit.register(lambda: failed or print('done'))
`;
