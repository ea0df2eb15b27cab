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

export function mayHold({ words }: IdBloom, high: number, low: number): boolean {
  const block = blockOf(words, low);
  const other = Math.imul(high ^ low, 0x9e3779b1);
  for (let shift = 0; shift <= 18; shift += 9) {
    if ((words[block + ((high >>> (shift + 5)) & 15)]! & (1 << (high >>> shift))) === 0)
      return false;
    if ((words[block + ((other >>> (shift + 5)) & 15)]! & (1 << (other >>> shift))) === 0) {
      return false;
    }
  }
  return true;
}

function blockOf(words: Uint32Array, low: number): number {
  return Math.floor((low / 2 ** 32) * (words.length / blockWords)) * blockWords;
}

const bitsPerId = 12;
const blockBits = 512;
const blockWords = 16;
