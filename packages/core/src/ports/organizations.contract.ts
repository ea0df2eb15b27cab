import { describe, expect, test } from 'vitest';
import type { Organizations } from './organizations.ts';

/** `make` gives an organization of 111111111111 (management) and 222222222222 (member). */
export function organizationsContract(name: string, make: () => Promise<Organizations>): void {
  describe(`organizations: ${name}`, () => {
    test('the management account and its members see the same organization', async () => {
      const organizations = await make();
      const seen = await organizations.of('111111111111');
      expect(await organizations.of('222222222222')).toEqual(seen);
      expect(seen?.managementAccountId).toBe('111111111111');
      expect(seen?.id).toMatch(/^o-[a-z0-9]{10,32}$/);
    });

    test('it lists every account once, the management account too, all named', async () => {
      const accounts = (await (await make()).of('111111111111'))?.accounts ?? [];
      expect(accounts.map((account) => account.id).sort()).toEqual([
        '111111111111',
        '222222222222',
      ]);
      for (const account of accounts) {
        expect(account.name).not.toBe('');
        expect(account.email).toMatch(/@/);
      }
    });

    test('other accounts are in none', async () => {
      const organizations = await make();
      expect(await organizations.of('333333333333')).toBeUndefined();
      expect(await organizations.of('')).toBeUndefined();
    });
  });
}
