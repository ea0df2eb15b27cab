import { randomUUID } from 'node:crypto';
import {
  CreateTrailCommand,
  type CreateTrailCommandInput,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { devLevers } from './dev-levers.ts';
import { cloudTrailOf, s3Of } from './sdk-clients.ts';

/**
 * A bucket and a trail that logs and validates, for tests that are about what comes after. Every
 * test has an account of its own, since an account has five trails at most.
 */
export async function loggedTrail(
  endpoint: string,
  account: string,
  more: Partial<CreateTrailCommandInput> = {},
): Promise<LoggedTrail> {
  const name = more.Name ?? 'audit';
  const bucket = `logs-of-${account}`;
  const client = cloudTrailOf(endpoint, account);
  await s3Of(endpoint, account).send(new CreateBucketCommand({ Bucket: bucket }));
  const from = new Date((await devLevers(endpoint).now()).getTime() - 60_000);
  const made = await client.send(
    new CreateTrailCommand({
      Name: name,
      S3BucketName: bucket,
      EnableLogFileValidation: true,
      ...more,
    }),
  );
  await client.send(new StartLoggingCommand({ Name: name }));
  return { account, name, bucket, client, from, arn: made.TrailARN ?? '' };
}

export interface LoggedTrail {
  readonly account: string;
  readonly name: string;
  readonly bucket: string;
  readonly arn: string;
  readonly client: ReturnType<typeof cloudTrailOf>;
  /** A minute before the trail was made. */
  readonly from: Date;
}

/** For every hour: some records of every account, delivered, digested, and the clock moved on. */
export async function hoursGoBy(
  endpoint: string,
  accounts: readonly string[],
  hours: number,
): Promise<void> {
  const levers = devLevers(endpoint);
  for (let hour = 0; hour < hours; hour += 1) {
    const now = await levers.now();
    await levers.events(accounts.flatMap((account) => recordsOf(account, now)));
    await levers.flush(true);
    await levers.advance(3600);
  }
  await levers.flush(true);
}

const recordsEach = 3;

export function recordsOf(account: string, now: Date, awsRegion = 'us-east-1') {
  return Array.from({ length: recordsEach }, (_, index) => ({
    eventVersion: '1.11',
    eventID: randomUUID(),
    eventTime: `${now.toISOString().slice(0, 19)}Z`,
    eventSource: 'ec2.amazonaws.com',
    eventName: index % 2 === 0 ? 'RunInstances' : 'DescribeInstances',
    awsRegion,
    sourceIPAddress: '192.0.2.7',
    userAgent: 'aws-cli/2.31.0',
    userIdentity: {
      type: 'IAMUser',
      principalId: 'AIDAEXAMPLE',
      accountId: account,
      arn: `arn:aws:iam::${account}:user/alice`,
      accessKeyId: 'AKIAEXAMPLE',
      userName: 'alice',
    },
    requestParameters: { instanceId: `i-${index}` },
    responseElements: null,
    readOnly: index % 2 !== 0,
    recipientAccountId: account,
  }));
}
