import { defaultTrailSelectors, type TrailSelectors } from '../selectors/selectors.ts';

/** What a trail is set to. An optional member is absent when it was never set, or cleared. */
export interface TrailSettings {
  readonly name: string;
  /** The management account for an organization trail, whoever made it. */
  readonly account: string;
  readonly homeRegion: string;
  readonly s3BucketName: string;
  /** Without a slash at its end. */
  readonly s3KeyPrefix?: string;
  /** As the caller gave it: a name or an ARN. */
  readonly snsTopicName?: string;
  readonly snsTopicArn?: string;
  readonly includeGlobalServiceEvents: boolean;
  readonly isMultiRegionTrail: boolean;
  readonly isOrganizationTrail: boolean;
  readonly organizationId?: string;
  readonly logFileValidationEnabled: boolean;
  readonly cloudWatchLogsLogGroupArn?: string;
  readonly cloudWatchLogsRoleArn?: string;
  readonly kmsKeyArn?: string;
  /** Only kept when the caller said so; CloudTrail's default is true. */
  readonly recursiveLogging?: boolean;
}

export type TrailEvent =
  | { readonly type: 'TrailCreated'; readonly at: number; readonly settings: TrailSettings }
  | { readonly type: 'TrailUpdated'; readonly at: number; readonly settings: TrailSettings }
  | { readonly type: 'TrailDeleted'; readonly at: number }
  | { readonly type: 'LoggingStarted'; readonly at: number }
  | { readonly type: 'LoggingStopped'; readonly at: number }
  | {
      readonly type: 'EventSelectorsPut';
      readonly at: number;
      readonly selectors: TrailSelectors;
    };

/**
 * A span of time in which the trail both logged and validated its log files: one digest chain for
 * each account and Region. An ended span keeps the settings that its last digest needs.
 */
export interface DigestSpan {
  readonly since: number;
  readonly ended?: {
    readonly at: number;
    readonly settings: TrailSettings;
    /** Validation was switched off and files go on coming, which belong to no digest. */
    readonly logsOn?: boolean;
  };
}

export interface LiveTrail {
  readonly status: 'live';
  readonly settings: TrailSettings;
  readonly selectors: TrailSelectors;
  readonly logging: boolean;
  readonly startedAt?: number;
  readonly stoppedAt?: number;
  readonly spans: readonly DigestSpan[];
}

export type TrailState =
  | { readonly status: 'absent' }
  | LiveTrail
  | { readonly status: 'deleted'; readonly spans: readonly DigestSpan[] };

export const initialTrail: TrailState = { status: 'absent' };

/** Ended spans are kept as long as a delivery may be retried. */
const spanKeptDays = 40;

export function evolveTrail(state: TrailState, event: TrailEvent): TrailState {
  if (event.type === 'TrailCreated') {
    return {
      status: 'live',
      settings: event.settings,
      selectors: defaultTrailSelectors,
      logging: false,
      spans: state.status === 'absent' ? [] : state.spans,
    };
  }
  if (state.status !== 'live') return state;
  return withSpans(state, event.at, changed(state, event));
}

function changed(state: LiveTrail, event: Exclude<TrailEvent, { type: 'TrailCreated' }>) {
  switch (event.type) {
    case 'TrailUpdated':
      return { ...state, settings: event.settings };
    case 'TrailDeleted':
      return { status: 'deleted' as const, spans: state.spans };
    case 'LoggingStarted':
      return { ...state, logging: true, startedAt: event.at };
    case 'LoggingStopped':
      return { ...state, logging: false, stoppedAt: event.at };
    case 'EventSelectorsPut':
      return { ...state, selectors: event.selectors };
  }
}

function withSpans(before: LiveTrail, at: number, after: LiveTrail | { status: 'deleted' }) {
  const validating = (trail: LiveTrail | { status: 'deleted' }) =>
    trail.status === 'live' && trail.logging && trail.settings.logFileValidationEnabled;
  const kept = before.spans.filter(
    (span) => !span.ended || span.ended.at > at - spanKeptDays * 86_400_000,
  );
  let spans: readonly DigestSpan[] = kept;
  if (!validating(before) && validating(after)) spans = [...kept, { since: at }];
  if (validating(before) && !validating(after)) {
    const logsOn = after.status === 'live' && after.logging;
    const ended = { at, settings: before.settings, logsOn };
    spans = kept.map((span) => (span.ended ? span : { ...span, ended }));
  }
  return after.status === 'live' ? { ...after, spans } : { status: 'deleted' as const, spans };
}
