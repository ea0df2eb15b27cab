import { isRefusal } from '../../domain/refusal.ts';
import type { Operation } from '../operation.ts';
import { describedTrail } from './described-trail.ts';
import { findTrail } from './trail-access.ts';

export const getTrail: Operation<'GetTrail'> = async (input, call, ports) => {
  const found = await findTrail(input.Name ?? '', call, ports, 'as-given');
  return isRefusal(found) ? found : { Trail: describedTrail(found.trail) };
};
