/**
 * Whether `address` lies in `range`, an IPv4 or IPv6 address or CIDR block; undefined if either is
 * not one. An IPv4 address lies in no IPv6 range and the other way round.
 */
export function isInIpRange(address: string, range: string): boolean | undefined {
  const [base, bits, ...rest] = range.split('/');
  const from = parseAddress(base ?? '');
  const point = parseAddress(address);
  if (from === undefined || point === undefined || rest.length > 0) {
    return undefined;
  }
  const width = bits === undefined ? from.width : parsePrefixLength(bits, from.width);
  if (width === undefined) {
    return undefined;
  }
  const hostBits = BigInt(from.width - width);
  return from.width === point.width && from.bits >> hostBits === point.bits >> hostBits;
}

interface Address {
  readonly width: 32 | 128;
  readonly bits: bigint;
}

function parsePrefixLength(text: string, widthMax: number): number | undefined {
  return /^\d{1,3}$/.test(text) && Number(text) <= widthMax ? Number(text) : undefined;
}

function parseAddress(text: string): Address | undefined {
  if (text.length > addressCharactersMax) {
    return undefined;
  }
  const bits = text.includes(':') ? parseV6(text) : parseV4(text);
  return bits === undefined ? undefined : { width: text.includes(':') ? 128 : 32, bits };
}

const addressCharactersMax = 45;

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::');
  const [head, tail] = halves.map(groupsOf);
  if (halves.length > 2 || head === undefined) {
    return undefined;
  }
  const given = head.length + (tail?.length ?? 0);
  if (tail === undefined ? given !== 8 : given > 7) {
    return undefined;
  }
  const groups = [...head, ...Array<string>(8 - given).fill('0'), ...(tail ?? [])];
  return groups.every((group) => /^[\da-f]{1,4}$/i.test(group))
    ? groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n)
    : undefined;
}

/** The 16-bit groups as hexadecimal; a dotted IPv4 ending counts as two. */
function groupsOf(half: string): readonly string[] {
  if (half === '') {
    return [];
  }
  const groups = half.split(':');
  const last = parseV4(groups.at(-1) ?? '');
  return last === undefined
    ? groups
    : [...groups.slice(0, -1), (last >> 16n).toString(16), (last & 0xffffn).toString(16)];
}
