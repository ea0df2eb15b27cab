import { isRefusal } from '../../domain/refusal.ts';
import { decideStopLogging } from '../../domain/trails/change-trail.ts';
import type { Operation } from '../operation.ts';
import { changeTrail } from './trail-access.ts';

export const stopLogging: Operation<'StopLogging'> = async (input, call, ports) => {
  const stopped = await changeTrail(input.Name ?? '', call, ports, (trail) =>
    decideStopLogging(call.now, trail),
  );
  return isRefusal(stopped) ? stopped : {};
};
