import { notDeployable } from './not-deployable.ts';
import type { Storage } from './storage.ts';

/** Event data stores: Parquet in a bucket, a Glue table, Athena. Another change makes it. */
export interface Lake {
  readonly segments: sst.aws.Bucket;
  readonly results: sst.aws.Bucket;
}

export function lake(_storage: Storage): Lake {
  return notDeployable('lake (the buckets and tables of event data stores)');
}
