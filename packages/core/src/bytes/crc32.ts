import * as zlib from 'node:zlib';

/** CRC-32 as gzip has it. zlib has its own since Node 20.15; before that a table does it. */
export const crc32: (data: Uint8Array, value?: number) => number =
  typeof zlib.crc32 === 'function' ? zlib.crc32 : tableCrc32;

export function tableCrc32(data: Uint8Array, value = 0): number {
  let crc = ~value;
  for (const byte of data) crc = table[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

const table = Int32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/**
 * The CRC of two pieces side by side, from the CRC of each and the second one's length: appending
 * zeros to the first piece is a linear map over GF(2), and squaring maps doubles the zeros.
 */
export function crc32Combine(first: number, second: number, secondBytes: number): number {
  let crc = first;
  for (let rest = secondBytes, power = 0; rest > 0; rest = Math.floor(rest / 2), power += 1) {
    if (rest % 2 === 1) crc = times(zeroBytes(power), crc);
  }
  return (crc ^ second) >>> 0;
}

/** A 32 by 32 matrix of bits: where each bit of a CRC goes. */
type BitMap = Uint32Array;

const oneZeroBit: BitMap = Uint32Array.from({ length: 32 }, (_, bit) =>
  bit === 0 ? 0xedb88320 : 2 ** (bit - 1),
);
const zeroByteMaps = [squared(squared(squared(oneZeroBit)))];

/** The map that appends 2 to the power of `power` zero bytes; each is made once. */
function zeroBytes(power: number): BitMap {
  for (let made = zeroByteMaps.length; made <= power; made += 1) {
    zeroByteMaps.push(squared(zeroByteMaps[made - 1]!));
  }
  return zeroByteMaps[power]!;
}

function squared(map: BitMap): BitMap {
  return map.map((column) => times(map, column));
}

function times(map: BitMap, vector: number): number {
  let sum = 0;
  for (let rest = vector >>> 0, bit = 0; rest !== 0; rest >>>= 1, bit += 1) {
    if (rest & 1) sum ^= map[bit]!;
  }
  return sum >>> 0;
}
