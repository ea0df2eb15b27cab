import { isRefusal } from '../refusal.ts';
import type { ReadContext } from './complete-record.ts';
import { type ReadRecords, readRecords } from './read-records.ts';

export const now = Date.parse('2026-11-21T03:13:00Z');
export const context: ReadContext = {
  now,
  newEventID: () => 'made-0001',
  mayWriteFor: (account) => account !== '999999999999',
  defaultAccount: '123456789012',
};
/** A record that needs no change. */
export const complete = {
  eventVersion: '1.11',
  userIdentity: {
    type: 'AssumedRole',
    principalId: 'AROAEXAMPLE:deploy',
    arn: 'arn:aws:sts::111122223333:assumed-role/ci/deploy',
    accountId: '111122223333',
    accessKeyId: 'ASIAEXAMPLE',
  },
  eventTime: '2026-11-21T03:12:58Z',
  eventSource: 's3.amazonaws.com',
  eventName: 'PutObject',
  awsRegion: 'eu-central-1',
  sourceIPAddress: '192.0.2.1',
  userAgent: 'aws-cli',
  requestParameters: { bucketName: 'b' },
  responseElements: null,
  requestID: 'R1',
  eventID: 'e-1',
  readOnly: false,
  resources: [{ ARN: 'arn:aws:s3:::b/k', type: 'AWS::S3::Object', accountId: '111122223333' }],
  eventType: 'AwsApiCall',
  managementEvent: false,
  recipientAccountId: '111122223333',
  eventCategory: 'Data',
};

/** What becomes of a body; it must not be refused. */
export function read(body: string | Buffer, change: Partial<ReadContext> = {}): ReadRecords {
  const result = readRecords(Buffer.from(body as string), { ...context, ...change });
  if (isRefusal(result)) throw new Error(result.message);
  return result;
}

/** The records of the batch. */
export function texts(result: ReadRecords): string[] {
  return result.batch.records.map(({ start, end }) =>
    result.batch.bytes.toString('utf8', start, end),
  );
}
