import { describe, expect, test } from 'vitest';
import { organizationsContract } from '../../ports/organizations.contract.ts';
import {
  type ConfiguredOrganization,
  configuredOrganizations,
} from './configured-organizations.ts';

const organization: ConfiguredOrganization = {
  id: 'o-abcdefghij',
  managementAccountId: '111111111111',
  accounts: [{ id: '222222222222', name: 'Log archive', email: 'logs@example.org' }],
  delegatedAdministrators: ['222222222222'],
  allFeatures: true,
  trustedAccess: true,
  serviceLinkedRole: true,
};

organizationsContract('configured', async () => configuredOrganizations(organization));

describe('the configured organization', () => {
  test('keeps what was configured', async () => {
    const facts = await configuredOrganizations(organization).of('222222222222');
    expect(facts).toMatchObject({
      id: 'o-abcdefghij',
      delegatedAdministrators: ['222222222222'],
      accounts: expect.arrayContaining([
        { id: '222222222222', name: 'Log archive', email: 'logs@example.org' },
      ]),
    });
  });

  test('is nobody’s when none is configured', async () => {
    expect(await configuredOrganizations(undefined).of('111111111111')).toBeUndefined();
  });
});
