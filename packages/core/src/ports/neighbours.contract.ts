import { beforeEach, describe, expect, test } from 'vitest';
import type { Neighbours } from './neighbours.ts';

/** Of Region us-east-1 and account 123456789012: what must be there, and what must not be. */
export interface NeighboursFixture {
  readonly neighbours: Neighbours;
  readonly topic: { readonly present: string; readonly absent: string };
  readonly key: { readonly presentArn: string; readonly absentArn: string };
  /** With the final `:*`, as trails have it. */
  readonly logGroup: { readonly present: string; readonly absent: string };
  readonly role: { readonly present: string; readonly absent: string };
}

const caller = { account: '123456789012', region: 'us-east-1' };

/** What whoever answers for SNS, KMS, CloudWatch Logs and IAM promises. */
export function neighboursContract(name: string, make: () => Promise<NeighboursFixture>): void {
  describe(`neighbours: ${name}`, () => {
    let given: NeighboursFixture;
    let neighbours: Neighbours;
    beforeEach(async () => {
      given = await make();
      neighbours = given.neighbours;
    });

    test('a topic is known by name in the caller’s account and Region, and by ARN', async () => {
      const arn = `arn:aws:sns:us-east-1:123456789012:${given.topic.present}`;
      const expected = { arn, state: 'usable' };
      expect(await neighbours.topic(given.topic.present, caller)).toEqual(expected);
      expect(await neighbours.topic(arn, caller)).toEqual(expected);
    });

    test('a topic that is not there is missing', async () => {
      const { state } = await neighbours.topic(given.topic.absent, caller);
      expect(state).toBe('missing');
    });

    test.each(['', 'white space', 'arn:aws:sns:us-east-1:1:x', 'a'.repeat(257), 'a\u0000b'])(
      'what cannot name a topic is missing: %j',
      async (nameOrArn) => {
        expect((await neighbours.topic(nameOrArn, caller)).state).toBe('missing');
      },
    );

    test('a key is known by ARN and by id', async () => {
      const arn = given.key.presentArn;
      const expected = { arn, region: 'us-east-1', state: 'usable' };
      expect(await neighbours.key(arn, caller)).toEqual(expected);
      expect(await neighbours.key(arn.split('/')[1]!, caller)).toEqual(expected);
    });

    test('a key that is not there is missing', async () => {
      expect((await neighbours.key(given.key.absentArn, caller)).state).toBe('missing');
      expect((await neighbours.key('arn:aws:kms:nowhere', caller)).state).toBe('missing');
    });

    test('a log group is usable or missing', async () => {
      expect(await neighbours.logGroup(given.logGroup.present)).toBe('usable');
      expect(await neighbours.logGroup(given.logGroup.absent)).toBe('missing');
    });

    test('a role is usable or not trusted', async () => {
      const { present } = given.logGroup;
      expect(await neighbours.role(given.role.present, present)).toBe('usable');
      expect(await neighbours.role(given.role.absent, present)).toBe('not-trusted');
    });
  });
}
