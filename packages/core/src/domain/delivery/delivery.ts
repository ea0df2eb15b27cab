import type { LogFileFolder } from './log-file.ts';

/**
 * What became of a trail's deliveries for one account and Region: the events that GetTrailStatus,
 * the digest chain and the redelivery of what is owed are folds of. Times are milliseconds since
 * the epoch; positions are the journal's.
 */
export type DeliveryEvent =
  | LogFileDelivered
  | LogFilesDeferred
  /** More records are owed; nothing was tried. */
  | { readonly type: 'LogFilesOwed'; readonly at: number; readonly to: string }
  | { readonly type: 'RedeliveryPlanned'; readonly at: number; readonly to: string }
  | { readonly type: 'RedeliveryRefused'; readonly at: number; readonly code: string }
  | { readonly type: 'LogFilesCaughtUp'; readonly at: number; readonly through: string }
  | LogFilesAbandoned
  | DigestPlanned
  | DigestSealed
  | { readonly type: 'DigestRefused'; readonly at: number; readonly code: string }
  | { readonly type: 'NotificationSent'; readonly at: number }
  | { readonly type: 'NotificationRefused'; readonly at: number; readonly code: string }
  | { readonly type: 'LogEventsSent'; readonly at: number }
  | { readonly type: 'LogEventsRefused'; readonly at: number; readonly code: string };

export interface LogFileDelivered {
  readonly type: 'LogFileDelivered';
  readonly at: number;
  readonly bucket: string;
  readonly key: string;
  readonly folder: LogFileFolder;
  /** SHA-256 of the uncompressed file, lower-case hex. */
  readonly hash: string;
  readonly records: number;
  readonly oldestEventTime: number;
  readonly newestEventTime: number;
  /** Where the window of records that it belongs to ends. */
  readonly through: string;
}

/** The bucket refused: these records, and those that follow, are owed. */
export interface LogFilesDeferred {
  readonly type: 'LogFilesDeferred';
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly code: string;
}

/** The bucket refused for too long: what lies before `through` is no longer owed. */
export interface LogFilesAbandoned {
  readonly type: 'LogFilesAbandoned';
  readonly at: number;
  readonly through: string;
  /** When the oldest of what is still owed was accepted, where that is known. */
  readonly since?: number;
}

export interface DigestPlanned {
  readonly type: 'DigestPlanned';
  readonly at: number;
  /** The digest span (its `since`) that the digest belongs to. */
  readonly span: number;
  readonly start: number;
  readonly end: number;
  /** As in DigestSealed: files that come later belong to the next digest, also after a retry. */
  readonly filesThrough: number;
}

export interface DigestSealed {
  readonly type: 'DigestSealed';
  readonly at: number;
  readonly bucket: string;
  readonly key: string;
  readonly hash: string;
  readonly signature: string;
  /** How many of the chain's log files have been sealed so far, this digest's included. */
  readonly filesThrough: number;
}

export interface DeliveryState {
  /** Journal position up to which the chain has its records, or knows that it owes them. */
  readonly through?: string;
  readonly owed?: Owed;
  /** Log files delivered, ever; and how many of them a digest has sealed. */
  readonly files: number;
  readonly filesSealed: number;
  /** A stream version up to which every log file is sealed, and how many there are up to it. */
  readonly sealedVersion: number;
  readonly sealedVersionFiles: number;
  readonly version: number;
  readonly digest?: { readonly span: number; readonly end: number; readonly last?: SealedDigest };
  readonly planned?: Pick<DigestPlanned, 'span' | 'start' | 'end' | 'filesThrough'>;
  readonly digestRetry?: Retry;
  readonly latest: {
    readonly delivery?: Attempt;
    readonly digest?: Attempt;
    readonly notification?: Attempt;
    readonly logEvents?: Attempt;
  };
}

/** Records that could not be delivered yet. */
export interface Owed extends Retry {
  readonly from: string;
  readonly to: string;
  /** The time that names the files of the next attempt, and where it ends. */
  readonly planned?: { readonly at: number; readonly to: string };
}

export interface Retry {
  readonly since: number;
  readonly attempts: number;
  readonly nextAt: number;
}

export interface SealedDigest {
  readonly bucket: string;
  readonly key: string;
  readonly hash: string;
  readonly signature: string;
}

/** The latest success and the error since then, if any: what GetTrailStatus shows. */
export interface Attempt {
  readonly succeededAt?: number;
  readonly attemptedAt: number;
  readonly error?: string;
}

export const initialDelivery: DeliveryState = {
  files: 0,
  filesSealed: 0,
  sealedVersion: 0,
  sealedVersionFiles: 0,
  version: 0,
  latest: {},
};

