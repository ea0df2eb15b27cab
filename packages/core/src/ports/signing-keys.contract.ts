import { createHash, createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { SigningKeys } from './signing-keys.ts';

const hour = 3_600_000;
const day = 24 * hour;
const at = Date.UTC(2026, 9, 5, 12, 30);
const bytes = Buffer.from('2026-10-05T12:00:00Z\nbucket/key\nabc\nnull');

/** What every keeper of signing keys promises. `make` gives one that holds no keys. */
export function signingKeysContract(name: string, make: () => Promise<SigningKeys>): void {
  describe(`${name}, as signing keys`, () => {
    test('sign so that the listed public key verifies', async () => {
      const keys = await make();
      const { signature, fingerprint } = await keys.sign('us-east-1', at, bytes);
      const listed = await keys.list('us-east-1', at, at);
      const facts = listed.find((key) => key.fingerprint === fingerprint)!;
      const publicKey = createPublicKey({ key: facts.value, format: 'der', type: 'pkcs1' });
      expect(signature).toMatch(/^[0-9a-f]{512}$/);
      expect(verify('RSA-SHA256', bytes, publicKey, Buffer.from(signature, 'hex'))).toBe(true);
    });

    test('give PKCS#1 DER, its MD5 as fingerprint, and 30 days of validity', async () => {
      const keys = await make();
      const fingerprint = await keys.activeFingerprint('eu-west-1', at);
      const [facts] = await keys.list('eu-west-1', at, at);
      expect(facts?.value.toString('base64').slice(0, 11)).toBe('MIIBCgKCAQE');
      expect(createHash('md5').update(facts!.value).digest('hex')).toBe(fingerprint);
      expect(facts!.validityEnd - facts!.validityStart).toBe(30 * day);
    });

    test('sign with the key whose fingerprint was told, again and again', async () => {
      const keys = await make();
      const told = await keys.activeFingerprint('us-east-1', at);
      const first = await keys.sign('us-east-1', at, bytes);
      expect(first.fingerprint).toBe(told);
      expect(await keys.sign('us-east-1', at, bytes)).toEqual(first);
    });

    test('make one key when many ask at once', async () => {
      const keys = await make();
      const asked = Array.from({ length: 10 }, () => keys.activeFingerprint('us-east-1', at));
      expect(new Set(await Promise.all(asked)).size).toBe(1);
      expect(await keys.list('us-east-1', 0, Number.MAX_SAFE_INTEGER)).toHaveLength(1);
    });

    test('have keys of their own in each Region', async () => {
      const keys = await make();
      const here = await keys.activeFingerprint('us-east-1', at);
      expect(await keys.list('us-west-2', 0, Number.MAX_SAFE_INTEGER)).toEqual([]);
      expect(await keys.activeFingerprint('us-west-2', at)).not.toBe(here);
    });

    test('list a key for every hour that it signs for, and the hour before', async () => {
      const keys = await make();
      for (const time of [at, at + 9 * day, at + 24 * day, at + 26 * day]) {
        const fingerprint = await keys.activeFingerprint('us-east-1', time);
        const listed = await keys.list('us-east-1', time - hour, time - hour);
        expect(listed.map((key) => key.fingerprint)).toContain(fingerprint);
      }
    });

    test('overlap from one key to the next', async () => {
      const keys = await make();
      for (let time = at; time < at + 80 * day; time += 5 * day) {
        await keys.activeFingerprint('us-east-1', time);
      }
      const listed = await keys.list('us-east-1', 0, Number.MAX_SAFE_INTEGER);
      expect(listed.length).toBeGreaterThanOrEqual(3);
      for (const [n, key] of listed.slice(1).entries()) {
        expect(key.validityStart).toBeLessThan(listed[n]!.validityEnd);
        expect(key.validityStart).toBeGreaterThan(listed[n]!.validityStart);
      }
    });

    test('list the keys whose validity touches the range, and no other', async () => {
      const keys = await make();
      await keys.activeFingerprint('us-east-1', at);
      const [key] = await keys.list('us-east-1', at, at);
      const { validityStart: start, validityEnd: end } = key!;
      expect(await keys.list('us-east-1', 0, start)).toEqual([key]);
      expect(await keys.list('us-east-1', end, end + 20 * day)).toEqual([key]);
      expect(await keys.list('us-east-1', 0, start - 1)).toEqual([]);
      expect(await keys.list('us-east-1', end + 1, end + day)).toEqual([]);
    });

    test('find the same keys again when time jumps back and forth', async () => {
      const keys = await make();
      const times = [at, at + 400 * day, at - 4000 * day, at + 13 * day];
      const ask = () => Promise.all(times.map((time) => keys.activeFingerprint('us-east-1', time)));
      expect(await ask()).toEqual(await ask());
      for (const time of times) {
        const listed = await keys.list('us-east-1', time, time);
        const fingerprint = await keys.activeFingerprint('us-east-1', time);
        expect(listed.map((key) => key.fingerprint)).toContain(fingerprint);
      }
    });
  });
}
