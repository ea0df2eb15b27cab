/**
 * A pattern with `*` for any characters, none included, and `?` for exactly one. Made of UTF-16
 * code units, and the two wildcards, so that a literal star can be told from a wildcard.
 */
export type Pattern = readonly number[];

export const anyCharacters = -1;
export const oneCharacter = -2;

/** The pattern that `text` stands for as it is written. */
export function wildcardPattern(text: string): Pattern {
  return Array.from({ length: text.length }, (_, index) => unitOf(text, index));
}

/** The pattern of `text` itself: its stars and question marks are characters. */
export function literalPattern(text: string): Pattern {
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
}

/**
 * Whether all of `text` fits. Pieces between stars are searched from left to right and never
 * revisited. A piece without `?` costs time linear in the text, one with `?` at most the product of
 * the two lengths; no piece is longer than the text, so a hostile pattern cannot cost more.
 */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  const pieces = splitPattern(pattern, anyCharacters);
  const first = pieces[0] ?? [];
  if (pieces.length === 1) {
    return first.length === text.length && fitsAt(first, text, 0);
  }
  const last = pieces.at(-1) ?? [];
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (length > text.length || !fitsAt(first, text, 0)) {
    return false;
  }
  const end = text.length - last.length;
  let position = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = findPiece(piece, text, position, end);
    if (found === undefined) {
      return false;
    }
    position = found + piece.length;
  }
  return fitsAt(last, text, end);
}

/** Like `split` on strings. */
export function splitPattern(pattern: Pattern, separator: number): readonly Pattern[] {
  const pieces: number[][] = [[]];
  for (const unit of pattern) {
    if (unit === separator) {
      pieces.push([]);
    } else {
      pieces.at(-1)?.push(unit);
    }
  }
  return pieces;
}

function unitOf(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  if (unit === starUnit) {
    return anyCharacters;
  }
  return unit === questionUnit ? oneCharacter : unit;
}

const starUnit = '*'.charCodeAt(0);
const questionUnit = '?'.charCodeAt(0);

function fitsAt(piece: Pattern, text: string, start: number): boolean {
  for (let index = 0; index < piece.length; index += 1) {
    const unit = piece[index];
    if (unit !== oneCharacter && unit !== text.charCodeAt(start + index)) {
      return false;
    }
  }
  return true;
}

/** Where `piece` first begins in `text[from, end)`. */
function findPiece(piece: Pattern, text: string, from: number, end: number): number | undefined {
  if (!piece.includes(oneCharacter)) {
    return findLiteral(piece, text, from, end);
  }
  for (let start = from; start + piece.length <= end; start += 1) {
    if (fitsAt(piece, text, start)) {
      return start;
    }
  }
  return undefined;
}

/** Knuth, Morris and Pratt: `String.indexOf` is quadratic on periodic text. */
function findLiteral(piece: Pattern, text: string, from: number, end: number): number | undefined {
  if (piece.length === 0) {
    return from;
  }
  if (from + piece.length > end) {
    return undefined;
  }
  const borders = borderLengths(piece);
  let matched = 0;
  for (let index = from; index < end; index += 1) {
    const unit = text.charCodeAt(index);
    while (matched > 0 && piece[matched] !== unit) {
      matched = borders[matched - 1]!;
    }
    if (piece[matched] === unit) {
      matched += 1;
    }
    if (matched === piece.length) {
      return index + 1 - matched;
    }
  }
  return undefined;
}

function borderLengths(piece: Pattern): Uint32Array {
  const borders = new Uint32Array(piece.length);
  let matched = 0;
  for (let index = 1; index < piece.length; index += 1) {
    while (matched > 0 && piece[matched] !== piece[index]) {
      matched = borders[matched - 1]!;
    }
    if (piece[matched] === piece[index]) {
      matched += 1;
    }
    borders[index] = matched;
  }
  return borders;
}