const retryMinMs = 60_000;
const retryMaxMs = 60 * 60_000;
/** CloudTrail User Guide: redelivery to an unreachable bucket is tried for 30 days. */
export const redeliveryDaysMax = 30;

export function evolveDelivery(before: DeliveryState, event: DeliveryEvent): DeliveryState {
  const state = { ...before, version: before.version + 1 };
  const { latest } = state;
  switch (event.type) {
    case 'LogFileDelivered':
      return {
        ...state,
        files: state.files + 1,
        through: later(state.through, event.through),
        latest: { ...latest, delivery: success(event.at) },
      };
    case 'LogFilesDeferred':
      return deferred(state, event);
    case 'LogFilesOwed':
      return {
        ...state,
        through: later(state.through, event.to),
        owed: state.owed && { ...state.owed, to: later(state.owed.to, event.to) },
      };
    case 'RedeliveryPlanned':
      return state.owed
        ? { ...state, owed: { ...state.owed, planned: { at: event.at, to: event.to } } }
        : state;
    case 'RedeliveryRefused':
      return {
        ...state,
        owed: state.owed && { ...state.owed, ...again(state.owed, event.at) },
        latest: { ...latest, delivery: failure(latest.delivery, event) },
      };
    case 'LogFilesCaughtUp':
      return caughtUp(state, event.through);
    case 'LogFilesAbandoned':
      return abandoned(state, event);
    case 'DigestPlanned': {
      const { span, start, end, filesThrough } = event;
      return { ...state, planned: { span, start, end, filesThrough } };
    }
    case 'DigestSealed':
      return sealed(state, event);
    case 'DigestRefused':
      return {
        ...state,
        digestRetry: again(state.digestRetry, event.at),
        latest: { ...latest, digest: failure(latest.digest, event) },
      };
    case 'NotificationSent':
      return { ...state, latest: { ...latest, notification: success(event.at) } };
    case 'NotificationRefused':
      return { ...state, latest: { ...latest, notification: failure(latest.notification, event) } };
    case 'LogEventsSent':
      return { ...state, latest: { ...latest, logEvents: success(event.at) } };
    case 'LogEventsRefused':
      return { ...state, latest: { ...latest, logEvents: failure(latest.logEvents, event) } };
  }
}

function deferred(state: DeliveryState, event: LogFilesDeferred): DeliveryState {
  const { at, from, to } = event;
  return {
    ...state,
    through: later(state.through, to),
    // Planned as it was tried: the files that did get there must be found again by their names.
    owed: { ...again(undefined, at), from, to, planned: { at, to } },
    latest: { ...state.latest, delivery: failure(state.latest.delivery, event) },
  };
}

function caughtUp(state: DeliveryState, through: string): DeliveryState {
  const { owed } = state;
  if (!owed || through >= owed.to) return { ...state, owed: undefined };
  return { ...state, owed: { ...owed, from: through, planned: undefined, nextAt: 0 } };
}

/** A window that is planned stays planned when nothing of it was given up. */
function abandoned(state: DeliveryState, { through, since }: LogFilesAbandoned): DeliveryState {
  const after = through === state.owed?.from ? state : caughtUp(state, through);
  if (!after.owed || since === undefined) return after;
  return { ...after, owed: { ...after.owed, since } };
}

function sealed(state: DeliveryState, event: DigestSealed): DeliveryState {
  const { planned } = state;
  if (!planned) return state;
  const { bucket, key, hash, signature } = event;
  const last = { bucket, key, hash, signature };
  return {
    ...state,
    digest: { span: planned.span, end: planned.end, last },
    planned: undefined,
    digestRetry: undefined,
    filesSealed: event.filesThrough,
    ...(event.filesThrough >= state.files && {
      sealedVersion: state.version,
      sealedVersionFiles: state.files,
    }),
    latest: { ...state.latest, digest: success(event.at) },
  };
}

/** Backoff: a minute after the first failure, doubling up to an hour. */
export function again(before: Retry | undefined, at: number): Retry {
  const attempts = (before?.attempts ?? 0) + 1;
  const delayMs = Math.min(retryMinMs * 2 ** (attempts - 1), retryMaxMs);
  return { since: before?.since ?? at, attempts, nextAt: at + delayMs };
}

function success(at: number): Attempt {
  return { succeededAt: at, attemptedAt: at };
}

function failure(before: Attempt | undefined, event: { at: number; code: string }): Attempt {
  return { succeededAt: before?.succeededAt, attemptedAt: event.at, error: event.code };
}

function later(one: string | undefined, other: string): string {
  return one !== undefined && one > other ? one : other;
}
