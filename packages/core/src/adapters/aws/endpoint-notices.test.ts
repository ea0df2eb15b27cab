import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Neighbours } from '../../ports/neighbours.ts';
import { noticesContract } from '../../ports/notices.contract.ts';
import { cloudwatchLogGroups, cloudwatchLogsNotices } from './cloudwatch-logs-notices.ts';
import { startEndpoint } from './endpoint.fixture.ts';
import { snsNotices, snsTopics } from './sns-notices.ts';

const topicArn = 'arn:aws:sns:us-east-1:123456789012:trails';
const logGroupArn = 'arn:aws:logs:us-east-1:123456789012:log-group:trails:*';
const caller = { account: '123456789012', region: 'us-east-1' };

noticesContract('SNS and CloudWatch Logs endpoints', async () => {
  const endpoint = await startEndpoint({ topicArn, logGroup: 'trails' });
  return {
    notices: { ...snsNotices(endpoint.options), ...cloudwatchLogsNotices(endpoint.options) },
    topicArn,
    logGroupArn,
    messages: () => endpoint.messages,
    logEvents: () => endpoint.logEvents,
    fail: () => {
      endpoint.state.failing = true;
    },
    close: endpoint.close,
  };
});

describe('SNS and CloudWatch Logs endpoints', () => {
  let endpoint: Awaited<ReturnType<typeof startEndpoint>>;
  let neighbours: Pick<Neighbours, 'topic' | 'logGroup'>;
  beforeEach(async () => {
    endpoint = await startEndpoint({ topicArn, logGroup: 'trails' });
    neighbours = { ...snsTopics(endpoint.options), ...cloudwatchLogGroups(endpoint.options) };
  });
  afterEach(() => endpoint.close());

  test('know which topics are there, by name and by ARN', async () => {
    const expected = { arn: topicArn, state: 'usable' };
    expect(await neighbours.topic('trails', caller)).toEqual(expected);
    expect(await neighbours.topic(topicArn, caller)).toEqual(expected);
    expect((await neighbours.topic('others', caller)).state).toBe('missing');
    expect((await neighbours.topic('no/topic', caller)).state).toBe('missing');
    endpoint.state.failing = true;
    expect((await neighbours.topic('trails', caller)).state).toBe('denied');
  });

  test('know which log groups are there, by their whole name', async () => {
    expect(await neighbours.logGroup(logGroupArn)).toBe('usable');
    expect(await neighbours.logGroup(logGroupArn.replace('trails', 'trail'))).toBe('missing');
    expect(await neighbours.logGroup('arn:aws:logs:nothing')).toBe('missing');
  });

  test('refuse with the codes that the services give', async () => {
    const notices = { ...snsNotices(endpoint.options), ...cloudwatchLogsNotices(endpoint.options) };
    const unknown = await notices.publish(`${topicArn}2`, 'm');
    expect(unknown).toMatchObject({ code: 'NotFound', message: 'Topic does not exist' });
    const put = { logGroupArn: `${logGroupArn}x`, roleArn: '', logStream: 's' };
    const events = [{ timestamp: 1, message: 'm' }];
    expect(await notices.putLogEvents({ ...put, events })).toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });

  test('take events a day apart in requests of their own', async () => {
    const day = 24 * 3_600_000;
    const events = [0, 1, 2].map((n) => ({ timestamp: n * day, message: 'm' }));
    const put = { logGroupArn, roleArn: '', logStream: 's', events };
    await cloudwatchLogsNotices(endpoint.options).putLogEvents(put);
    expect(endpoint.state.requests).toBe(3 + 2);
  });

  test('that are not there refuse with NetworkError, and give no facts', async () => {
    await endpoint.close();
    const outcome = await snsNotices(endpoint.options).publish(topicArn, 'm');
    expect(outcome).toMatchObject({ outcome: 'refused', code: 'NetworkError' });
    await expect(neighbours.topic('trails', caller)).rejects.toThrow(/ECONNREFUSED/);
    await expect(neighbours.logGroup(logGroupArn)).rejects.toThrow(/ECONNREFUSED/);
  });
});
