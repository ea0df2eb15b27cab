import { describe, expect, it } from 'vitest';
import { complete, read } from './read.fixture.ts';

const text = JSON.stringify(complete);

describe('the facts', () => {
  it('are the fields of the record', () => {
    expect(read(text).batch.records[0]!.facts).toEqual({
      eventID: 'e-1',
      eventTime: Date.parse(complete.eventTime),
      eventName: 'PutObject',
      eventSource: 's3.amazonaws.com',
      awsRegion: 'eu-central-1',
      recipientAccountId: '111122223333',
      eventCategory: 'Data',
      eventType: 'AwsApiCall',
      readOnly: false,
      errorCode: undefined,
      vpcEndpointId: undefined,
      sessionCredentialFromConsole: undefined,
      userIdentityArn: 'arn:aws:sts::111122223333:assumed-role/ci/deploy',
      accessKeyId: 'ASIAEXAMPLE',
      username: 'deploy',
      resources: [{ arn: 'arn:aws:s3:::b/k', type: 'AWS::S3::Object' }],
    });
  });
  it.each([
    ['alice', { type: 'IAMUser', userName: 'alice', principalId: 'AIDA' }],
    ['root', { type: 'Root', userName: 'my-alias' }],
    ['s', { type: 'AssumedRole', principalId: 'AROA:s', userName: 'r' }],
    ['t', { type: 'AssumedRole', principalId: 'AROA', arn: 'arn:aws:sts::1:assumed-role/r/t' }],
    ['bob', { type: 'FederatedUser', principalId: '111122223333:bob' }],
    [undefined, { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' }],
  ])('name %s for %o', (username, userIdentity) => {
    const result = read(JSON.stringify({ ...complete, userIdentity }));
    expect(result.batch.records[0]!.facts.username).toBe(username);
  });
});
