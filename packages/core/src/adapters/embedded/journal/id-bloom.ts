/**
 * A Bloom filter over fingerprints: 12 bits an id in blocks of one cache line, six bits each. About
 * one id in 150 that was never put is said to be there.
 */
export interface IdBloom {
  readonly words: Uint32Array;
}

export function newBloom(ids: number): IdBloom {
  const blocks = Math.max(1, Math.ceil((ids * bitsPerId) / blockBits));
  return { words: new Uint32Array(blocks * blockWords) };
}

export function addToBloom({ words }: IdBloom, high: number, low: number): void {
  const block = blockOf(words, low);
  const other = Math.imul(high ^ low, 0x9e3779b1);
  for (let shift = 0; shift <= 18; shift += 9) {
    words[block + ((high >>> (shift + 5)) & 15)]! |= 1 << (high >>> shift);
    words[block + ((other >>> (shift + 5)) & 15)]! |= 1 << (other >>> shift);
  }
}

/**
 * Which of the marks (three words each) the filter may hold: writes their numbers into `into` and
 * answers how many. One loop without branches: the processor waits for the cache lines of many ids
 * at a time instead of one after the other.
 */
export function candidates(
  { words }: IdBloom,
  marks: Uint32Array,
  count: number,
  into: Int32Array,
): number {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const high = marks[i * 3]!;
    const low = marks[i * 3 + 1]!;
    const block = blockOf(words, low);
    const other = Math.imul(high ^ low, 0x9e3779b1);
    const bits =
      (words[block + ((high >>> 5) & 15)]! >>> (high & 31)) &
      (words[block + ((high >>> 14) & 15)]! >>> ((high >>> 9) & 31)) &
      (words[block + ((high >>> 23) & 15)]! >>> ((high >>> 18) & 31)) &
      (words[block + ((other >>> 5) & 15)]! >>> (other & 31)) &
      (words[block + ((other >>> 14) & 15)]! >>> ((other >>> 9) & 31)) &
      (words[block + ((other >>> 23) & 15)]! >>> ((other >>> 18) & 31));
    into[found] = i;
    found += bits & 1;
  }
  return found;
}

function blockOf(words: Uint32Array, low: number): number {
  return Math.floor((low / 2 ** 32) * (words.length / blockWords)) * blockWords;
}

const bitsPerId = 12;
const blockBits = 512;
const blockWords = 16;
