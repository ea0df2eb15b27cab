import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkTrailName } from './trail-name.ts';

/** The one expression that the naming rules come to (API reference, CreateTrail, Name). */
const documented = /^(?!\d{1,3}(?:\.\d{1,3}){3}$)[A-Za-z0-9](?:[._-]?[A-Za-z0-9])*$/;

const valid = (name: string) => name.length >= 3 && name.length <= 128 && documented.test(name);

test.each([
  [
    '',
    'Trail name too short. Minimum allowed length: 3 characters. Specified name length: 0 characters.',
  ],
  [
    'ab',
    'Trail name too short. Minimum allowed length: 3 characters. Specified name length: 2 characters.',
  ],
  [
    'a'.repeat(129),
    'Trail name too long. Maximum allowed length: 128 characters. Specified name length: 129 characters.',
  ],
  [
    'a b c',
    'Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).',
  ],
  [
    'trail\n',
    'Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).',
  ],
  ['-abc', 'Trail name must starts with a letter or number.'],
  ['abc-', 'Trail name must ends with a letter or number.'],
  ['my-_trail', 'Trail name cannot have adjacent periods, underscores, or hyphens.'],
  ['my--trail', 'Trail name cannot have adjacent periods, underscores, or hyphens.'],
  ['192.168.5.4', 'Trail name cannot be in IP address format.'],
])('%j is refused with the sentence of its rule', (name, message) => {
  expect(checkTrailName(name)).toEqual({ refused: 'InvalidTrailNameException', message });
});

test.each(['abc', 'a.b', 'A-1_b.c', '1.2.3', '1.2.3.4.5', '1234.5.6.7', 'a'.repeat(128)])(
  '%j is a trail name',
  (name) => {
    expect(checkTrailName(name)).toBeUndefined();
  },
);

test('a name is refused exactly when the documented expression or length refuses it', () => {
  const characters = fc.constantFrom(...'aZ09._- é/\n', '1', '2', '.', '-');
  const drawn = fc.array(characters, { maxLength: 12 }).map((list) => list.join(''));
  const addresses = fc.array(fc.nat(2000), { minLength: 3, maxLength: 5 }).map((n) => n.join('.'));
  const long = fc
    .integer({ min: 120, max: 135 })
    .map((length) => 'a-'.repeat(length).slice(0, length));
  fc.assert(
    fc.property(fc.oneof(drawn, addresses, long, fc.string()), (name) => {
      expect(checkTrailName(name) === undefined).toBe(valid(name));
    }),
    { numRuns: 1000 },
  );
});
