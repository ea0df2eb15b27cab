/**
 * 64 bits that stand for (account, eventID): HalfSipHash-1-3 with a key of the journal's own, so
 * that nobody can send ids that meet in one place of a table. Two ids of ten million share one
 * with a probability of 3 in a million.
 */
export interface Fingerprint {
  high: number;
  low: number;
}

export interface Fingerprints {
  /** Writes the fingerprint into `into`; both words unsigned, never both 0. */
  of(account: string, eventID: string, into: Fingerprint): void;
}

/** `key` is 8 bytes from a secure source. */
export function fingerprints(key: Buffer): Fingerprints {
  const k0 = key.readInt32LE(0);
  const k1 = key.readInt32LE(4);
  const accounts = new Map<string, Int32Array>();
  const state = new Int32Array(4);

  function afterAccount(account: string): Int32Array {
    const known = accounts.get(account);
    if (known !== undefined) return known;
    const after = Int32Array.of(k0, k1 ^ 0xee, k0 ^ 0x6c796765, k1 ^ 0x74656462);
    // The length, which absorb adds, keeps ("1", "23") apart from ("12", "3").
    absorb(after, account);
    if (accounts.size === accountsMax) accounts.clear();
    accounts.set(account, after);
    return after;
  }

  return {
    of(account, eventID, into) {
      state.set(afterAccount(account));
      absorb(state, eventID);
      state[2]! ^= 0xee;
      rounds(state, 3);
      into.high = (state[1]! ^ state[3]!) >>> 0;
      state[1]! ^= 0xdd;
      rounds(state, 3);
      into.low = (state[1]! ^ state[3]!) >>> 0;
      // 0 stands for an empty place in the tables.
      if (into.high === 0 && into.low === 0) into.low = 1;
    },
  };
}

const accountsMax = 10_000;

/** Takes in the text four characters at a time, then what is left of it with its length. */
function absorb(state: Int32Array, text: string): void {
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  const words = (text.length >>> 2) + 1;
  for (let i = 0; i < words; i++) {
    const word = i < words - 1 ? wordAt(text, 4 * i) : lastWord(text);
    d ^= word;
    // The round of HalfSipHash, spelled out here and below: as a call it takes twice the time.
    a = (a + b) | 0;
    b = ((b << 5) | (b >>> 27)) ^ a;
    a = (a << 16) | (a >>> 16);
    c = (c + d) | 0;
    d = ((d << 8) | (d >>> 24)) ^ c;
    a = (a + d) | 0;
    d = ((d << 7) | (d >>> 25)) ^ a;
    c = (c + b) | 0;
    b = ((b << 13) | (b >>> 19)) ^ c;
    c = (c << 16) | (c >>> 16);
    a ^= word;
  }
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
}

function wordAt(text: string, i: number): number {
  return (
    text.charCodeAt(i) |
    (text.charCodeAt(i + 1) << 8) |
    (text.charCodeAt(i + 2) << 16) |
    (text.charCodeAt(i + 3) << 24)
  );
}

function lastWord(text: string): number {
  let word = text.length << 24;
  const from = text.length & ~3;
  for (let i = from; i < text.length; i++) word |= text.charCodeAt(i) << (8 * (i - from));
  return word;
}

function rounds(state: Int32Array, count: number): void {
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  for (let i = 0; i < count; i++) {
    a = (a + b) | 0;
    b = ((b << 5) | (b >>> 27)) ^ a;
    a = (a << 16) | (a >>> 16);
    c = (c + d) | 0;
    d = ((d << 8) | (d >>> 24)) ^ c;
    a = (a + d) | 0;
    d = ((d << 7) | (d >>> 25)) ^ a;
    c = (c + b) | 0;
    b = ((b << 13) | (b >>> 19)) ^ c;
    c = (c << 16) | (c >>> 16);
  }
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
}
