import type { Lake } from './lake.ts';
import { notDeployable } from './not-deployable.ts';
import type { Storage } from './storage.ts';

/** The state machines of queries and imports. Another change makes them. */
export interface Workflows {
  readonly runQueryArn: SstOutput<string>;
  readonly runImportArn: SstOutput<string>;
}

export function workflows(_storage: Storage, _lake: Lake): Workflows {
  return notDeployable('workflows (the state machines of queries and imports)');
}
