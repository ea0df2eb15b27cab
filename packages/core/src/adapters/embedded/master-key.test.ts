import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { masterKey, seal, unseal } from './master-key.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'master-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the master key', () => {
  test('is made once, for its owner only, and found again', async () => {
    const file = join(folder, 'master.key');
    const key = masterKey(file);
    const made = await Promise.all([key.getOrMake(yes), key.getOrMake(yes)]);
    expect(made[0]).toEqual(made[1]);
    expect(await masterKey(file).get()).toEqual(made[0]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('is not made up when it is only asked for, or something is sealed already', async () => {
    const key = masterKey(join(folder, 'master.key'));
    await expect(key.get()).rejects.toThrow(/is missing/);
    await expect(key.getOrMake(async () => false)).rejects.toThrow(/is missing/);
    expect(await key.getOrMake(yes)).toHaveLength(32);
  });

  test('is not read from a file that holds something else', async () => {
    writeFileSync(join(folder, 'master.key'), 'c2hvcnQ=');
    await expect(masterKey(join(folder, 'master.key')).get()).rejects.toThrow(/32 bytes/);
  });
});

describe('a sealed secret', () => {
  const key = randomBytes(32);
  const sealed = seal(key, 'key of a', Buffer.from('secret'));

  test('opens with its key and context', () => {
    expect(unseal(key, 'key of a', sealed).toString()).toBe('secret');
    expect(seal(key, 'key of a', Buffer.from('secret'))).not.toEqual(sealed);
  });

  test.each([
    ['another key', () => unseal(randomBytes(32), 'key of a', sealed)],
    ['another context', () => unseal(key, 'key of b', sealed)],
    ['other data', () => unseal(key, 'key of a', { ...sealed, data: 'c2VjcmV0' })],
    ['a short tag', () => unseal(key, 'key of a', { ...sealed, tag: sealed.tag.slice(0, 8) })],
  ])('stays shut for %s', (_, attempt) => {
    expect(attempt).toThrow();
  });
});

async function yes(): Promise<boolean> {
  return true;
}
