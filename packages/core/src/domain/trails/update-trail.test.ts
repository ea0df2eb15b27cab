import { expect, test } from 'vitest';
import { fold } from '../decider.ts';
import { given } from '../spec.ts';
import { at, caller, created, organization, settings, summary } from './trail.fixture.ts';
import { evolveTrail, initialTrail, type TrailEvent, type TrailSettings } from './trail.ts';
import type { TrailDependencies } from './trail-dependencies.ts';
import type { TrailSettingsInput } from './trail-settings.ts';
import { decideUpdateTrail, type UpdateTrail } from './update-trail.ts';

const updating = {
  initial: initialTrail,
  evolve: evolveTrail,
  decide: (command: UpdateTrail, state: ReturnType<typeof evolveTrail>) => {
    if (state.status !== 'live') throw new Error('only a live trail is updated');
    return decideUpdateTrail(command, state);
  },
};

function update(input: TrailSettingsInput, more: Partial<UpdateTrail> = {}): UpdateTrail {
  return { at: at + 1, caller, input, otherTrails: [], found: {}, ...more };
}

function trailWith(more: Partial<TrailSettings>): TrailEvent {
  return { type: 'TrailCreated', at, settings: { ...settings, ...more } };
}

function updatedTo(more: Partial<TrailSettings>): TrailEvent {
  return { type: 'TrailUpdated', at: at + 1, settings: { ...settings, ...more } };
}

test('what an update leaves out stays', () => {
  const full = {
    s3KeyPrefix: 'prefix',
    snsTopicName: 'told',
    snsTopicArn: 'arn:aws:sns:us-east-1:123456789012:told',
    kmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/one',
    cloudWatchLogsLogGroupArn: 'group',
    cloudWatchLogsRoleArn: 'role',
  };
  given(updating, [trailWith(full)])
    .when(update({ EnableLogFileValidation: true }))
    .emits(updatedTo({ ...full, logFileValidationEnabled: true }));
});

test('an empty string clears what is optional', () => {
  const full = {
    s3KeyPrefix: 'prefix',
    snsTopicName: 'told',
    snsTopicArn: 'arn:aws:sns:us-east-1:123456789012:told',
    kmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/one',
    cloudWatchLogsLogGroupArn: 'group',
    cloudWatchLogsRoleArn: 'role',
  };
  const cleared = {
    S3KeyPrefix: '',
    SnsTopicName: '',
    KmsKeyId: '',
    CloudWatchLogsLogGroupArn: '',
    CloudWatchLogsRoleArn: '',
  };
  given(updating, [trailWith(full)])
    .when(update(cleared))
    .emits(updatedTo({}));
});

test('clearing the role alone leaves a log group without one', () => {
  given(updating, [trailWith({ cloudWatchLogsLogGroupArn: 'g', cloudWatchLogsRoleArn: 'r' })])
    .when(update({ CloudWatchLogsRoleArn: '' }))
    .refuses(
      'InvalidCloudWatchLogsRoleArnException',
      'You must specify a role ARN as well as a log group.',
    );
});

test.each<[string, Partial<TrailSettings>, TrailSettingsInput, boolean]>([
  [
    'going to every Region turns them on',
    { includeGlobalServiceEvents: false },
    { IsMultiRegionTrail: true },
    true,
  ],
  [
    'coming back to one turns them off',
    { isMultiRegionTrail: true },
    { IsMultiRegionTrail: false },
    false,
  ],
  [
    'coming back with a word of their own',
    { isMultiRegionTrail: true },
    { IsMultiRegionTrail: false, IncludeGlobalServiceEvents: true },
    true,
  ],
  [
    'staying in one Region leaves them',
    { includeGlobalServiceEvents: false },
    { IsMultiRegionTrail: false },
    false,
  ],
  [
    'staying in every Region leaves them',
    { isMultiRegionTrail: true },
    { IsMultiRegionTrail: true },
    true,
  ],
  ['turned off in one Region', {}, { IncludeGlobalServiceEvents: false }, false],
])('global service events: %s', (_, before, input, expected) => {
  const answer = updating.decide(update(input), fold(updating, [trailWith(before)]));
  expect(answer).toMatchObject([{ settings: { includeGlobalServiceEvents: expected } }]);
});

test('a multi-Region trail cannot do without global service events', () => {
  given(updating, [trailWith({ isMultiRegionTrail: true })])
    .when(update({ IncludeGlobalServiceEvents: false }))
    .refuses('InvalidParameterCombinationException');
});

test('the management account turns a trail into an organization trail and back', () => {
  const ofOrganization = { isOrganizationTrail: true, organizationId: organization.id };
  given(updating, [created])
    .when(update({ IsOrganizationTrail: true }, { organization }))
    .emits(updatedTo(ofOrganization));
  given(updating, [trailWith(ofOrganization)])
    .when(update({ IsOrganizationTrail: false }, { organization }))
    .emits(updatedTo({ isOrganizationTrail: false, organizationId: undefined }));
});

test('a delegated administrator converts nothing, whatever else is wrong', () => {
  const delegated = { account: '222222222222', region: 'us-east-1' };
  const ofOrganization = { isOrganizationTrail: true, organizationId: organization.id };
  for (const trustedAccess of [true, false]) {
    const facts = { caller: delegated, organization: { ...organization, trustedAccess } };
    given(updating, [trailWith(ofOrganization)])
      .when(update({ IsOrganizationTrail: false }, facts))
      .refuses('NotOrganizationMasterAccountException');
  }
});

test('an account without an organization cannot make an organization trail of its own', () => {
  given(updating, [created])
    .when(update({ IsOrganizationTrail: true }))
    .refuses('OrganizationsNotInUseException');
});

test('a trail of an organization that is gone can still be made an ordinary one', () => {
  given(updating, [trailWith({ isOrganizationTrail: true, organizationId: organization.id })])
    .when(update({ IsOrganizationTrail: false }))
    .emits(updatedTo({ isOrganizationTrail: false, organizationId: undefined }));
});

test('a trail goes to every Region only where there is room everywhere', () => {
  const otherTrails = ['one', 'two', 'three', 'four', 'five'].map((name) =>
    summary(name, { homeRegion: 'eu-west-1' }),
  );
  given(updating, [created])
    .when(update({ IsMultiRegionTrail: true }, { otherTrails }))
    .refuses(
      'OperationNotPermittedException',
      'User: 123456789012 already has 5 trails in eu-west-1.',
    );
});

test.each<[TrailDependencies, TrailSettingsInput, string]>([
  [{ bucket: { state: 'missing' } }, { S3BucketName: 'new' }, 'S3BucketDoesNotExistException'],
  [{ bucket: { state: 'denied' } }, { S3KeyPrefix: 'new' }, 'InsufficientS3BucketPolicyException'],
  [
    { topic: { arn: 'a', state: 'missing' } },
    { SnsTopicName: 'a' },
    'InsufficientSnsTopicPolicyException',
  ],
])('what was found as %j refuses %j', (found, input, code) => {
  given(updating, [created])
    .when(update(input, { found }))
    .refuses(code as never);
});

test('a bucket in another Region than the key that the trail has is refused', () => {
  const found: TrailDependencies = { bucket: { state: 'usable', region: 'eu-west-1' } };
  given(updating, [trailWith({ kmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/one' })])
    .when(update({ S3BucketName: 'new' }, { found }))
    .refuses('InsufficientEncryptionPolicyException');
});
