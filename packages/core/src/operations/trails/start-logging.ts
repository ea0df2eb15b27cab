import { isRefusal } from '../../domain/refusal.ts';
import { decideStartLogging } from '../../domain/trails/change-trail.ts';
import type { Operation } from '../operation.ts';
import { changeTrail } from './trail-access.ts';

export const startLogging: Operation<'StartLogging'> = async (input, call, ports) => {
  const started = await changeTrail(input.Name ?? '', call, ports, (trail) =>
    decideStartLogging(call.now, trail),
  );
  return isRefusal(started) ? started : {};
};
