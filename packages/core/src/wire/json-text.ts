import { isUtf8 } from 'node:buffer';

/** What a body says, or why it is not taken. */
export type JsonReading = { readonly value: unknown } | { readonly flaw: string };

const depthMax = 64;
/** Names that reach into JavaScript's objects; no API member is called so. */
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads JSON from bytes and takes nothing that two readers could understand differently: UTF-8
 * alone, no byte order mark, no lone surrogate, no duplicate key, no nesting beyond 64 levels.
 * Linear in the body; never throws.
 */
export function readJson(body: Uint8Array): JsonReading {
  if (!isUtf8(body)) return { flaw: 'The request body is not valid UTF-8.' };
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const text = bytes.toString('utf8');
  if (text.charCodeAt(0) === 0xfeff) {
    return { flaw: 'The request body must not begin with a byte order mark.' };
  }
  // Before parsing, so that a deep body costs no memory. On text that is not JSON the scan may
  // stumble, and then the parser says so.
  const flaw = ambiguityIn(text);
  if (flaw !== undefined) return { flaw };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { flaw: 'The request body could not be parsed as JSON.' };
  }
}

const quote = 0x22;
const backslash = 0x5c;

function ambiguityIn(text: string): string | undefined {
  /** The keys seen in each open object; undefined before the first, and in a list. */
  const open: (Set<string> | undefined)[] = [];
  for (let i = 0; i < text.length; i += 1) {
    switch (text.charCodeAt(i)) {
      case 0x7b: // {
      case 0x5b: // [
        if (open.length >= depthMax) {
          return `The request body is nested deeper than ${depthMax} levels.`;
        }
        open.push(undefined);
        break;
      case 0x7d: // }
      case 0x5d: // ]
        open.pop();
        break;
      case quote: {
        const end = endOfString(text, i);
        if (end === -1) return undefined;
        const flaw = flawOfString(text, i, end, open);
        if (flaw !== undefined) return flaw;
        i = end;
        break;
      }
    }
  }
  return undefined;
}

/** The index of the quote that closes the string which `start` opens; -1 when none does. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit === quote) return i;
    if (unit === backslash) i += 1;
  }
  return -1;
}

function flawOfString(
  text: string,
  start: number,
  end: number,
  open: (Set<string> | undefined)[],
): string | undefined {
  const isKey = open.length > 0 && followedByColon(text, end);
  const written = text.slice(start + 1, end);
  const escaped = written.includes('\\');
  if (!escaped && !isKey) return undefined;
  const meant = escaped ? unescaped(`"${written}"`) : written;
  if (meant === undefined) return undefined;
  if (escaped && /\p{Surrogate}/u.test(meant)) {
    return 'The request body has a lone surrogate, which is no character.';
  }
  if (!isKey) return undefined;
  if (forbiddenKeys.has(meant)) return `The request body has the forbidden key "${meant}".`;
  const keys = open.at(-1) ?? new Set();
  open[open.length - 1] = keys;
  if (keys.has(meant)) return `The request body has the key "${shorten(meant)}" more than once.`;
  keys.add(meant);
  return undefined;
}

function followedByColon(text: string, end: number): boolean {
  for (let i = end + 1; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit === 0x3a) return true;
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return false;
  }
  return false;
}

function unescaped(literal: string): string | undefined {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}

function shorten(key: string): string {
  return key.length <= 64 ? key : `${key.slice(0, 64).replace(/[\ud800-\udbff]$/, '')}...`;
}
