/** XML that was built here: text in it is escaped already. */
export interface Xml {
  readonly xml: string;
}

export type XmlContent = Xml | string | number | boolean | undefined | readonly XmlContent[];

/** `<name>content</name>`; nothing at all when the content is undefined. */
export function element(name: string, content: XmlContent): Xml {
  if (content === undefined) return { xml: '' };
  return { xml: `<${name}>${inner(content)}</${name}>` };
}

/** The elements one after another. */
export function elements(fields: Readonly<Record<string, XmlContent>>): Xml {
  return {
    xml: Object.entries(fields)
      .map((field) => element(...field).xml)
      .join(''),
  };
}

/** A whole document in S3's namespace. */
export function s3Document(name: string, content: XmlContent): string {
  return `${declaration}<${name} xmlns="${s3Namespace}">${inner(content)}</${name}>`;
}

/** Errors are in no namespace. */
export function plainDocument(name: string, content: XmlContent): string {
  return `${declaration}${element(name, content).xml}`;
}

function inner(content: XmlContent): string {
  if (content === undefined) return '';
  if (Array.isArray(content)) return content.map(inner).join('');
  if (typeof content === 'object') return (content as Xml).xml;
  return escapeXml(String(content));
}

/** Control characters become references, as S3 writes them, though XML 1.0 has no room for them. */
function escapeXml(text: string): string {
  return text.replace(/[&<>"\p{Cc}]/gu, (character) => {
    const named = names[character];
    return named ?? `&#x${character.charCodeAt(0).toString(16)};`;
  });
}

const names: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
export const s3Namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';
