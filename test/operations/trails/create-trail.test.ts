import { CreateTrailCommand, GetTrailCommand, ListTagsCommand } from '@aws-sdk/client-cloudtrail';
import { describe, expect, test } from 'vitest';
import { codeOf, refusalOf, sdkClient, shown } from '../../support/sdk-client.ts';
import { startTestEngine } from '../../support/start-test-engine.ts';

const arn = 'arn:aws:cloudtrail:us-east-1:123456789012:trail/audit';

async function start(settings?: Record<string, unknown>) {
  const engine = await startTestEngine({ settings });
  await engine.bucket('logs');
  const client = sdkClient(engine);
  const create = (more: object = {}) =>
    client.send(new CreateTrailCommand({ Name: 'audit', S3BucketName: 'logs', ...more }));
  return { engine, client, create };
}

describe('malformed', () => {
  test('without a name or a bucket the request is not valid', async () => {
    const { create } = await start();
    const [code, message] = await refusalOf(
      create({ Name: undefined as never, S3BucketName: undefined as never }),
    );
    expect(code).toBe('ValidationException');
    expect(message).toContain("Value null at 'name' failed to satisfy constraint");
    expect(message).toContain("Value null at 's3BucketName' failed to satisfy constraint");
  });

  test('a member of another type cannot be read', async () => {
    const { create } = await start();
    expect(await codeOf(create({ Name: 7 as never }))).toBe('SerializationException');
    expect(await codeOf(create({ IsMultiRegionTrail: 'yes' as never }))).toBe(
      'SerializationException',
    );
  });
});

describe('constrained', () => {
  test.each([
    [
      'ab',
      'Trail name too short. Minimum allowed length: 3 characters. Specified name length: 2 characters.',
    ],
    ['-audit', 'Trail name must starts with a letter or number.'],
  ])('%j is no name for a trail', async (Name, sentence) => {
    const { create } = await start();
    expect(await refusalOf(create({ Name }))).toEqual(['InvalidTrailNameException', sentence]);
  });

  test.each<[object, string]>([
    [{ S3BucketName: 'My_Bucket' }, 'InvalidS3BucketNameException'],
    [{ S3KeyPrefix: 'p'.repeat(201) }, 'InvalidS3PrefixException'],
    [{ SnsTopicName: 'a b' }, 'InvalidSnsTopicNameException'],
    [{ KmsKeyId: 'alias/' }, 'InvalidKmsKeyIdException'],
    [{ CloudWatchLogsLogGroupArn: 'group' }, 'InvalidCloudWatchLogsLogGroupArnException'],
    [
      { IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false },
      'InvalidParameterCombinationException',
    ],
    [{ TagsList: [{ Key: 'aws:a' }] }, 'InvalidTagParameterException'],
    [
      { TagsList: Array.from({ length: 51 }, (_, n) => ({ Key: `k${n}` })) },
      'TagsLimitExceededException',
    ],
    [
      { TagsList: Array.from({ length: 201 }, (_, n) => ({ Key: `k${n}` })) },
      'TagsLimitExceededException',
    ],
  ])('%j is refused with %s', async (members, code) => {
    const { create } = await start();
    expect(await codeOf(create(members))).toBe(code);
  });

  test('a bucket that is not there is told of by its name', async () => {
    const { create } = await start();
    expect(await refusalOf(create({ S3BucketName: 'nowhere' }))).toEqual([
      'S3BucketDoesNotExistException',
      'S3 bucket nowhere does not exist!',
    ]);
  });

  test('a log group needs a role', async () => {
    const { create } = await start();
    const CloudWatchLogsLogGroupArn = 'arn:aws:logs:us-east-1:123456789012:log-group:trails:*';
    expect(await refusalOf(create({ CloudWatchLogsLogGroupArn }))).toEqual([
      'InvalidCloudWatchLogsRoleArnException',
      'You must specify a role ARN as well as a log group.',
    ]);
  });
});

