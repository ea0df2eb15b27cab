import type { Keys } from './keys.ts';
import { notDeployable } from './not-deployable.ts';
import type { Storage } from './storage.ts';

/** What reads the journal: log files, digests, history. Another change makes it. */
export interface Delivery {
  readonly deliverLogFiles: sst.aws.Function;
  readonly sealDigests: sst.aws.Function;
  readonly indexHistory: sst.aws.Function;
}

export function delivery(_storage: Storage, _keys: Keys): Delivery {
  return notDeployable('delivery (the consumers of the journal)');
}
