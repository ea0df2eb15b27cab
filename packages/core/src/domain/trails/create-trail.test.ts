import { expect, test } from 'vitest';
import { given } from '../spec.ts';
import { type CreateTrail, decideCreateTrail, trimmedPrefix } from './create-trail.ts';
import { at, caller, created, organization, settings, summary } from './trail.fixture.ts';
import { evolveTrail, initialTrail } from './trail.ts';

const creation = { initial: initialTrail, evolve: evolveTrail, decide: decideCreateTrail };
const usable = { bucket: { state: 'usable' as const, region: 'us-east-1' } };

function createTrail(more: Partial<CreateTrail> = {}): CreateTrail {
  const input = { S3BucketName: 'logs-of-audit' };
  return { at, name: 'audit', caller, input, trails: [], found: usable, ...more };
}

function withInput(input: Partial<CreateTrail['input']>, more: Partial<CreateTrail> = {}) {
  return createTrail({ input: { S3BucketName: 'logs-of-audit', ...input }, ...more });
}

test('a trail is created with the defaults, and does not log', () => {
  given(creation).when(createTrail()).emits(created);
  expect(evolveTrail(initialTrail, created)).toMatchObject({ status: 'live', logging: false });
});

test('a trail is what it was asked to be', () => {
  const group = 'arn:aws:logs:us-east-1:123456789012:log-group:trails:*';
  const role = 'arn:aws:iam::123456789012:role/to-logs';
  const topic = { arn: 'arn:aws:sns:us-east-1:123456789012:told', state: 'usable' as const };
  const key = 'arn:aws:kms:us-east-1:123456789012:key/one';
  const input = {
    S3KeyPrefix: 'prefix/',
    SnsTopicName: 'told',
    IncludeGlobalServiceEvents: true,
    IsMultiRegionTrail: true,
    EnableLogFileValidation: true,
    CloudWatchLogsLogGroupArn: group,
    CloudWatchLogsRoleArn: role,
    KmsKeyId: 'alias/one',
    RecursiveLogging: false,
  };
  const found = {
    ...usable,
    topic,
    key: { arn: key, region: 'us-east-1', state: 'usable' as const },
  };
  given(creation)
    .when(withInput(input, { found }))
    .emits({
      type: 'TrailCreated',
      at,
      settings: {
        ...settings,
        s3KeyPrefix: 'prefix',
        snsTopicName: 'told',
        snsTopicArn: topic.arn,
        isMultiRegionTrail: true,
        logFileValidationEnabled: true,
        cloudWatchLogsLogGroupArn: group,
        cloudWatchLogsRoleArn: role,
        kmsKeyArn: key,
        recursiveLogging: false,
      },
    });
});

test('a name is taken while its trail lives, and free once it is deleted', () => {
  given(creation, [created])
    .when(createTrail())
    .refuses(
      'TrailAlreadyExistsException',
      'Trail audit already exists for customer: 123456789012',
    );
  given(creation, [created, { type: 'TrailDeleted', at }])
    .when(createTrail())
    .emits(created);
});

test('the trail of a delegated administrator is the management account', () => {
  const delegated = { account: '222222222222', region: 'us-east-1' };
  given(creation)
    .when(withInput({ IsOrganizationTrail: true }, { caller: delegated, organization }))
    .emits({
      type: 'TrailCreated',
      at,
      settings: { ...settings, isOrganizationTrail: true, organizationId: organization.id },
    });
});

test('an organization trail needs an organization', () => {
  given(creation)
    .when(withInput({ IsOrganizationTrail: true }))
    .refuses('OrganizationsNotInUseException');
});

const six = ['one', 'two', 'three', 'four', 'five'].map((name) => summary(name));
const missing = { bucket: { state: 'missing' as const } };
const withoutRole = {
  CloudWatchLogsLogGroupArn: 'arn:aws:logs:us-east-1:123456789012:log-group:a:*',
};

test('of several reasons the first in the order is told', () => {
  const all = { trails: six, found: missing };
  const member = {
    ...organization,
    managementAccountId: '999999999999',
    delegatedAdministrators: [],
  };
  given(creation, [created])
    .when(
      withInput({ ...withoutRole, IsOrganizationTrail: true }, { ...all, organization: member }),
    )
    .refuses(
      'InvalidCloudWatchLogsRoleArnException',
      'You must specify a role ARN as well as a log group.',
    );
  given(creation, [created])
    .when(withInput({ IsOrganizationTrail: true }, { ...all, organization: member }))
    .refuses('NotOrganizationMasterAccountException');
  given(creation, [created]).when(createTrail(all)).refuses('TrailAlreadyExistsException');
  given(creation)
    .when(createTrail(all))
    .refuses(
      'MaximumNumberOfTrailsExceededException',
      'User: 123456789012 already has 5 trails in us-east-1.',
    );
  given(creation)
    .when(createTrail({ found: missing }))
    .refuses('S3BucketDoesNotExistException', 'S3 bucket logs-of-audit does not exist!');
});

test('a prefix is kept without the slashes at its end', () => {
  expect(['a/', 'a//', 'a/b', '/', '', undefined].map(trimmedPrefix)).toEqual([
    'a',
    'a',
    'a/b',
    undefined,
    undefined,
    undefined,
  ]);
});
