import {
  CreateTrailCommand,
  DescribeTrailsCommand,
  GetTrailCommand,
  UpdateTrailCommand,
  type UpdateTrailCommandInput,
} from '@aws-sdk/client-cloudtrail';
import { describe, expect, test } from 'vitest';
import { codeOf, refusalOf, sdkClient, shown } from '../../support/sdk-client.ts';
import { absentArn, auditArn, startWithTrail } from '../../support/start-with-trail.ts';

const update = (input: Partial<UpdateTrailCommandInput> = {}) =>
  new UpdateTrailCommand({ Name: 'audit', ...input });

describe('malformed', () => {
  test('without a name the request is not valid', async () => {
    const { client } = await startWithTrail();
    expect(await codeOf(client.send(update({ Name: undefined })))).toBe('ValidationException');
  });

  test('a member of another type cannot be read', async () => {
    const { client } = await startWithTrail();
    const command = update({ EnableLogFileValidation: 'true' as never });
    expect(await codeOf(client.send(command))).toBe('SerializationException');
  });
});

describe('constrained', () => {
  test.each<[Partial<UpdateTrailCommandInput>, string]>([
    [{ Name: 'my--trail' }, 'InvalidTrailNameException'],
    [{ Name: 'arn:aws:cloudtrail' }, 'CloudTrailARNInvalidException'],
    [{ S3BucketName: '' }, 'InvalidS3BucketNameException'],
    [{ S3BucketName: 'nowhere' }, 'S3BucketDoesNotExistException'],
    [{ S3KeyPrefix: 'p'.repeat(201) }, 'InvalidS3PrefixException'],
    [{ SnsTopicName: 'a b' }, 'InvalidSnsTopicNameException'],
    [{ KmsKeyId: 'alias/' }, 'InvalidKmsKeyIdException'],
    [
      { IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false },
      'InvalidParameterCombinationException',
    ],
    [
      { CloudWatchLogsRoleArn: 'arn:aws:iam::123456789012:role/to-logs' },
      'InvalidCloudWatchLogsLogGroupArnException',
    ],
    [{ IsOrganizationTrail: true }, 'OrganizationsNotInUseException'],
  ])('%j is refused with %s', async (input, code) => {
    const { client } = await startWithTrail();
    expect(await codeOf(client.send(update(input)))).toBe(code);
  });

  test('a trail that is not there is named by its ARN', async () => {
    const { client } = await startWithTrail();
    expect(await refusalOf(client.send(update({ Name: 'absent' })))).toEqual([
      'TrailNotFoundException',
      `Unknown trail: ${absentArn} for the user: 123456789012`,
    ]);
  });

  test('another Region and another account may not', async () => {
    const { engine, elsewhere } = await startWithTrail({ IsMultiRegionTrail: true });
    const stranger = sdkClient(engine, { account: '210987654321' });
    const byArn = update({ Name: auditArn, S3KeyPrefix: 'p' });
    expect(await codeOf(elsewhere.send(byArn))).toBe('InvalidHomeRegionException');
    expect(await codeOf(elsewhere.send(update()))).toBe('TrailNotFoundException');
    expect(await codeOf(stranger.send(byArn))).toBe('TrailNotFoundException');
  });
});

const all = {
  S3KeyPrefix: 'p',
  SnsTopicName: 'told',
  KmsKeyId: 'arn:aws:kms:us-east-1:123456789012:key/one',
  CloudWatchLogsLogGroupArn: 'arn:aws:logs:us-east-1:123456789012:log-group:trails:*',
  CloudWatchLogsRoleArn: 'arn:aws:iam::123456789012:role/to-logs',
};

