import {
  type EventSelector,
  GetEventSelectorsCommand,
  GetTrailCommand,
  PutEventSelectorsCommand,
  type PutEventSelectorsCommandInput,
} from '@aws-sdk/client-cloudtrail';
import { describe, expect, test } from 'vitest';
import { codeOf, refusalOf, sdkClient, shown } from '../../support/sdk-client.ts';
import { absentArn, auditArn, startWithTrail } from '../../support/start-with-trail.ts';

const put = (input: Partial<PutEventSelectorsCommandInput>) =>
  new PutEventSelectorsCommand({ TrailName: 'audit', ...input });
const management = { FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] };
const all: EventSelector = { ReadWriteType: 'All', IncludeManagementEvents: true };
const stored = { ...all, DataResources: [], ExcludeManagementEventSources: [] };
const s3 = (...Values: readonly string[]): EventSelector => ({
  ...all,
  DataResources: [{ Type: 'AWS::S3::Object', Values: [...Values] }],
});

describe('malformed', () => {
  test('without a trail the request is not valid', async () => {
    const { client } = await startWithTrail();
    expect(await codeOf(client.send(put({ TrailName: undefined })))).toBe('ValidationException');
  });

  test('a selector that is no structure cannot be read', async () => {
    const { client } = await startWithTrail();
    expect(await codeOf(client.send(put({ EventSelectors: ['All'] as never })))).toBe(
      'SerializationException',
    );
  });
});

describe('constrained', () => {
  test.each<[string, Partial<PutEventSelectorsCommandInput>]>([
    ['none', {}],
    ['an empty list', { EventSelectors: [] }],
    ['both kinds', { EventSelectors: [all], AdvancedEventSelectors: [management] }],
    ['six selectors', { EventSelectors: Array.from({ length: 6 }, () => all) }],
    ['an unknown type', { EventSelectors: [{ ReadWriteType: 'Any' as never }] }],
    ['another source', { EventSelectors: [{ ...all, ExcludeManagementEventSources: ['a'] }] }],
    ['an advanced selector of nothing', { AdvancedEventSelectors: [{ FieldSelectors: [] }] }],
    [
      'an advanced selector without a category',
      { AdvancedEventSelectors: [{ FieldSelectors: [{ Field: 'readOnly', Equals: ['true'] }] }] },
    ],
  ])('%s is refused', async (_, input) => {
    const { client } = await startWithTrail();
    expect(await codeOf(client.send(put(input)))).toBe('InvalidEventSelectorsException');
  });

  test('a value with a star is told of in the words of the service', async () => {
    const { client } = await startWithTrail();
    const command = put({ EventSelectors: [s3('arn:aws:s3:::*')] });
    expect(await refusalOf(client.send(command))).toEqual([
      'InvalidEventSelectorsException',
      'Value arn:aws:s3:::* for DataResources.Values is invalid.',
    ]);
  });

  test('a trail that is not there is named by its ARN', async () => {
    const { client } = await startWithTrail();
    const command = put({ TrailName: 'absent', EventSelectors: [all] });
    expect(await refusalOf(client.send(command))).toEqual([
      'TrailNotFoundException',
      `Unknown trail: ${absentArn} for the user: 123456789012`,
    ]);
  });

  test('another Region and another account may not', async () => {
    const { engine, elsewhere } = await startWithTrail({ IsMultiRegionTrail: true });
    const stranger = sdkClient(engine, { account: '210987654321' });
    const command = put({ TrailName: auditArn, EventSelectors: [all] });
    expect(await codeOf(elsewhere.send(command))).toBe('InvalidHomeRegionException');
    expect(await codeOf(stranger.send(command))).toBe('TrailNotFoundException');
  });
});

describe('behaves', () => {
  test('no advanced selectors any more: the default ones are in force again', async () => {
    const { client } = await startWithTrail();
    await client.send(put({ AdvancedEventSelectors: [management] }));
    const { EventSelectors, ...rest } = await client.send(put({ AdvancedEventSelectors: [] }));
    expect(EventSelectors).toEqual([stored]);
    expect(rest.AdvancedEventSelectors).toBeUndefined();
  });

  test('no advanced selectors on a trail with basic ones changes nothing', async () => {
    const { client } = await startWithTrail();
    const { EventSelectors: before } = await client.send(
      put({ EventSelectors: [{ ...all, ReadWriteType: 'WriteOnly' }] }),
    );
    const { EventSelectors } = await client.send(put({ AdvancedEventSelectors: [] }));
    expect(EventSelectors).toEqual(before);
  });

  test('basic selectors are answered with their defaults', async () => {
    const { client } = await startWithTrail();
    const answer = await client.send(put({ EventSelectors: [{}] }));
    expect(shown(answer)).toEqual({ TrailARN: auditArn, EventSelectors: [stored] });
  });

  test('advanced selectors are answered as they were given', async () => {
    const { client } = await startWithTrail();
    const named = { Name: 'all management events', ...management };
    const answer = await client.send(put({ AdvancedEventSelectors: [named] }));
    expect(shown(answer)).toEqual({ TrailARN: auditArn, AdvancedEventSelectors: [named] });
    const got = await client.send(new GetEventSelectorsCommand({ TrailName: 'audit' }));
    expect(shown(got)).toEqual(shown(answer));
  });

  test('one kind takes the place of the other', async () => {
    const { client } = await startWithTrail();
    await client.send(put({ AdvancedEventSelectors: [management] }));
    await client.send(put({ EventSelectors: [s3('arn:aws:s3:::bucket/')] }));
    const got = await client.send(new GetEventSelectorsCommand({ TrailName: auditArn }));
    expect(shown(got)).toEqual({
      TrailARN: auditArn,
      EventSelectors: [{ ...stored, ...s3('arn:aws:s3:::bucket/') }],
    });
  });

  test('the default selector, put back, is not custom', async () => {
    const { client } = await startWithTrail();
    const custom = async () =>
      (await client.send(new GetTrailCommand({ Name: 'audit' }))).Trail?.HasCustomEventSelectors;
    await client.send(put({ EventSelectors: [s3('arn:aws:s3')] }));
    expect(await custom()).toBe(true);
    await client.send(put({ EventSelectors: [stored] }));
    expect(await custom()).toBe(false);
  });
});
