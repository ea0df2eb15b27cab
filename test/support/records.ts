import { randomUUID } from 'node:crypto';
import { testStart } from './start-test-engine.ts';

/** YYYY-MM-DDTHH:MM:SSZ. */
export function eventTimeOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** A record of a management event of the test's account in us-east-1, at the start of the test. */
export function managementRecord(more: object = {}): Record<string, unknown> {
  return {
    eventVersion: '1.11',
    userIdentity: {
      type: 'IAMUser',
      principalId: 'AIDAEXAMPLE',
      arn: 'arn:aws:iam::123456789012:user/alice',
      accountId: '123456789012',
      accessKeyId: 'AKIAEXAMPLE',
      userName: 'alice',
    },
    eventTime: eventTimeOf(testStart),
    eventSource: 'ec2.amazonaws.com',
    eventName: 'RunInstances',
    awsRegion: 'us-east-1',
    sourceIPAddress: '203.0.113.7',
    userAgent: 'aws-cli/2.0',
    requestParameters: null,
    responseElements: null,
    requestID: randomUUID(),
    eventID: randomUUID(),
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: '123456789012',
    eventCategory: 'Management',
    ...more,
  };
}

/** A record of a data event: an object that was put into the bucket. */
export function dataRecord(bucket: string, more: object = {}): Record<string, unknown> {
  const arn = `arn:aws:s3:::${bucket}`;
  return managementRecord({
    eventSource: 's3.amazonaws.com',
    eventName: 'PutObject',
    managementEvent: false,
    eventCategory: 'Data',
    resources: [
      { type: 'AWS::S3::Object', ARN: `${arn}/key` },
      { accountId: '123456789012', type: 'AWS::S3::Bucket', ARN: arn },
    ],
    ...more,
  });
}

/** A record of a call through a VPC endpoint, as network activity events are. */
export function networkRecord(more: object = {}): Record<string, unknown> {
  const record = managementRecord({
    eventVersion: '1.10',
    eventType: 'AwsVpceEvent',
    eventCategory: 'NetworkActivity',
    vpcEndpointId: 'vpce-0example',
    vpcEndpointAccountId: '123456789012',
    eventSource: 'kms.amazonaws.com',
    eventName: 'ListKeys',
    errorCode: 'VpceAccessDenied',
    errorMessage: 'The request was denied due to a VPC endpoint policy',
    ...more,
  });
  const { requestParameters, responseElements, userAgent, readOnly, managementEvent, ...rest } =
    record;
  return rest;
}

/** A record of an Insights event of a trail. */
export function insightRecord(more: object = {}): Record<string, unknown> {
  return {
    eventVersion: '1.08',
    eventTime: eventTimeOf(testStart),
    awsRegion: 'us-east-1',
    eventID: randomUUID(),
    eventType: 'AwsCloudTrailInsight',
    recipientAccountId: '123456789012',
    sharedEventID: randomUUID(),
    insightDetails: {
      state: 'Start',
      eventSource: 'ec2.amazonaws.com',
      eventName: 'RunInstances',
      insightType: 'ApiCallRateInsight',
      insightContext: {
        statistics: {
          baseline: { average: 0.1 },
          insight: { average: 9 },
          insightDuration: 1,
          baselineDuration: 10_080,
        },
      },
    },
    eventCategory: 'Insight',
    ...more,
  };
}
