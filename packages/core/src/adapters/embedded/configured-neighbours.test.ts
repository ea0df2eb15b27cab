import { describe, expect, test } from 'vitest';
import { neighboursContract } from '../../ports/neighbours.contract.ts';
import { configuredNeighbours } from './configured-neighbours.ts';

const arn = (service: string, resource: string) =>
  `arn:aws:${service}:us-east-1:123456789012:${resource}`;
const role = 'arn:aws:iam::123456789012:role/trail';
const caller = { account: '123456789012', region: 'us-east-1' };
const key = arn('kms', 'key/11111111-2222-3333-4444-555555555555');

neighboursContract('configured without lists', async () => ({
  neighbours: configuredNeighbours(),
  topic: { present: 'trails', absent: 'not/a/topic' },
  key: { presentArn: key, absentArn: 'not a key' },
  logGroup: { present: arn('logs', 'log-group:trails:*'), absent: 'log-group:trails' },
  role: { present: role, absent: 'trail' },
}));

neighboursContract('configured with lists', async () => ({
  neighbours: configuredNeighbours({
    topics: [arn('sns', 'trails')],
    keys: [{ arn: key }],
    logGroups: [arn('logs', 'log-group:trails')],
    roles: [role],
  }),
  topic: { present: 'trails', absent: 'others' },
  key: { presentArn: key, absentArn: arn('kms', 'key/other') },
  logGroup: {
    present: arn('logs', 'log-group:trails:*'),
    absent: arn('logs', 'log-group:others:*'),
  },
  role: { present: role, absent: `${role}2` },
}));

describe('configured neighbours', () => {
  test('an alias stands for one key, by name and by ARN, and another elsewhere', async () => {
    const neighbours = configuredNeighbours();
    const byName = await neighbours.key('alias/trails', caller);
    expect(byName.arn).toMatch(/^arn:aws:kms:us-east-1:123456789012:key\/[0-9a-f-]{36}$/);
    expect(await neighbours.key(arn('kms', 'alias/trails'), caller)).toEqual(byName);
    const elsewhere = await neighbours.key('alias/trails', { ...caller, region: 'cn-north-1' });
    expect(elsewhere.arn).toMatch(/^arn:aws-cn:kms:cn-north-1:/);
    expect(elsewhere.arn.split('/')[1]).not.toBe(byName.arn.split('/')[1]);
  });

  test('a listed key is known by its aliases, in its own account and Region', async () => {
    const neighbours = configuredNeighbours({ keys: [{ arn: key, aliases: ['alias/trails'] }] });
    const found = { arn: key, region: 'us-east-1', state: 'usable' };
    expect(await neighbours.key('alias/trails', caller)).toEqual(found);
    expect(await neighbours.key(arn('kms', 'alias/trails'), caller)).toEqual(found);
    const stranger = { ...caller, account: '999999999999' };
    expect((await neighbours.key('alias/trails', stranger)).state).toBe('missing');
  });

  test('a listed key may be disabled or closed to CloudTrail', async () => {
    const state = async (entry: { enabled?: boolean; permitted?: boolean }) => {
      const neighbours = configuredNeighbours({ keys: [{ arn: key, ...entry }] });
      return (await neighbours.key(key, caller)).state;
    };
    expect(await state({ enabled: false })).toBe('disabled');
    expect(await state({ permitted: false })).toBe('denied');
  });

  test('a topic of another account is usable by ARN', async () => {
    const other = 'arn:aws:sns:eu-west-1:999999999999:trails.fifo';
    const expected = { arn: other, state: 'usable' };
    expect(await configuredNeighbours().topic(other, caller)).toEqual(expected);
  });
});
