/**
 * Fingerprints in memory: open addressing over one typed array, 12 bytes a place, at most half
 * full. A place is chosen by the fingerprint's high bits and neighbours are kept in order, so a
 * walk over the table meets the fingerprints sorted.
 */
export interface IdTable {
  readonly size: number;
  /** The digest that was put with the fingerprint, or -1. */
  find(high: number, low: number): number;
  /** Puts a fingerprint that is not in the table. */
  insert(high: number, low: number, digest: number): void;
  delete(high: number, low: number): void;
  /**
   * Touches the places of some marks (three words each), all of which are looked for next: one
   * after the other, each look would wait for memory on its own.
   */
  touch(marks: Uint32Array, count: number): number;
  /** All fingerprints, smallest first. */
  forEach(visit: (high: number, low: number, digest: number) => void): void;
}

export function idTable(expected = 0): IdTable {
  let log2 = Math.max(10, Math.ceil(Math.log2(expected * 2 + 1)));
  let words = newWords(log2);
  let size = 0;

  function insert(high: number, low: number, digest: number): void {
    if (size >= 2 ** (log2 - 1) || !place(words, log2, high, low, digest)) {
      grow();
      insert(high, low, digest);
    } else size++;
  }

  function grow(): void {
    const before = words;
    do {
      log2++;
      words = newWords(log2);
    } while (!placeAll(before, words, log2));
  }

  return {
    get size() {
      return size;
    },
    find(high, low) {
      const at = search(words, log2, high, low);
      return words[at] === high && words[at + 1] === low ? words[at + 2]! : -1;
    },
    insert,
    delete(high, low) {
      const at = search(words, log2, high, low);
      if (words[at] !== high || words[at + 1] !== low) return;
      closeGap(words, log2, at);
      size--;
    },
    touch(marks, count) {
      let sum = 0;
      for (let i = 0; i < count * 3; i += 3) sum ^= words[(marks[i]! >>> (32 - log2)) * 3]!;
      return sum;
    },
    forEach(visit) {
      for (let at = 0; at < words.length; at += 3) {
        if (!isEmpty(words, at)) visit(words[at]!, words[at + 1]!, words[at + 2]!);
      }
    },
  };
}

/** Places past the last one, so that a run at the end need not turn round to the beginning. */
const slack = 512;

function newWords(log2: number): Uint32Array {
  return new Uint32Array((2 ** log2 + slack) * 3);
}

/** Where the fingerprint is, or the place before which it belongs. */
function search(words: Uint32Array, log2: number, high: number, low: number): number {
  let at = (high >>> (32 - log2)) * 3;
  for (;;) {
    const h = words[at]!;
    const l = words[at + 1]!;
    if ((h === 0 && l === 0) || h > high || (h === high && l >= low)) return at;
    at += 3;
  }
}

/** False when the run reaches the end of the table. The last place always stays empty. */
function place(words: Uint32Array, log2: number, high: number, low: number, digest: number) {
  const at = search(words, log2, high, low);
  let gap = at;
  while (!isEmpty(words, gap)) gap += 3;
  if (gap >= words.length - 3) return false;
  // Runs are short: moving them by hand is cheaper than a call.
  for (let i = gap + 2; i >= at + 3; i--) words[i] = words[i - 3]!;
  words[at] = high;
  words[at + 1] = low;
  words[at + 2] = digest;
  return true;
}

function placeAll(from: Uint32Array, to: Uint32Array, log2: number): boolean {
  for (let at = 0; at < from.length; at += 3) {
    if (isEmpty(from, at)) continue;
    if (!place(to, log2, from[at]!, from[at + 1]!, from[at + 2]!)) return false;
  }
  return true;
}

function closeGap(words: Uint32Array, log2: number, at: number): void {
  let end = at + 3;
  while (!isEmpty(words, end) && (words[end]! >>> (32 - log2)) * 3 < end) end += 3;
  words.copyWithin(at, at + 3, end);
  words.fill(0, end - 3, end);
}

function isEmpty(words: Uint32Array, at: number): boolean {
  return words[at] === 0 && words[at + 1] === 0;
}
