import { CreateTrailCommand, type CreateTrailCommandInput } from '@aws-sdk/client-cloudtrail';
import { sdkClient } from './sdk-client.ts';
import { startTestEngine, type TestEngineOptions } from './start-test-engine.ts';

export const account = '123456789012';
export const auditArn = 'arn:aws:cloudtrail:us-east-1:123456789012:trail/audit';
export const absentArn = 'arn:aws:cloudtrail:us-east-1:123456789012:trail/absent';

/** The organization of the tests; its administrators are the first and the second account. */
export const organization = {
  id: 'o-exampleorg1',
  managementAccountId: account,
  accounts: [{ id: '222222222222' }, { id: '333333333333' }],
  delegatedAdministrators: ['222222222222'],
};

/** An engine with the bucket `logs` and the trail `audit` of us-east-1 that delivers to it. */
export async function startWithTrail(
  trail: Partial<CreateTrailCommandInput> = {},
  options: TestEngineOptions = {},
) {
  const engine = await startTestEngine(options);
  await engine.bucket('logs');
  const client = sdkClient(engine);
  await client.send(new CreateTrailCommand({ Name: 'audit', S3BucketName: 'logs', ...trail }));
  const elsewhere = sdkClient(engine, { region: 'eu-west-1' });
  return { engine, client, elsewhere };
}
