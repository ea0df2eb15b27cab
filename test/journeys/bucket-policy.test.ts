import { CreateTrailCommand, UpdateTrailCommand } from '@aws-sdk/client-cloudtrail';
import { expect, test } from 'vitest';
import { refusalOf, sdkClient } from '../support/sdk-client.ts';
import { startTestEngine } from '../support/start-test-engine.ts';

const account = '123456789012';
const arn = `arn:aws:cloudtrail:us-east-1:${account}:trail/audit`;

/** The policy of the User Guide, for what lies under `folder`. */
function policyFor(folder: string, sourceArn = arn): string {
  const Principal = { Service: 'cloudtrail.amazonaws.com' };
  const source = { 'aws:SourceArn': sourceArn };
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'AWSCloudTrailAclCheck',
        Effect: 'Allow',
        Principal,
        Action: 's3:GetBucketAcl',
        Resource: 'arn:aws:s3:::logs',
        Condition: { StringEquals: source },
      },
      {
        Sid: 'AWSCloudTrailWrite',
        Effect: 'Allow',
        Principal,
        Action: 's3:PutObject',
        Resource: `arn:aws:s3:::logs/${folder}/*`,
        Condition: {
          StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control', ...source },
        },
      },
    ],
  });
}

async function start(policy: string | undefined, settings = { bucketCheck: 'policy' }) {
  const engine = await startTestEngine({ settings });
  await engine.bucket('logs', { policy });
  const client = sdkClient(engine);
  const create = (more = {}) =>
    client.send(new CreateTrailCommand({ Name: 'audit', S3BucketName: 'logs', ...more }));
  return { engine, client, create };
}

const insufficient = [
  'InsufficientS3BucketPolicyException',
  'Incorrect S3 bucket policy is detected for bucket: logs',
];

test('a trail is made where the policy lets CloudTrail write', async () => {
  const { create } = await start(policyFor(`AWSLogs/${account}`));
  expect((await create()).TrailARN).toBe(arn);
});

test.each([
  ['there is none', undefined],
  ['it is for another account', policyFor('AWSLogs/210987654321')],
  ['it is for a prefix', policyFor(`prefix/AWSLogs/${account}`)],
  ['it is for another trail', policyFor(`AWSLogs/${account}`, `${arn}-2`)],
])('a trail is refused when of a policy one must say: %s', async (_, policy) => {
  const { create } = await start(policy);
  expect(await refusalOf(create())).toEqual(insufficient);
});

test('without the check of policies a bucket without one will do', async () => {
  const { create } = await start(undefined, { bucketCheck: 'exists' });
  await create();
});

test('a bucket whose requesters pay is refused', async () => {
  const { engine, create } = await start(policyFor(`AWSLogs/${account}`));
  await engine.buckets.set('logs', 'requestPayment', 'Requester' as never);
  expect(await refusalOf(create())).toEqual(insufficient);
});

test('a change of the prefix alone is held against the policy', async () => {
  const { client, create } = await start(policyFor(`AWSLogs/${account}`));
  await create();
  const update = (more: object) => client.send(new UpdateTrailCommand({ Name: 'audit', ...more }));
  expect(await refusalOf(update({ S3KeyPrefix: 'prefix' }))).toEqual(insufficient);
  await update({ EnableLogFileValidation: true });
});
