/** Keys are ordered by their UTF-8 bytes, which is the order of their code points. */

/** The first possible key after `key`. Keys hold no NUL character. */
export function afterKey(key: string): string {
  return `${key}\u0001`;
}

/** The first possible key that is after all keys beginning with `prefix`. */
export function afterPrefix(prefix: string): string {
  const points = [...prefix];
  while (points.length > 0) {
    const last = points.pop()?.codePointAt(0) ?? 0;
    if (last === lastCodePoint) continue;
    const next = last === beforeSurrogates ? afterSurrogates : last + 1;
    return points.join('') + String.fromCodePoint(next);
  }
  return afterAllKeys;
}

export function laterKey(one: string, other: string): string {
  return Buffer.compare(Buffer.from(one), Buffer.from(other)) >= 0 ? one : other;
}

/** Longer than a key can be, of the highest character. */
export const afterAllKeys = '\u{10ffff}'.repeat(257);

/** 1 to 1,024 bytes of UTF-8, without NUL, which SQLite's text cannot hold. */
export function isPossibleKey(key: string): boolean {
  if (key.length === 0 || key.includes('\u0000')) return false;
  return Buffer.byteLength(key) <= keyBytesMax;
}

export const keyBytesMax = 1_024;

const lastCodePoint = 0x10ffff;
const beforeSurrogates = 0xd7ff;
const afterSurrogates = 0xe000;
