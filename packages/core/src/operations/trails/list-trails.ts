import { refuse } from '../../domain/refusal.ts';
import { trailArn } from '../../domain/trails/trail-arn.ts';
import type { Operation } from '../operation.ts';
import { readToken, writeToken } from '../page-token.ts';
import { visibleTrails } from './trail-access.ts';

const pageTrails = 100;

/** Every trail that the account sees, in every Region. */
export const listTrails: Operation<'ListTrails'> = async (input, call, ports) => {
  const request = [call.account, 'ListTrails'];
  const after = input.NextToken === undefined ? '' : readToken(input.NextToken, request);
  if (after === undefined) {
    return refuse('ValidationException', 'The NextToken is not valid. Call ListTrails without it.');
  }
  const trails = (await visibleTrails(call, ports))
    .map(({ account, homeRegion, name }) => ({
      TrailARN: trailArn({ account, region: homeRegion, name }),
      Name: name,
      HomeRegion: homeRegion,
    }))
    .sort((one, other) => (one.TrailARN < other.TrailARN ? -1 : 1))
    .filter((trail) => trail.TrailARN > after);
  const page = trails.slice(0, pageTrails);
  const last = page.at(-1);
  const NextToken =
    trails.length > pageTrails && last ? writeToken(last.TrailARN, request) : undefined;
  return { Trails: page, NextToken };
};
