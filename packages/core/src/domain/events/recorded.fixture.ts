import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const folder = new URL('../../../../../../shared/data/', import.meta.url);

/** Real records (one JSON text each) from beside the checkout; empty when they are not there. */
export function recordedRecords(): readonly string[] {
  if (!existsSync(folder)) {
    console.warn(`Tests over recorded data did not run: there is no ${folder.pathname}`);
    return [];
  }
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson.gz'))
    .flatMap((name) =>
      gunzipSync(readFileSync(new URL(name, folder)))
        .toString()
        .split('\n'),
    )
    .filter((line) => line !== '');
}
