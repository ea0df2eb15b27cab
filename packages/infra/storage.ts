import { notDeployable } from './not-deployable.ts';

/** Where state and records live. Another change makes these resources; today there are none. */
export interface Storage {
  /** Streams of events and views: one table, with a stream of new images for `react`. */
  readonly state: sst.aws.Dynamo;
  /** Ninety days of events for LookupEvents, with a time to live. */
  readonly history: sst.aws.Dynamo;
  /** Accepted records, by account and Region. */
  readonly journal: sst.aws.KinesisStream;
}

export function storage(): Storage {
  return notDeployable('storage (the tables and the stream of records)');
}
