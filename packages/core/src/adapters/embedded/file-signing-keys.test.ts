import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signingKeysContract } from '../../ports/signing-keys.contract.ts';
import { fileSigningKeys, generateRsaKeyPair, type KeyPair } from './file-signing-keys.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keys-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

signingKeysContract('Files', async () => fileSigningKeys(folder, { generate: pooled() }));

describe('signing key files', () => {
  const at = Date.UTC(2026, 9, 5);
  const bytes = Buffer.from('to sign');

  test('are found again after a restart', async () => {
    const before = await fileSigningKeys(folder, { generate: pooled() }).sign(
      'us-east-1',
      at,
      bytes,
    );
    const after = fileSigningKeys(folder, { generate: neverAgain });
    expect(await after.sign('us-east-1', at, bytes)).toEqual(before);
  });

  test('are made with RSA-2048 when nothing else is said', async () => {
    const { signature } = await fileSigningKeys(folder).sign('us-east-1', at, bytes);
    expect(signature).toHaveLength(512);
  });

  test('can be read by their owner only and hold no private key in the clear', async () => {
    await fileSigningKeys(folder, { generate: pooled() }).sign('us-east-1', at, bytes);
    const [name] = await readdir(join(folder, 'us-east-1'));
    const path = join(folder, 'us-east-1', name!);
    for (const file of [path, join(folder, 'master.key')]) {
      expect(statSync(file).mode & 0o777).toBe(0o600);
    }
    expect(statSync(join(folder, 'us-east-1')).mode & 0o777).toBe(0o700);
    const { privateKey } = await pooled()();
    const secret = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
    expect(readFileSync(path, 'utf8')).not.toContain(secret.slice(40, 200));
  });

  test('open with the master key that sealed them, and with no other', async () => {
    const masterKey = randomBytes(32);
    const made = await fileSigningKeys(folder, { masterKey, generate: pooled() }).sign(
      'us-east-1',
      at,
      bytes,
    );
    expect(await fileSigningKeys(folder, { masterKey }).sign('us-east-1', at, bytes)).toEqual(made);
    const other = fileSigningKeys(folder, { masterKey: randomBytes(32) });
    await expect(other.sign('us-east-1', at, bytes)).rejects.toThrow(/with this master key/);
    expect(await other.list('us-east-1', at, at)).toHaveLength(1);
    expect(() => fileSigningKeys(folder, { masterKey: randomBytes(31) })).toThrow(/32 bytes/);
  });

  test('are not replaced when the master key is lost', async () => {
    await fileSigningKeys(folder, { generate: pooled() }).sign('us-east-1', at, bytes);
    rmSync(join(folder, 'master.key'));
    const keys = fileSigningKeys(folder, { generate: pooled() });
    await expect(keys.sign('us-east-1', at, bytes)).rejects.toThrow(/master.key is missing/);
    await expect(keys.sign('eu-west-1', at, bytes)).rejects.toThrow(/master.key is missing/);
  });

  test('do not pass as the keys of another Region', async () => {
    await fileSigningKeys(folder, { generate: pooled() }).sign('us-east-1', at, bytes);
    cpSync(join(folder, 'us-east-1'), join(folder, 'us-east-2'), { recursive: true });
    const keys = fileSigningKeys(folder, { generate: pooled() });
    await expect(keys.list('us-east-2', at, at)).rejects.toThrow(/does not hold the key/);
  });

  test('that are damaged are named', async () => {
    await fileSigningKeys(folder, { generate: pooled() }).sign('us-east-1', at, bytes);
    const [name] = await readdir(join(folder, 'us-east-1'));
    const path = join(folder, 'us-east-1', name!);
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('"publicKey": "MIIB', '"publicKey": "NIIB'),
    );
    const keys = fileSigningKeys(folder);
    await expect(keys.list('us-east-1', at, at)).rejects.toThrow(path);
    writeFileSync(path, '{');
    await expect(keys.list('us-east-1', at, at)).rejects.toThrow(path);
  });

  test('are tried again after a failure', async () => {
    let failures = 1;
    const generate = pooled();
    const keys = fileSigningKeys(folder, {
      generate: async () => {
        if (failures-- > 0) throw new Error('no entropy');
        return generate();
      },
    });
    await expect(keys.activeFingerprint('us-east-1', at)).rejects.toThrow('no entropy');
    expect(await keys.activeFingerprint('us-east-1', at)).toMatch(/^[0-9a-f]{32}$/);
  });

  test.each(['../etc', 'US-EAST-1', '', 'a/b'])(
    'are never sought in a Region named %j',
    async (region) => {
      await expect(async () => fileSigningKeys(folder).list(region, at, at)).rejects.toThrow(
        /not a Region name/,
      );
    },
  );
});

const pool: Promise<KeyPair>[] = [];

/** Pairs made once for the whole file: a pair costs 0.1 s. */
function pooled(): () => Promise<KeyPair> {
  let next = 0;
  return () => {
    pool[next] ??= generateRsaKeyPair();
    return pool[next++]!;
  };
}

function neverAgain(): Promise<KeyPair> {
  throw new Error('a second key was made');
}
