import type { Pages } from './pages.ts';
import type { Segment } from './segment-format.ts';

/** Bloom filters of segments, so that a rare value is looked for where it is. */
export interface Filters {
  /**
   * False: the segment has no eventID and no term of this hash. True: it has, or 1 time in 80 not.
   */
  mayHave(segment: Segment, hash: number): boolean;
  forget(segment: Segment): void;
}

const bitsPerHash = 10;
const probes = 4;

/** Filters of 40 million records or so; the segments beyond are searched without. */
const filterBytesMax = 48 * 1024 * 1024;

/** In words of 32 bits. */
export function filterLength(hashes: number): number {
  return Math.ceil((hashes * bitsPerHash) / 32);
}

export function addToFilter(words: Uint32Array, hash: number): void {
  const step = stepOf(hash);
  let at = hash;
  for (let probe = 0; probe < probes; probe++) {
    const bit = bitOf(words, at);
    words[bit >>> 5]! |= 1 << (bit & 31);
    at = (at + step) >>> 0;
  }
}

function isInFilter(words: Uint32Array, hash: number): boolean {
  const step = stepOf(hash);
  let at = hash;
  for (let probe = 0; probe < probes; probe++) {
    const bit = bitOf(words, at);
    if ((words[bit >>> 5]! & (1 << (bit & 31))) === 0) return false;
    at = (at + step) >>> 0;
  }
  return true;
}

function stepOf(hash: number): number {
  return (Math.imul(hash, 0x9e3779b1) | 1) >>> 0;
}

function bitOf(words: Uint32Array, at: number): number {
  return Math.floor((at / 2 ** 32) * words.length * 32);
}

/** Read when they are first asked, and kept. */
export function loadedFilters(pages: Pages): Filters {
  const loaded = new Map<number, Uint32Array>();
  let bytes = 0;

  function load(segment: Segment): Uint32Array | undefined {
    const { filter, end } = segment.sections;
    if (bytes + end - filter > filterBytesMax) return undefined;
    const words = readFilter(pages, segment);
    loaded.set(segment.key, words);
    bytes += words.byteLength;
    return words;
  }

  return {
    mayHave: (segment, hash) => {
      const words = loaded.get(segment.key) ?? load(segment);
      return words === undefined || isInFilter(words, hash);
    },
    forget: (segment) => {
      bytes -= loaded.get(segment.key)?.byteLength ?? 0;
      loaded.delete(segment.key);
    },
  };
}

function readFilter(pages: Pages, segment: Segment): Uint32Array {
  const { filter, end } = segment.sections;
  const words = new Uint32Array(filterLength(segment.count + segment.terms));
  const bytes = Buffer.from(words.buffer);
  let length = 0;
  pages.visit(segment, filter, end, (part, from, to) => {
    length += part.copy(bytes, length, from, to);
  });
  return words;
}
