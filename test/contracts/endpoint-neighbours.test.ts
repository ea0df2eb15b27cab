import { cloudwatchLogGroups } from '@trailkeep/core/adapters/aws/cloudwatch-logs-notices.ts';
import { startEndpoint } from '@trailkeep/core/adapters/aws/endpoint.fixture.ts';
import { snsTopics } from '@trailkeep/core/adapters/aws/sns-notices.ts';
import { configuredNeighbours } from '@trailkeep/core/adapters/embedded/configured-neighbours.ts';
import { neighboursContract } from '@trailkeep/core/ports/neighbours.contract.ts';
import { afterEach } from 'vitest';

const keyArn = 'arn:aws:kms:us-east-1:123456789012:key/present';
const roleArn = 'arn:aws:iam::123456789012:role/present';
const logGroupArn = 'arn:aws:logs:us-east-1:123456789012:log-group:present:*';
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** As the server composes them: endpoints answer for topics and log groups, lists for the rest. */
neighboursContract('SNS and CloudWatch Logs endpoints, the rest configured', async () => {
  const topicArn = 'arn:aws:sns:us-east-1:123456789012:present';
  const endpoint = await startEndpoint({ topicArn, logGroup: 'present' });
  closing.push(endpoint.close);
  const configured = configuredNeighbours({
    keys: [{ arn: keyArn, aliases: [], enabled: true, permitted: true }],
    roles: [roleArn],
  });
  return {
    neighbours: {
      ...configured,
      ...snsTopics(endpoint.options),
      ...cloudwatchLogGroups(endpoint.options),
    },
    topic: { present: 'present', absent: 'absent' },
    key: { presentArn: keyArn, absentArn: keyArn.replace('present', 'absent') },
    logGroup: { present: logGroupArn, absent: logGroupArn.replace('present', 'absent') },
    role: { present: roleArn, absent: `${roleArn}2` },
  };
});