describe('neighbours that are configured', () => {
  const key = 'arn:aws:kms:us-east-1:123456789012:key';
  const CloudWatchLogsLogGroupArn = 'arn:aws:logs:us-east-1:123456789012:log-group:trails:*';
  const CloudWatchLogsRoleArn = 'arn:aws:iam::123456789012:role/to-logs';
  const settings = {
    topics: ['arn:aws:sns:us-east-1:123456789012:told'],
    keys: [
      { arn: `${key}/one`, aliases: ['alias/one'] },
      { arn: `${key}/off`, enabled: false },
      { arn: `${key}/denied`, permitted: false },
    ],
    logGroups: ['arn:aws:logs:us-east-1:123456789012:log-group:trails:*'],
    roles: ['arn:aws:iam::123456789012:role/to-logs'],
  };

  test.each<[object, string, string]>([
    [
      { SnsTopicName: 'untold' },
      'InsufficientSnsTopicPolicyException',
      'SNS Topic does not exist or the topic policy is incorrect!',
    ],
    [{ KmsKeyId: 'absent' }, 'KmsKeyNotFoundException', 'KMS key absent was not found.'],
    [{ KmsKeyId: 'off' }, 'KmsKeyDisabledException', `KMS key ${key}/off is disabled.`],
    [
      { KmsKeyId: 'denied' },
      'InsufficientEncryptionPolicyException',
      `Insufficient permissions to access S3 bucket logs or KMS key ${key}/denied.`,
    ],
    [
      { CloudWatchLogsLogGroupArn, CloudWatchLogsRoleArn: `${CloudWatchLogsRoleArn}-not` },
      'InvalidCloudWatchLogsRoleArnException',
      'Access denied. Check the trust relationships for your role.',
    ],
    [
      {
        CloudWatchLogsLogGroupArn: 'arn:aws:logs:us-east-1:123456789012:log-group:absent:*',
        CloudWatchLogsRoleArn,
      },
      'InvalidCloudWatchLogsLogGroupArnException',
      'Access denied. Verify in IAM that the role has adequate permissions.',
    ],
  ])('%j is refused with %s', async (members, code, sentence) => {
    const { create } = await start(settings);
    expect(await refusalOf(create(members))).toEqual([code, sentence]);
  });

  test('what is in the lists is answered as ARNs', async () => {
    const { create } = await start(settings);
    const members = { CloudWatchLogsLogGroupArn, CloudWatchLogsRoleArn };
    const made = await create({ ...members, SnsTopicName: 'told', KmsKeyId: 'alias/one' });
    expect(made).toMatchObject({
      ...members,
      SnsTopicName: 'told',
      SnsTopicARN: 'arn:aws:sns:us-east-1:123456789012:told',
      KmsKeyId: `${key}/one`,
    });
  });

  test('a key must be in the Region of the bucket', async () => {
    const { engine, create } = await start();
    await engine.bucket('elsewhere', { region: 'eu-west-1' });
    expect(await codeOf(create({ S3BucketName: 'elsewhere', KmsKeyId: 'alias/one' }))).toBe(
      'InsufficientEncryptionPolicyException',
    );
  });
});

describe('behaves', () => {
  test('the answer has the settings, and nothing that was not set', async () => {
    const { create } = await start();
    expect(shown(await create())).toEqual({
      Name: 'audit',
      S3BucketName: 'logs',
      IncludeGlobalServiceEvents: true,
      IsMultiRegionTrail: false,
      TrailARN: arn,
      LogFileValidationEnabled: false,
      IsOrganizationTrail: false,
    });
  });

  test('a trail of the same name is refused, also when it is asked for again', async () => {
    const { create } = await start();
    await create();
    expect(await refusalOf(create())).toEqual([
      'TrailAlreadyExistsException',
      'Trail audit already exists for customer: 123456789012',
    ]);
  });

  test('a name is free in another Region and in another account', async () => {
    const { engine, create } = await start();
    await create();
    const command = new CreateTrailCommand({ Name: 'audit', S3BucketName: 'logs' });
    await sdkClient(engine, { region: 'eu-west-1' }).send(command);
    await sdkClient(engine, { account: '210987654321' }).send(command);
  });

  test('of 64 that create one name at a time one succeeds', async () => {
    const { create } = await start();
    const names = await Promise.all(
      Array.from({ length: 64 }, () =>
        create().then(
          () => 'created',
          (error) => error.name,
        ),
      ),
    );
    expect(names.filter((name) => name === 'created')).toHaveLength(1);
    expect(names.filter((name) => name === 'TrailAlreadyExistsException')).toHaveLength(63);
  });

  test('of ten trails that are created at a time there is room for five', async () => {
    const { create } = await start();
    const names = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        create({ Name: `trail-${index}` }).then(
          () => 'created',
          (error) => error.name,
        ),
      ),
    );
    expect(names.filter((name) => name === 'created')).toHaveLength(5);
    expect(names.filter((name) => name === 'MaximumNumberOfTrailsExceededException')).toHaveLength(
      5,
    );
    expect(await refusalOf(create({ Name: 'one-more' }))).toEqual([
      'MaximumNumberOfTrailsExceededException',
      'User: 123456789012 already has 5 trails in us-east-1.',
    ]);
  });

  test('a multi-Region trail takes room in every Region', async () => {
    const { engine, create } = await start();
    for (const name of ['one', 'two', 'three', 'four', 'five']) {
      await create({ Name: name, IsMultiRegionTrail: true });
    }
    const command = new CreateTrailCommand({ Name: 'audit', S3BucketName: 'logs' });
    expect(await refusalOf(sdkClient(engine, { region: 'eu-west-1' }).send(command))).toEqual([
      'MaximumNumberOfTrailsExceededException',
      'User: 123456789012 already has 5 trails in eu-west-1.',
    ]);
  });

  test('a trail is created with tags', async () => {
    const { client, create } = await start();
    const TagsList = [{ Key: 'team', Value: 'security' }, { Key: 'empty' }];
    await create({ TagsList });
    const { ResourceTagList } = await client.send(new ListTagsCommand({ ResourceIdList: [arn] }));
    expect(ResourceTagList).toEqual([{ ResourceId: arn, TagsList }]);
  });

  test('a prefix is kept without the slash at its end, and recursive logging as it was said', async () => {
    const { client, create } = await start();
    const made = await create({ S3KeyPrefix: 'a/b/', RecursiveLogging: false });
    expect(made).toMatchObject({ S3KeyPrefix: 'a/b', RecursiveLogging: false });
    const { Trail } = await client.send(new GetTrailCommand({ Name: 'audit' }));
    expect(Trail).toMatchObject({ S3KeyPrefix: 'a/b', RecursiveLogging: false });
  });
});