describe('behaves', () => {
  test('what is given changes and the rest stays', async () => {
    const { client } = await startWithTrail(all);
    const answer = await client.send(update({ Name: auditArn, EnableLogFileValidation: true }));
    expect(shown(answer)).toEqual({
      ...all,
      Name: 'audit',
      S3BucketName: 'logs',
      SnsTopicARN: 'arn:aws:sns:us-east-1:123456789012:told',
      IncludeGlobalServiceEvents: true,
      IsMultiRegionTrail: false,
      TrailARN: auditArn,
      LogFileValidationEnabled: true,
      IsOrganizationTrail: false,
    });
    const { Trail } = await client.send(new GetTrailCommand({ Name: 'audit' }));
    expect(Trail).toMatchObject(shown(answer));
  });

  test('an update of nothing answers with the trail as it is', async () => {
    const { client } = await startWithTrail();
    const { Trail } = await client.send(new GetTrailCommand({ Name: 'audit' }));
    expect(Trail).toMatchObject(shown(await client.send(update())));
  });

  test.each<[string, Partial<UpdateTrailCommandInput>, readonly (keyof typeof all)[]]>([
    ['the prefix', { S3KeyPrefix: '' }, ['S3KeyPrefix']],
    ['the topic', { SnsTopicName: '' }, ['SnsTopicName']],
    ['the key', { KmsKeyId: '' }, ['KmsKeyId']],
    [
      'the log group and its role',
      { CloudWatchLogsLogGroupArn: '', CloudWatchLogsRoleArn: '' },
      ['CloudWatchLogsLogGroupArn', 'CloudWatchLogsRoleArn'],
    ],
  ])('an empty string clears %s', async (_, input, cleared) => {
    const { client } = await startWithTrail(all);
    const answer = await client.send(update(input));
    const kept = Object.keys(all).filter((name) => !cleared.includes(name as never));
    expect(Object.keys(answer)).toEqual(expect.arrayContaining(kept));
    for (const name of cleared) expect(answer).not.toHaveProperty(name);
    expect('SnsTopicARN' in answer).toBe(!cleared.includes('SnsTopicName'));
  });

  test('a bucket that the log files go to from now on must be there', async () => {
    const { engine, client } = await startWithTrail();
    await engine.bucket('new-logs');
    const answer = await client.send(update({ S3BucketName: 'new-logs', S3KeyPrefix: 'p/' }));
    expect(answer).toMatchObject({ S3BucketName: 'new-logs', S3KeyPrefix: 'p' });
  });

  test('global service events follow the Regions of a trail', async () => {
    const { client } = await startWithTrail({ IncludeGlobalServiceEvents: false });
    const flags = async (input: Partial<UpdateTrailCommandInput>) =>
      (await client.send(update(input))).IncludeGlobalServiceEvents;
    expect(await flags({ IsMultiRegionTrail: true })).toBe(true);
    expect(await flags({ EnableLogFileValidation: true })).toBe(true);
    expect(await flags({ IsMultiRegionTrail: false })).toBe(false);
    expect(await flags({ IncludeGlobalServiceEvents: true })).toBe(true);
    expect(
      await codeOf(flags({ IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false })),
    ).toBe('InvalidParameterCombinationException');
  });

  test('shadows come and go with the Regions of a trail', async () => {
    const { client, elsewhere } = await startWithTrail();
    const shadows = async () =>
      (await elsewhere.send(new DescribeTrailsCommand({}))).trailList?.map((trail) => trail.Name);
    expect(await shadows()).toEqual([]);
    await client.send(update({ IsMultiRegionTrail: true }));
    expect(await shadows()).toEqual(['audit']);
    await client.send(update({ IsMultiRegionTrail: false }));
    expect(await shadows()).toEqual([]);
  });

  test('a trail goes to every Region only where there is room', async () => {
    const { client, elsewhere } = await startWithTrail();
    for (const Name of ['one', 'two', 'three', 'four', 'five']) {
      await elsewhere.send(new CreateTrailCommand({ Name, S3BucketName: 'logs' }));
    }
    expect(await refusalOf(client.send(update({ IsMultiRegionTrail: true })))).toEqual([
      'OperationNotPermittedException',
      'User: 123456789012 already has 5 trails in eu-west-1.',
    ]);
  });

  test('updates at a time are all kept', async () => {
    const { client } = await startWithTrail();
    await Promise.all([
      client.send(update({ S3KeyPrefix: 'p' })),
      client.send(update({ SnsTopicName: 'told' })),
      client.send(update({ EnableLogFileValidation: true })),
      client.send(update({ IsMultiRegionTrail: true })),
    ]);
    expect(await client.send(update())).toMatchObject({
      S3KeyPrefix: 'p',
      SnsTopicName: 'told',
      LogFileValidationEnabled: true,
      IsMultiRegionTrail: true,
    });
  });

  test('of updates and creations at a time no more than there is room for succeed', async () => {
    const { client, elsewhere } = await startWithTrail();
    for (const Name of ['one', 'two', 'three', 'four']) {
      await elsewhere.send(new CreateTrailCommand({ Name, S3BucketName: 'logs' }));
    }
    const both = await Promise.allSettled([
      client.send(update({ IsMultiRegionTrail: true })),
      elsewhere.send(new CreateTrailCommand({ Name: 'five', S3BucketName: 'logs' })),
    ]);
    expect(both.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  });
});
