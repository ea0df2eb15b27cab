import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32, crc32Combine, tableCrc32 } from './crc32.ts';
import { gzipMember, gzipPiece, storedPiece } from './gzip-member.ts';

const contents = fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 6 });

test('a member of pieces reads as the pieces side by side', async () => {
  await fc.assert(
    fc.asyncProperty(contents, fc.integer({ min: 0, max: 9 }), async (parts, level) => {
      const buffers = parts.map((part) => Buffer.from(part));
      const pieces = await Promise.all(
        buffers.map((part, index) => (index % 2 ? storedPiece(part) : gzipPiece(part, level))),
      );
      expect(gunzipSync(gzipMember(pieces))).toEqual(Buffer.concat(buffers));
    }),
    { numRuns: 100 },
  );
});

test('CRCs of two pieces make the CRC of both', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (one, other) => {
      const both = crc32(Buffer.concat([one, other]));
      expect(crc32Combine(crc32(one), crc32(other), other.length)).toBe(both);
      expect(tableCrc32(Buffer.concat([one, other]))).toBe(both);
    }),
  );
});

test('a member that lost a byte of its middle is not read', async () => {
  const member = gzipMember([await gzipPiece(Buffer.from('one two three '.repeat(50)), 6)]);
  const broken = Buffer.concat([member.subarray(0, 20), member.subarray(21)]);
  expect(() => gunzipSync(broken)).toThrow();
});
