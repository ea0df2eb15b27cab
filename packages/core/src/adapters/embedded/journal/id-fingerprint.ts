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
    state.set([k0, k1 ^ 0xee, k0 ^ 0x6c796765, k1 ^ 0x74656462]);
    // The length keeps ("1", "23") apart from ("12", "3").
    absorbWord(state, account.length);
    absorb(state, account);
    if (accounts.size === accountsMax) accounts.clear();
    const after = state.slice();
    accounts.set(account, after);
    return after;
  }

  return {
    of(account, eventID, into) {
      state.set(afterAccount(account));
      absorb(state, eventID);
      finish(state, into);
    },
  };
}

const accountsMax = 10_000;

function absorb(state: Int32Array, text: string): void {
  const whole = text.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    absorbWord(
      state,
      text.charCodeAt(i) |
        (text.charCodeAt(i + 1) << 8) |
        (text.charCodeAt(i + 2) << 16) |
        (text.charCodeAt(i + 3) << 24),
    );
  }
  let last = text.length << 24;
  for (let i = whole; i < text.length; i++) last |= text.charCodeAt(i) << (8 * (i - whole));
  absorbWord(state, last);
}

function absorbWord(v: Int32Array, word: number): void {
  v[3]! ^= word;
  round(v);
  v[0]! ^= word;
}

function finish(v: Int32Array, into: Fingerprint): void {
  v[2]! ^= 0xee;
  for (let i = 0; i < 3; i++) round(v);
  into.high = (v[1]! ^ v[3]!) >>> 0;
  v[1]! ^= 0xdd;
  for (let i = 0; i < 3; i++) round(v);
  into.low = (v[1]! ^ v[3]!) >>> 0;
  // 0 stands for an empty place in the tables.
  if (into.high === 0 && into.low === 0) into.low = 1;
}

function round(v: Int32Array): void {
  let a = v[0]!;
  let b = v[1]!;
  let c = v[2]!;
  let d = v[3]!;
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
  v[0] = a;
  v[1] = b;
  v[2] = c;
  v[3] = d;
}
