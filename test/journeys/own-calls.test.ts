import {
  CreateTrailCommand,
  DeleteTrailCommand,
  LookupEventsCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { expect, test } from 'vitest';
import { flush, read, startLogging } from '../support/logging-trail.ts';
import { codeOf, sdkClient } from '../support/sdk-client.ts';
import { startTestEngine } from '../support/start-test-engine.ts';

async function start() {
  const engine = await startTestEngine();
  await engine.bucket('logs');
  const client = sdkClient(engine);
  const recordOf = async (AttributeValue: string) => {
    const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue }];
    const { Events } = await client.send(new LookupEventsCommand({ LookupAttributes }));
    expect(Events).toHaveLength(1);
    return { event: Events![0]!, record: JSON.parse(Events![0]!.CloudTrailEvent!) };
  };
  return { engine, client, recordOf };
}

test('a call is a record that LookupEvents finds, with names that begin in lower case', async () => {
  const { client, recordOf } = await start();
  const { $metadata } = await client.send(
    new CreateTrailCommand({ Name: 'audit', S3BucketName: 'logs', EnableLogFileValidation: true }),
  );
  const { event, record } = await recordOf('CreateTrail');
  expect(event).toMatchObject({
    EventSource: 'cloudtrail.amazonaws.com',
    ReadOnly: 'false',
    Username: 'root',
    AccessKeyId: '123456789012',
  });
  expect(record).toMatchObject({
    eventVersion: '1.11',
    eventTime: '2026-03-04T05:06:07Z',
    eventSource: 'cloudtrail.amazonaws.com',
    eventName: 'CreateTrail',
    awsRegion: 'us-east-1',
    sourceIPAddress: '127.0.0.1',
    userAgent: 'trailkeep-tests/1.0',
    requestID: $metadata.requestId,
    recipientAccountId: '123456789012',
    eventType: 'AwsApiCall',
    eventCategory: 'Management',
    managementEvent: true,
    readOnly: false,
  });
  expect(record.requestParameters).toEqual({
    name: 'audit',
    s3BucketName: 'logs',
    enableLogFileValidation: true,
  });
  expect(record.responseElements).toEqual({
    name: 'audit',
    s3BucketName: 'logs',
    includeGlobalServiceEvents: true,
    isMultiRegionTrail: false,
    trailARN: 'arn:aws:cloudtrail:us-east-1:123456789012:trail/audit',
    logFileValidationEnabled: true,
    isOrganizationTrail: false,
  });
  expect(record).not.toHaveProperty('errorCode');
});

test('a call that is refused is a record too, with its error', async () => {
  const { client, recordOf } = await start();
  await codeOf(client.send(new DeleteTrailCommand({ Name: 'absent' })));
  const { record } = await recordOf('DeleteTrail');
  expect(record).toMatchObject({
    errorCode: 'TrailNotFoundException',
    errorMessage:
      'Unknown trail: arn:aws:cloudtrail:us-east-1:123456789012:trail/absent for the user: 123456789012',
    requestParameters: { name: 'absent' },
    responseElements: null,
  });
});

test('a call that changes without an answer has no response elements', async () => {
  const { client, recordOf } = await start();
  await client.send(new CreateTrailCommand({ Name: 'audit', S3BucketName: 'logs' }));
  await client.send(new StartLoggingCommand({ Name: 'audit' }));
  const { record } = await recordOf('StartLogging');
  expect(record).toMatchObject({ requestParameters: { name: 'audit' }, responseElements: null });
});

test('lists and what is in them are written in lower case too', async () => {
  const { client, recordOf } = await start();
  await client.send(new CreateTrailCommand({ Name: 'audit', S3BucketName: 'logs' }));
  const DataResources = [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3'] }];
  const EventSelectors = [{ ReadWriteType: 'All' as const, DataResources }];
  await client.send(new PutEventSelectorsCommand({ TrailName: 'audit', EventSelectors }));
  const { record } = await recordOf('PutEventSelectors');
  expect(record.requestParameters).toEqual({
    trailName: 'audit',
    eventSelectors: [
      {
        readWriteType: 'All',
        dataResources: [{ type: 'AWS::S3::Object', values: ['arn:aws:s3'] }],
      },
    ],
  });
});

test('what only reads is read-only and shows no answer', async () => {
  const { client, recordOf } = await start();
  await client.send(new LookupEventsCommand({ MaxResults: 7 }));
  const { event, record } = await recordOf('LookupEvents');
  expect(event.ReadOnly).toBe('true');
  expect(record).toMatchObject({ requestParameters: { maxResults: 7 }, responseElements: null });
});

test('calls are delivered to the trail that they start', async () => {
  const { engine, client } = await startLogging();
  await codeOf(client.send(new DeleteTrailCommand({ Name: 'absent' })));
  await flush(engine);
  const { logFiles } = await read(engine);
  const names = logFiles.flatMap((file) => file.records.map((record) => record.eventName));
  expect(names).toEqual(['StartLogging', 'DeleteTrail']);
});
