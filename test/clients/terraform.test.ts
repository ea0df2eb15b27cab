import {
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  ListTagsCommand,
} from '@aws-sdk/client-cloudtrail';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StartedServer, startServer } from '../support/start-server.ts';
import { describeWith } from './describe-with.ts';
import { cloudTrailOf } from './sdk-clients.ts';
import { type TerraformWorkspace, terraformWorkspace } from './terraform.ts';

const account = '123456789012';
const arn = `arn:aws:cloudtrail:us-east-1:${account}:trail/terraformed`;
const key = `arn:aws:kms:us-east-1:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const oneRunMs = 240_000;

const advanced = {
  advanced_event_selector: [
    {
      name: 'S3 writes',
      field_selector: [
        { field: 'eventCategory', equals: ['Data'] },
        { field: 'resources.type', equals: ['AWS::S3::Object'] },
        { field: 'readOnly', equals: ['false'] },
        { field: 'resources.ARN', not_starts_with: ['arn:aws:s3:::terraform-logs/'] },
      ],
    },
    { field_selector: [{ field: 'eventCategory', equals: ['Management'] }] },
  ],
};

let server: StartedServer;

describeWith('terraform', 'Terraform', (tool) => {
  let workspace: TerraformWorkspace;
  beforeAll(async () => {
    server = await startServer({ env: { TRAILKEEP_BUCKET_CHECK: 'policy' } });
    workspace = terraformWorkspace(tool, server.endpoint);
    workspace.configure(withTrail({}));
    const { code, stderr } = await workspace.run('init -input=false');
    expect(code, stderr).toBe(0);
  });
  afterAll(async () => {
    workspace?.remove();
    await server?.stop();
  });

  async function applied(trail: object): Promise<string> {
    workspace.configure(withTrail(trail));
    const ran = await workspace.run('apply -input=false -auto-approve');
    expect(ran.code, ran.stderr + server.stderr().slice(-2000)).toBe(0);
    // Exit code 2 would say that Terraform sees a difference to what it just made.
    const again = await workspace.run('plan -input=false -detailed-exitcode');
    expect(again.code, again.stdout + again.stderr).toBe(0);
    return ran.stdout;
  }
  const changedInPlace = expect.stringContaining('0 added, 1 changed, 0 destroyed');

  test(
    'makes a bucket with its policy and a trail, and plans nothing more',
    async () => {
      const said = await applied({ tags: { team: 'audit' } });
      expect(said).toContain('4 added, 0 changed, 0 destroyed');
      expect(await described()).toEqual({
        Name: 'terraformed',
        S3BucketName: 'terraform-logs',
        IncludeGlobalServiceEvents: true,
        IsMultiRegionTrail: false,
        HomeRegion: 'us-east-1',
        TrailARN: arn,
        LogFileValidationEnabled: false,
        HasCustomEventSelectors: false,
        HasInsightSelectors: false,
        IsOrganizationTrail: false,
      });
      expect(await tags()).toEqual([{ Key: 'team', Value: 'audit' }]);
      expect(await isLogging()).toBe(true);
    },
    oneRunMs,
  );

  test(
    'changes every setting in place',
    async () => {
      const said = await applied({
        s3_key_prefix: 'audit',
        sns_topic_name: 'trails',
        kms_key_id: key,
        enable_log_file_validation: true,
        is_multi_region_trail: true,
        tags: { team: 'security', stage: 'test' },
        event_selector: [
          {
            read_write_type: 'WriteOnly',
            include_management_events: true,
            exclude_management_event_sources: ['kms.amazonaws.com'],
            data_resource: [{ type: 'AWS::S3::Object', values: ['arn:aws:s3'] }],
          },
        ],
      });
      expect(said).toEqual(changedInPlace);
      expect(await described()).toMatchObject({
        S3KeyPrefix: 'audit',
        SnsTopicName: 'trails',
        SnsTopicARN: `arn:aws:sns:us-east-1:${account}:trails`,
        KmsKeyId: key,
        LogFileValidationEnabled: true,
        IsMultiRegionTrail: true,
        HasCustomEventSelectors: true,
      });
      expect(await tags()).toEqual(
        expect.arrayContaining([
          { Key: 'team', Value: 'security' },
          { Key: 'stage', Value: 'test' },
        ]),
      );
    },
    oneRunMs,
  );

  test(
    'clears what the configuration no longer has',
    async () => {
      expect(await applied({ is_multi_region_trail: true })).toEqual(changedInPlace);
      const trail = await described();
      expect(trail).toMatchObject({ LogFileValidationEnabled: false });
      for (const cleared of ['S3KeyPrefix', 'SnsTopicName', 'SnsTopicARN', 'KmsKeyId']) {
        expect(trail).not.toHaveProperty(cleared);
      }
      const { AdvancedEventSelectors, EventSelectors } = await selectors();
      expect(AdvancedEventSelectors).toBeUndefined();
      expect(EventSelectors).toEqual([
        {
          ReadWriteType: 'All',
          IncludeManagementEvents: true,
          DataResources: [],
          ExcludeManagementEventSources: [],
        },
      ]);
      expect(await tags()).toEqual([]);
    },
    oneRunMs,
  );

  test(
    'puts advanced selectors in place of basic ones, and stops logging',
    async () => {
      const said = await applied({
        ...advanced,
        is_multi_region_trail: true,
        enable_logging: false,
      });
      expect(said).toEqual(changedInPlace);
      const { AdvancedEventSelectors, EventSelectors } = await selectors();
      expect(EventSelectors).toBeUndefined();
      expect(AdvancedEventSelectors).toHaveLength(2);
      expect(await isLogging()).toBe(false);
    },
    oneRunMs,
  );

  test(
    'comes back to one Region in two steps, as global events go off on the way',
    async () => {
      workspace.configure(withTrail(advanced));
      const first = await workspace.run('apply -input=false -auto-approve');
      expect(first.stdout, first.stderr).toEqual(changedInPlace);
      expect(await described()).toMatchObject({
        IsMultiRegionTrail: false,
        IncludeGlobalServiceEvents: false,
      });
      expect(await applied(advanced)).toEqual(changedInPlace);
      expect(await described()).toMatchObject({ IncludeGlobalServiceEvents: true });
      expect(await isLogging()).toBe(true);
    },
    oneRunMs,
  );

  test(
    'imports the trail, and plans nothing',
    async () => {
      expect(await workspace.run('state rm', 'aws_cloudtrail.trail')).toMatchObject({ code: 0 });
      const imported = await workspace.run('import -input=false', 'aws_cloudtrail.trail', arn);
      expect(imported.code, imported.stderr).toBe(0);
      const planned = await workspace.run('plan -input=false -detailed-exitcode');
      expect(planned.code, planned.stdout + planned.stderr).toBe(0);
    },
    oneRunMs,
  );

  test(
    'is told clearly that event data stores are not there yet',
    async () => {
      const aws_cloudtrail_event_data_store = { store: { name: 'store' } };
      workspace.configure({ ...withTrail(advanced), aws_cloudtrail_event_data_store });
      const began = performance.now();
      const target = '-target=aws_cloudtrail_event_data_store.store';
      const ran = await workspace.run('apply -input=false -auto-approve', target);
      expect(ran.code).toBe(1);
      expect(ran.stderr).toContain('UnsupportedOperationException');
      expect(performance.now() - began).toBeLessThan(60_000);
    },
    oneRunMs,
  );

  test(
    'destroys what it made',
    async () => {
      workspace.configure(withTrail(advanced));
      const ran = await workspace.run('destroy -input=false -auto-approve');
      expect(ran.code, ran.stderr).toBe(0);
      expect(ran.stdout).toContain('4 destroyed');
      expect(await described()).toBeUndefined();
    },
    oneRunMs,
  );
});

function client() {
  return cloudTrailOf(server.endpoint, account);
}

async function described() {
  const { trailList } = await client().send(new DescribeTrailsCommand({ trailNameList: [arn] }));
  return trailList?.[0];
}

async function isLogging(): Promise<boolean | undefined> {
  return (await client().send(new GetTrailStatusCommand({ Name: arn }))).IsLogging;
}

async function tags() {
  const answer = await client().send(new ListTagsCommand({ ResourceIdList: [arn] }));
  return answer.ResourceTagList?.[0]?.TagsList;
}

function selectors() {
  return client().send(new GetEventSelectorsCommand({ TrailName: arn }));
}

/** What the trail's documentation says a trail needs: a bucket, closed, that lets CloudTrail write. */
function withTrail(trail: object) {
  const bucket = `\${aws_s3_bucket.logs.id}`;
  return {
    aws_s3_bucket: { logs: { bucket: 'terraform-logs', force_destroy: true } },
    aws_s3_bucket_public_access_block: {
      logs: {
        bucket,
        block_public_acls: true,
        block_public_policy: true,
        ignore_public_acls: true,
        restrict_public_buckets: true,
      },
    },
    aws_s3_bucket_policy: { logs: { bucket, policy: JSON.stringify(bucketPolicy) } },
    aws_cloudtrail: {
      trail: {
        name: 'terraformed',
        s3_bucket_name: bucket,
        depends_on: ['aws_s3_bucket_policy.logs'],
        ...trail,
      },
    },
  };
}

const service = { Service: 'cloudtrail.amazonaws.com' };
const bucketPolicy = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'AWSCloudTrailAclCheck',
      Effect: 'Allow',
      Principal: service,
      Action: 's3:GetBucketAcl',
      Resource: 'arn:aws:s3:::terraform-logs',
      Condition: { StringEquals: { 'aws:SourceArn': arn } },
    },
    {
      Sid: 'AWSCloudTrailWrite',
      Effect: 'Allow',
      Principal: service,
      Action: 's3:PutObject',
      Resource: [
        `arn:aws:s3:::terraform-logs/AWSLogs/${account}/*`,
        `arn:aws:s3:::terraform-logs/audit/AWSLogs/${account}/*`,
      ],
      Condition: {
        StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control', 'aws:SourceArn': arn },
      },
    },
  ],
};
