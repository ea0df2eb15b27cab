import { checkLookup, historyDays, lookupPageMax } from '../../domain/events/lookup.ts';
import { lookupRate } from '../../domain/events/lookup-rate.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import type { HistoryAttribute } from '../../ports/history.ts';
import type { InputOf } from '../../wire/shapes.ts';
import type { Operation } from '../operation.ts';
import { readToken, writeToken } from '../page-token.ts';
import { historyEvent } from './history-event.ts';

const rate = lookupRate();

/** The Region's management (or Insights) events of the last 90 days, newest first. */
export const lookupEvents: Operation<'LookupEvents'> = async (input, call, ports) => {
  if (ports.throttling && !rate.take(`${call.account}/${call.region}`, call.now)) {
    return refuse('ThrottlingException', 'Rate exceeded');
  }
  const refusal = checkLookup(input);
  if (refusal) return refusal;
  const range = timeRange(input, call.now);
  const token = tokenRequest(input, call);
  const after = readNext(input.NextToken, token);
  if (isRefusal(after)) return after;
  const [attribute] = input.LookupAttributes ?? [];
  const page = await ports.history.lookup({
    account: call.account,
    region: call.region,
    category: input.EventCategory === 'insight' ? 'Insight' : 'Management',
    attribute: attribute && {
      key: attribute.AttributeKey as HistoryAttribute,
      value: attribute.AttributeValue ?? '',
    },
    ...range,
    limit: input.MaxResults ?? lookupPageMax,
    after,
  });
  return {
    Events: page.records.map(historyEvent),
    NextToken: page.next === undefined ? undefined : writeToken(page.next, token),
  };
};

function timeRange(input: InputOf<'LookupEvents'>, now: number) {
  const oldest = now - historyDays * 86_400_000;
  const startTime = Math.max(input.StartTime?.getTime() ?? oldest, oldest);
  return { startTime, endTime: input.EndTime?.getTime() ?? Number.MAX_SAFE_INTEGER };
}

function tokenRequest(input: InputOf<'LookupEvents'>, call: { account: string; region: string }) {
  const { NextToken: _, MaxResults: __, ...parameters } = input;
  return [call.account, call.region, parameters];
}

function readNext(
  token: string | undefined,
  request: unknown,
): string | undefined | Refusal<'InvalidNextTokenException'> {
  if (token === undefined) return undefined;
  return (
    readToken(token, request) ??
    refuse(
      'InvalidNextTokenException',
      'The NextToken is not valid. Give it with the same parameters as the call that returned it.',
    )
  );
}
