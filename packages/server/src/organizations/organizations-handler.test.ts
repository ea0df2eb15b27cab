import { configuredOrganizations } from '@trailkeep/core/adapters/embedded/configured-organizations.ts';
import { describe, expect, test } from 'vitest';
import { organizationsHandler } from './organizations-handler.ts';

const management = '111111111111';
const administrator = '222222222222';
const member = '333333333333';

describe('Organizations', () => {
  test('describes the organization to its management account and to members', async () => {
    const expected = {
      Organization: {
        Id: 'o-abcdefghij',
        Arn: 'arn:aws:organizations::111111111111:organization/o-abcdefghij',
        FeatureSet: 'ALL',
        MasterAccountId: management,
        MasterAccountArn: 'arn:aws:organizations::111111111111:account/o-abcdefghij/111111111111',
        MasterAccountEmail: 'account-111111111111@example.com',
        AvailablePolicyTypes: [],
      },
    };
    expect(await call('DescribeOrganization', {}, management)).toEqual([200, expected]);
    expect(await call('DescribeOrganization', undefined, member)).toEqual([200, expected]);
  });

  test('says so when the account is in none', async () => {
    const [status, body] = await call('DescribeOrganization', {}, '999999999999');
    expect(status).toBe(400);
    expect(body).toMatchObject({
      __type: 'AWSOrganizationsNotInUseException',
      message: 'Your account is not a member of an organization.',
    });
  });

  test('lists all accounts, page by page', async () => {
    const seen: string[] = [];
    let NextToken: string | undefined;
    for (let pages = 0; pages < 20; pages++) {
      const [, body] = await call('ListAccounts', { MaxResults: 7, NextToken }, management);
      seen.push(...(body['Accounts'] as { Id: string }[]).map((account) => account.Id));
      NextToken = body['NextToken'] as string | undefined;
      if (NextToken === undefined) break;
    }
    expect(seen).toHaveLength(33);
    expect(new Set(seen).size).toBe(33);
    const [, first] = await call('ListAccounts', {}, management);
    expect(first['Accounts']).toHaveLength(20);
  });

  test.each([
    { MaxResults: 0 },
    { MaxResults: 21 },
    { MaxResults: 'x' },
    { NextToken: 'x' },
    { NextToken: Buffer.from('from:999').toString('base64') },
    { NextToken: 7 },
  ])('refuses a page of %j', async (input) => {
    const [, body] = await call('ListAccounts', input, management);
    expect(body).toMatchObject({ __type: 'InvalidInputException', Reason: expect.any(String) });
  });

  test('describes an account', async () => {
    const [, body] = await call('DescribeAccount', { AccountId: member }, administrator);
    expect(body['Account']).toMatchObject({ Id: member, Status: 'ACTIVE', Name: 'Member' });
    const unknown = await call('DescribeAccount', { AccountId: '999999999999' }, management);
    expect(unknown[1]).toMatchObject({ __type: 'AccountNotFoundException' });
    const malformed = await call('DescribeAccount', { AccountId: ['x'] }, management);
    expect(malformed[1]).toMatchObject({ __type: 'InvalidInputException' });
  });

  test('lists the delegated administrators of CloudTrail, registered ones too', async () => {
    const list = async (input: object) => {
      const [, body] = await call('ListDelegatedAdministrators', input, management);
      return (body['DelegatedAdministrators'] as { Id: string }[]).map((account) => account.Id);
    };
    const both = [administrator, '400000000001'];
    expect(await list({ ServicePrincipal: 'cloudtrail.amazonaws.com' })).toEqual(both);
    expect(await list({})).toEqual(both);
    expect(await list({ ServicePrincipal: 'guardduty.amazonaws.com' })).toEqual([]);
  });

  test('lists CloudTrail as a trusted service', async () => {
    const [, body] = await call('ListAWSServiceAccessForOrganization', {}, management);
    expect(body['EnabledServicePrincipals']).toEqual([
      { ServicePrincipal: 'cloudtrail.amazonaws.com' },
    ]);
  });

  test.each([
    'ListAccounts',
    'DescribeAccount',
    'ListDelegatedAdministrators',
    'ListAWSServiceAccessForOrganization',
  ])('%s is for those who administer the organization', async (operation) => {
    const [status, body] = await call(operation, {}, member);
    expect([status, body['__type']]).toEqual([400, 'AccessDeniedException']);
  });

  test.each(['CreateAccount', 'constructor', '__proto__', ''])(
    'does not know the operation %j',
    async (operation) => {
      const [status, body] = await call(operation, {}, management);
      expect([status, body['__type']]).toEqual([400, 'UnknownOperationException']);
    },
  );

  test.each(['[]', '{', 'null', '"x"', '\u0000'])('refuses the body %j', async (text) => {
    const reply = await handle('AWSOrganizationsV20161128.ListAccounts', Buffer.from(text), {
      account: management,
    });
    expect(reply.headers['x-amzn-errortype']).toBe('SerializationException');
  });

  test('is not led astray by members that only a refusal has', async () => {
    const [status] = await call('DescribeOrganization', { refused: 'x', message: 'y' }, member);
    expect(status).toBe(200);
  });
});

const handle = organizationsHandler({
  organizations: configuredOrganizations({
    id: 'o-abcdefghij',
    managementAccountId: management,
    accounts: [
      { id: administrator },
      { id: member, name: 'Member' },
      ...Array.from({ length: 30 }, (_, n) => ({ id: String(400000000000 + n) })),
    ],
    delegatedAdministrators: [administrator],
    allFeatures: true,
    trustedAccess: true,
    serviceLinkedRole: true,
  }),
  delegatedAdministrators: async () => ['400000000001', administrator],
});

async function call(
  operation: string,
  input: object | undefined,
  account: string,
): Promise<[number, Record<string, unknown>]> {
  const body = Buffer.from(input === undefined ? '' : JSON.stringify(input));
  const reply = await handle(`AWSOrganizationsV20161128.${operation}`, body, { account });
  return [reply.status, JSON.parse(reply.body) as Record<string, unknown>];
}
