/**
 * The path under its bucket's folder at which an object is a plain file of the key's own name, so
 * that people find log files with ls and DuckDB. Undefined for keys that no file system takes as
 * they are (`..`, `//`, a trailing `/`, long segments, characters that Windows or a shell reads
 * as something else); those live under `.trailkeep/objects`.
 */
export function friendlyPath(key: string): string | undefined {
  if (!plainKey.test(key) || key.includes('//') || key.startsWith(reservedFolder)) return undefined;
  for (const segment of key.split('/')) {
    if (segment === '.' || segment === '..' || segment.length === 0) return undefined;
    if (segment.length > segmentBytesMax / 4 && Buffer.byteLength(segment) > segmentBytesMax) {
      return undefined;
    }
    if (segment.toLowerCase() === reservedFolder) return undefined;
  }
  return key;
}

/** Our own folder in each bucket's folder. */
export const reservedFolder = '.trailkeep';

const segmentBytesMax = 240;
const plainKey = /^[^\p{Cc}\p{Cs}\\:*?"<>|]+$/u;
