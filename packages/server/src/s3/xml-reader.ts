/** An element of a request's XML; attributes are not kept, prefixes of names neither. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/**
 * Reads a small document: elements, text, comments, the five named entities and character
 * references. No DOCTYPE, so no entities of the document's own. Undefined when it is anything
 * else, deeper than 16, or of more than 100,000 elements.
 */
export function readXml(document: string): XmlElement | undefined {
  const open: Building[] = [{ name: '', text: '', children: [] }];
  let elementsLeft = elementsMax;
  let at = document.charCodeAt(0) === byteOrderMark ? 1 : 0;
  while (at < document.length) {
    const next = document.indexOf('<', at);
    const text = document.slice(at, next < 0 ? document.length : next);
    const top = open[open.length - 1]!;
    if (!addText(top, text, open.length)) return undefined;
    if (next < 0) break;
    const token = readToken(document, next);
    if (token === undefined) return undefined;
    at = token.end;
    if (token.kind === 'skip') continue;
    if (token.kind === 'close') {
      if (top.name !== token.name || open.length === 1) return undefined;
      open.pop();
      continue;
    }
    elementsLeft -= 1;
    if (open.length > depthMax || elementsLeft < 0) return undefined;
    const made: Building = { name: token.name, text: '', children: [] };
    top.children.push(made);
    if (token.kind === 'open') open.push(made);
  }
  const root = open[0]!;
  return open.length === 1 && root.children.length === 1 ? root.children[0] : undefined;
}

export function child(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((one) => one.name === name);
}

export function childText(element: XmlElement, name: string): string | undefined {
  return child(element, name)?.text;
}

export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((one) => one.name === name);
}

interface Building {
  readonly name: string;
  text: string;
  readonly children: Building[];
}

function addText(to: Building, raw: string, depth: number): boolean {
  if (raw === '') return true;
  if (depth === 1) return raw.trim() === '';
  const text = decodeText(raw);
  if (text === undefined) return false;
  to.text += text;
  return true;
}

type Token =
  | { readonly kind: 'skip'; readonly end: number }
  | { readonly kind: 'open' | 'close' | 'empty'; readonly name: string; readonly end: number };

function readToken(document: string, at: number): Token | undefined {
  if (document.startsWith('<!--', at)) return skipTo(document, at + 4, '-->');
  if (document.startsWith('<?', at)) return skipTo(document, at + 2, '?>');
  tag.lastIndex = at;
  const found = tag.exec(document);
  if (found === null) return undefined;
  const [whole, slash, name, , empty] = found;
  if (name === undefined || (slash !== '' && empty !== '')) return undefined;
  const kind = slash !== '' ? 'close' : empty !== '' ? 'empty' : 'open';
  return { kind, name: name.slice(name.indexOf(':') + 1), end: at + whole.length };
}

function skipTo(document: string, from: number, mark: string): Token | undefined {
  const end = document.indexOf(mark, from);
  return end < 0 ? undefined : { kind: 'skip', end: end + mark.length };
}

function decodeText(raw: string): string | undefined {
  if (!raw.includes('&')) return raw;
  let bad = false;
  const text = raw.replace(/&([^;&]{0,12});?/g, (reference, name: string) => {
    const decoded = reference.endsWith(';') ? decodeReference(name) : undefined;
    if (decoded === undefined) bad = true;
    return decoded ?? '';
  });
  return bad ? undefined : text;
}

function decodeReference(name: string): string | undefined {
  const named = entities[name];
  if (named !== undefined) return named;
  const found = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name);
  if (found === null) return undefined;
  const point = found[1] === undefined ? Number(found[2]) : Number.parseInt(found[1], 16);
  const isCharacter = point > 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
  return isCharacter ? String.fromCodePoint(point) : undefined;
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};
/** Sticky, and every repetition ends at a character that it cannot hold: linear in the text. */
const tag = /<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const byteOrderMark = 0xfeff;
const depthMax = 16;
const elementsMax = 100_000;
