import {
  CreateTrailCommand,
  GetTrailStatusCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { describe, expect, test } from 'vitest';
import {
  chainName,
  flush,
  hourSeconds,
  idOf,
  read,
  startLogging,
  times,
} from '../support/logging-trail.ts';
import {
  dataRecord,
  eventTimeOf,
  insightRecord,
  managementRecord,
  networkRecord,
} from '../support/records.ts';
import { sdkClient } from '../support/sdk-client.ts';
import type { TestEngine } from '../support/start-test-engine.ts';
import { startWithTrail } from '../support/start-with-trail.ts';
import { sealedFiles } from '../support/verify-bucket.ts';

test('hour by hour every record is in one file, and every file in one digest', async () => {
  const { engine } = await startLogging();
  const sent: string[] = [];
  for (let step = 0; step < 36; step += 1) {
    engine.clock.advance(300);
    const records = [managementRecord(), managementRecord()];
    sent.push(...records.map(idOf));
    await engine.accept(...records);
    await flush(engine, false);
  }
  engine.clock.advance(hourSeconds);
  await flush(engine, false);
  const { ids, chains, logFiles } = await read(engine);
  expect([...ids].sort()).toEqual(sent.sort());
  expect(times(chains)).toEqual([
    ['05:06:07', '06:06:07', 'begins'],
    ['06:06:07', '07:06:07', 'follows'],
    ['07:06:07', '08:06:07', 'follows'],
    ['08:06:07', '09:06:07', 'follows'],
  ]);
  expect([...sealedFiles(chains.values())].sort()).toEqual(logFiles.map((file) => file.key).sort());
});

describe('what a trail delivers', () => {
  const there = { awsRegion: 'eu-west-1' };
  const theirs = { recipientAccountId: '333333333333' };

  test('a single-Region trail: its Region and its account', async () => {
    const { engine } = await startLogging();
    const own = managementRecord();
    await engine.accept(own, managementRecord(there), managementRecord(theirs));
    await flush(engine);
    const { ids, chains } = await read(engine);
    expect(ids).toEqual([idOf(own)]);
    expect([...chains.keys()]).toEqual([chainName('us-east-1')]);
  });

  test('a multi-Region trail: every Region, each in its own folder and chain', async () => {
    const { engine } = await startLogging({ IsMultiRegionTrail: true });
    const records = [managementRecord(), managementRecord(there)];
    await engine.accept(...records, managementRecord(theirs));
    engine.clock.advance(60);
    await flush(engine);
    const { ids, chains } = await read(engine);
    expect([...ids].sort()).toEqual(records.map(idOf).sort());
    expect([...chains.keys()].sort()).toEqual([chainName('eu-west-1'), chainName('us-east-1')]);
  });

  test('a prefix stands before everything', async () => {
    const { engine } = await startLogging({ S3KeyPrefix: 'a/b' });
    await engine.accept(managementRecord());
    engine.clock.advance(60);
    await flush(engine);
    const { logFiles, chains } = await read(engine);
    expect(logFiles.map((file) => file.prefix)).toEqual(['a/b']);
    expect([...chains.keys()]).toEqual(['a/b  123456789012 us-east-1 audit us-east-1']);
  });

  test('data events that are selected, and no others', async () => {
    const { engine, client } = await startLogging();
    const DataResources = [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::wanted/'] }];
    const EventSelectors = [{ IncludeManagementEvents: false, DataResources }];
    await client.send(new PutEventSelectorsCommand({ TrailName: 'audit', EventSelectors }));
    const wanted = dataRecord('wanted');
    await engine.accept(wanted, dataRecord('unwanted'), managementRecord());
    await flush(engine);
    expect((await read(engine)).ids).toEqual([idOf(wanted)]);
  });

  test('selectors as they stood when a record was accepted', async () => {
    const { engine, client } = await startLogging();
    const before = managementRecord();
    const after = managementRecord();
    await engine.accept(before);
    const EventSelectors = [{ ReadWriteType: 'ReadOnly' as const }];
    await client.send(new PutEventSelectorsCommand({ TrailName: 'audit', EventSelectors }));
    await engine.accept(after);
    await flush(engine);
    expect((await read(engine)).ids).toEqual([idOf(before)]);
  });

  test('network activity and Insights events, in folders of their own', async () => {
    const { engine, client } = await startLogging();
    const category = (Equals: string[]) => ({ Field: 'eventCategory', Equals });
    const source = { Field: 'eventSource', Equals: ['kms.amazonaws.com'] };
    const AdvancedEventSelectors = [
      { FieldSelectors: [category(['Management'])] },
      { FieldSelectors: [category(['NetworkActivity']), source] },
    ];
    await client.send(new PutEventSelectorsCommand({ TrailName: 'audit', AdvancedEventSelectors }));
    const records = [managementRecord(), networkRecord(), insightRecord()];
    await engine.accept(...records);
    await flush(engine);
    const { logFiles, ids } = await read(engine);
    expect([...ids].sort()).toEqual(records.map(idOf).sort());
    expect(new Set(logFiles.map((file) => file.folder))).toEqual(
      new Set(['CloudTrail', 'CloudTrail-NetworkActivity', 'CloudTrail-Insight']),
    );
  });

  test('an organization trail: every account of the organization, under its id', async () => {
    const organization = {
      id: 'o-exampleorg1',
      managementAccountId: '123456789012',
      accounts: [{ id: '333333333333' }],
    };
    const { engine } = await startWithTrail({}, { settings: { organization } });
    await engine.bucket('org-logs');
    const client = sdkClient(engine);
    const trail = { Name: 'org', S3BucketName: 'org-logs', IsOrganizationTrail: true };
    await client.send(new CreateTrailCommand({ ...trail, EnableLogFileValidation: true }));
    await client.send(new StartLoggingCommand({ Name: 'org' }));
    const records = [managementRecord(), managementRecord(theirs)];
    await engine.accept(...records, managementRecord({ recipientAccountId: '444444444444' }));
    engine.clock.advance(60);
    await flush(engine);
    const { ids, logFiles, chains } = await read(engine, 'org-logs');
    expect([...ids].sort()).toEqual(records.map(idOf).sort());
    expect(new Set(logFiles.map((file) => file.organizationId))).toEqual(
      new Set(['o-exampleorg1']),
    );
    expect([...chains.keys()].sort()).toEqual([
      ' o-exampleorg1 123456789012 us-east-1 org us-east-1',
      ' o-exampleorg1 333333333333 us-east-1 org us-east-1',
    ]);
  });
});

test('two trails that deliver to one bucket each have a file of each record', async () => {
  const { engine, client } = await startLogging();
  const second = { Name: 'second', S3BucketName: 'logs', EnableLogFileValidation: true };
  await client.send(new CreateTrailCommand(second));
  await client.send(new StartLoggingCommand({ Name: 'second' }));
  const record = managementRecord();
  await engine.accept(record);
  engine.clock.advance(60);
  await flush(engine);
  const { ids, chains } = await read(engine);
  expect(ids).toEqual([idOf(record), idOf(record)]);
  const sealed = [...chains.values()].map((digests) => new Set(sealedFiles([digests])));
  expect(sealed).toHaveLength(2);
  expect([...sealed[0]!].filter((key) => sealed[1]!.has(key))).toEqual([]);
});

test('a bucket that was gone gets everything once it is back, and nothing twice', async () => {
  const { engine, client } = await startLogging();
  const sent: string[] = [];
  const send = async (count: number) => {
    const records = Array.from({ length: count }, () => managementRecord());
    sent.push(...records.map(idOf));
    await engine.accept(...records);
  };
  expect(await engine.buckets.deleteBucket('logs')).toBeUndefined();
  for (let step = 0; step < 3; step += 1) {
    await send(2);
    engine.clock.advance(hourSeconds);
    expect((await flush(engine)).owing).toBe(1);
  }
  const status = new GetTrailStatusCommand({ Name: 'audit' });
  expect(await client.send(status)).toMatchObject({
    LatestDeliveryError: 'NoSuchBucket',
    LatestDigestDeliveryError: 'NoSuchBucket',
  });
  await engine.bucket('logs');
  await send(2);
  expect((await flush(engine)).owing).toBe(0);
  engine.clock.advance(hourSeconds);
  await flush(engine);
  const { ids, chains, logFiles } = await read(engine);
  expect([...ids].sort()).toEqual(sent.sort());
  expect([...sealedFiles(chains.values())].sort()).toEqual(logFiles.map((file) => file.key).sort());
  const healed = await client.send(status);
  expect(healed.LatestDeliveryError).toBeUndefined();
  expect(healed.LatestDigestDeliveryError).toBeUndefined();
});

test('between any two steps the engine may be closed and opened again', async () => {
  let { engine } = await startLogging({ IsMultiRegionTrail: true });
  const sent: string[] = [];
  const steps: ((engine: TestEngine, round: number) => Promise<unknown>)[] = [
    async (open, round) => {
      const awsRegion = round % 2 === 0 ? 'us-east-1' : 'eu-west-1';
      const eventTime = eventTimeOf(open.clock.now());
      const records = [managementRecord({ awsRegion, eventTime }), managementRecord({ eventTime })];
      sent.push(...records.map(idOf));
      await open.accept(...records);
    },
    (open) => flush(open, false),
    async (open) => void open.clock.advance(hourSeconds),
    (open) => flush(open),
  ];
  for (let round = 0; round < 3; round += 1) {
    for (const step of steps) {
      await step(engine, round);
      engine = await engine.reopen();
    }
  }
  const { ids, chains, logFiles } = await read(engine);
  expect([...ids].sort()).toEqual(sent.sort());
  for (const region of ['us-east-1', 'eu-west-1']) {
    expect(times(chains, region)).toEqual([
      ['05:06:07', '06:06:07', 'begins'],
      ['06:06:07', '07:06:07', 'follows'],
      ['07:06:07', '08:06:07', 'follows'],
    ]);
  }
  expect([...sealedFiles(chains.values())].sort()).toEqual(logFiles.map((file) => file.key).sort());
  expect(engine.failures).toEqual([]);
});
