import { describe, expect, it } from 'vitest';
import { refuse } from '../refusal.ts';
import { type OwnCall, ownCallRecord } from './own-call.ts';
import { type ReadRecords, readRecords } from './read-records.ts';

const caller = {
  account: '111122223333',
  arn: 'arn:aws:iam::111122223333:user/alice',
  accessKeyId: 'AKIAEXAMPLE',
  principalId: 'AIDAEXAMPLE',
  type: 'IAMUser',
  userName: 'alice',
};
const at = Date.parse('2026-11-21T13:03:24Z');
const createTrail: OwnCall = {
  operation: 'CreateTrail',
  input: {
    Name: 't',
    S3BucketName: 'b',
    TagsList: [{ Key: 'K', Value: 'V' }],
    KmsKeyId: undefined,
  },
  output: { Name: 't', TrailARN: 'arn:t', IsMultiRegionTrail: false },
  caller,
  region: 'eu-central-1',
  sourceIp: '127.0.0.1',
  userAgent: 'aws-cli/2',
  requestId: 'r-1',
  eventId: 'e-1',
  at,
  host: 'localhost:4710',
};

function recordOf(change: Partial<OwnCall>): Record<string, unknown> {
  return JSON.parse(ownCallRecord({ ...createTrail, ...change }));
}

describe('the record of an own call', () => {
  it('shows request and response with the first letter of names lowered', () => {
    expect(recordOf({})).toEqual({
      eventVersion: '1.11',
      userIdentity: {
        type: 'IAMUser',
        principalId: 'AIDAEXAMPLE',
        arn: 'arn:aws:iam::111122223333:user/alice',
        accountId: '111122223333',
        accessKeyId: 'AKIAEXAMPLE',
        userName: 'alice',
      },
      eventTime: '2026-11-21T13:03:24Z',
      eventSource: 'cloudtrail.amazonaws.com',
      eventName: 'CreateTrail',
      awsRegion: 'eu-central-1',
      sourceIPAddress: '127.0.0.1',
      userAgent: 'aws-cli/2',
      requestParameters: { name: 't', s3BucketName: 'b', tagsList: [{ key: 'K', value: 'V' }] },
      responseElements: { name: 't', trailARN: 'arn:t', isMultiRegionTrail: false },
      requestID: 'r-1',
      eventID: 'e-1',
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: '111122223333',
      eventCategory: 'Management',
    });
  });
  it('shows no response of a call that reads, that failed, or that answers nothing', () => {
    const nothing = { responseElements: null };
    expect(recordOf({ operation: 'GetTrail' })).toMatchObject({ ...nothing, readOnly: true });
    expect(recordOf({ output: {} })).toMatchObject(nothing);
    const refusal = refuse('TrailNotFoundException', 'Unknown trail: t');
    expect(recordOf({ refusal })).toMatchObject({
      ...nothing,
      errorCode: 'TrailNotFoundException',
      errorMessage: 'Unknown trail: t',
    });
  });
  it('writes times as CloudTrail writes them in parameters', () => {
    const input = { StartTime: new Date(at), EndTime: new Date('2024-08-02T00:00:05Z') };
    expect(recordOf({ operation: 'LookupEvents', input })).toMatchObject({
      requestParameters: {
        startTime: 'Nov 21, 2026, 1:03:24 PM',
        endTime: 'Aug 2, 2024, 12:00:05 AM',
      },
    });
  });
  it('of PutAuditEvents is a data event of the channel', () => {
    const channelArn = 'arn:aws:cloudtrail:eu-central-1:111122223333:channel/x';
    const input = { channelArn, auditEvents: [{ id: '1', eventData: '{}' }] };
    expect(recordOf({ operation: 'PutAuditEvents', input })).toMatchObject({
      requestParameters: { channelArn },
      resources: [{ type: 'AWS::CloudTrail::Channel', ARN: channelArn }],
      managementEvent: false,
      eventCategory: 'Data',
    });
  });
  it('holds no half characters', () => {
    expect(recordOf({ input: { Name: 'half \ud800 and whole 😀' } })).toMatchObject({
      requestParameters: { name: 'half \ufffd and whole 😀' },
    });
  });
  it('fits, whatever was sent, and is complete as it is', () => {
    const large = { A: 'é'.repeat(200_000) };
    const json = ownCallRecord({
      ...createTrail,
      input: large,
      output: large,
      userAgent: '😀'.repeat(9_999),
      tlsDetails: { tlsVersion: 'TLSv1.3', cipherSuite: 'x' },
    });
    expect(json.length).toBeLessThan(10_000);
    const context = { now: at, newEventID: () => 'x', mayWriteFor: () => true, defaultAccount: '' };
    const read = readRecords(Buffer.from(json), context) as ReadRecords;
    expect(read.batch.bytes.toString()).toBe(json);
  });
});
