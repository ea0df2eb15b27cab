import {
  CreateTrailCommand,
  DeleteTrailCommand,
  ListTrailsCommand,
} from '@aws-sdk/client-cloudtrail';
import { describe, expect, test } from 'vitest';
import { codeOf, sdkClient } from '../../support/sdk-client.ts';
import { auditArn, startWithTrail } from '../../support/start-with-trail.ts';

const audit = { TrailARN: auditArn, Name: 'audit', HomeRegion: 'us-east-1' };

describe('malformed', () => {
  test('a token that is no text cannot be read', async () => {
    const { client } = await startWithTrail();
    expect(await codeOf(client.send(new ListTrailsCommand({ NextToken: 7 as never })))).toBe(
      'SerializationException',
    );
  });
});

describe('constrained', () => {
  test.each(['', 'made up', 'a'.repeat(10_000)])('%j is no token of ours', async (NextToken) => {
    const { client } = await startWithTrail();
    expect(await codeOf(client.send(new ListTrailsCommand({ NextToken })))).toBe(
      'ValidationException',
    );
  });
});

describe('behaves', () => {
  test('the trails of every Region are listed, in every Region', async () => {
    const { client, elsewhere } = await startWithTrail();
    await elsewhere.send(new CreateTrailCommand({ Name: 'local', S3BucketName: 'logs' }));
    const local = {
      TrailARN: 'arn:aws:cloudtrail:eu-west-1:123456789012:trail/local',
      Name: 'local',
      HomeRegion: 'eu-west-1',
    };
    for (const one of [client, elsewhere]) {
      expect((await one.send(new ListTrailsCommand({}))).Trails).toEqual([local, audit]);
    }
  });

  test('a trail is in the list as soon as it is created and gone as soon as it is deleted', async () => {
    const { client } = await startWithTrail();
    expect((await client.send(new ListTrailsCommand({}))).Trails).toEqual([audit]);
    await client.send(new DeleteTrailCommand({ Name: 'audit' }));
    expect((await client.send(new ListTrailsCommand({}))).Trails).toEqual([]);
  });

  test('another account has a list of its own', async () => {
    const { engine } = await startWithTrail();
    const stranger = sdkClient(engine, { account: '210987654321' });
    expect((await stranger.send(new ListTrailsCommand({}))).Trails).toEqual([]);
  });

  test('more than a hundred trails come in pages', async () => {
    const { engine, client } = await startWithTrail();
    const regions = Array.from({ length: 22 }, (_, index) => `xx-south-${index + 1}`);
    for (const region of regions) {
      const there = sdkClient(engine, { region });
      for (const Name of ['one', 'two', 'three', 'four', 'five']) {
        await there.send(new CreateTrailCommand({ Name, S3BucketName: 'logs' }));
      }
    }
    const first = await client.send(new ListTrailsCommand({}));
    const { NextToken } = first;
    const second = await client.send(new ListTrailsCommand({ NextToken }));
    const arns = [...first.Trails!, ...second.Trails!].map((trail) => trail.TrailARN);
    expect(first.Trails).toHaveLength(100);
    expect(second.NextToken).toBeUndefined();
    expect(new Set(arns).size).toBe(111);
    const stranger = sdkClient(engine, { account: '210987654321' });
    expect(await codeOf(stranger.send(new ListTrailsCommand({ NextToken })))).toBe(
      'ValidationException',
    );
  });
});
