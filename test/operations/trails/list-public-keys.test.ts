import { createHash, createPublicKey } from 'node:crypto';
import { ListPublicKeysCommand, type ListPublicKeysCommandInput } from '@aws-sdk/client-cloudtrail';
import { describe, expect, test } from 'vitest';
import { codeOf } from '../../support/sdk-client.ts';
import { testStart } from '../../support/start-test-engine.ts';
import { startWithTrail } from '../../support/start-with-trail.ts';

const hour = 3_600_000;
const day = 24 * hour;
const time = (offset: number) => new Date(testStart + offset);

async function start() {
  const { engine, client, elsewhere } = await startWithTrail();
  const list = async (input: ListPublicKeysCommandInput = {}, from = client) =>
    (await from.send(new ListPublicKeysCommand(input))).PublicKeyList ?? [];
  return { engine, client, elsewhere, list };
}

describe('malformed', () => {
  test('a time that is none cannot be read', async () => {
    const { client } = await start();
    const command = new ListPublicKeysCommand({ NextToken: {} as never });
    expect(await codeOf(client.send(command))).toBe('SerializationException');
  });
});

describe('constrained', () => {
  test('the start must not be after the end', async () => {
    const { client } = await start();
    const command = new ListPublicKeysCommand({ StartTime: time(1000), EndTime: time(0) });
    expect(await codeOf(client.send(command))).toBe('InvalidTimeRangeException');
  });

  test('a token is never ours: all keys come on one page', async () => {
    const { client } = await start();
    const command = new ListPublicKeysCommand({ NextToken: 'token' });
    expect(await codeOf(client.send(command))).toBe('InvalidTokenException');
  });
});

describe('behaves', () => {
  test('a key is PKCS#1, and its fingerprint is the MD5 of these bytes', async () => {
    const { list } = await start();
    const [key] = await list();
    const der = Buffer.from(key!.Value!);
    const read = createPublicKey({ key: der, format: 'der', type: 'pkcs1' });
    expect(read.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(key!.Fingerprint).toBe(createHash('md5').update(der).digest('hex'));
    expect(key!.ValidityStartTime!.getTime()).toBeLessThanOrEqual(testStart);
    expect(key!.ValidityEndTime!.getTime()).toBeGreaterThan(testStart);
  });

  test('there is a key before anything was signed, also for hours to come', async () => {
    const { list } = await start();
    expect(await list()).toHaveLength(1);
    expect(await list({ StartTime: time(-hour), EndTime: time(2 * hour) })).toHaveLength(1);
    expect(await list({ StartTime: time(0), EndTime: time(20 * day) })).not.toHaveLength(0);
  });

  test('the same key is answered each time, another one in another Region', async () => {
    const { list, elsewhere } = await start();
    const [one] = await list();
    expect(await list()).toEqual([one]);
    expect((await list({}, elsewhere))[0]?.Fingerprint).not.toBe(one?.Fingerprint);
  });

  test('no key was valid long before there was one', async () => {
    const { list } = await start();
    await list();
    expect(await list({ StartTime: time(-90 * day), EndTime: time(-80 * day) })).toEqual([]);
  });

  test('keys are kept when others have followed', async () => {
    const { engine, list } = await start();
    const [first] = await list();
    engine.clock.advance((45 * day) / 1000);
    const [second] = await list();
    expect(second?.Fingerprint).not.toBe(first?.Fingerprint);
    const all = await list({ StartTime: time(0), EndTime: time(45 * day) });
    expect(all.map((key) => key.Fingerprint)).toEqual(
      expect.arrayContaining([first?.Fingerprint, second?.Fingerprint]),
    );
  });
});
