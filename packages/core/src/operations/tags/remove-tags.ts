import { isRefusal } from '../../domain/refusal.ts';
import { decideRemoveTags } from '../../domain/tags/tags.ts';
import type { Operation } from '../operation.ts';
import { changeTags } from './change-tags.ts';
import { changeableResource } from './taggable-resource.ts';

export const removeTags: Operation<'RemoveTags'> = async (input, call, ports) => {
  const arn = await changeableResource(input.ResourceId ?? '', call, ports);
  if (isRefusal(arn)) return arn;
  const tags = (input.TagsList ?? []).map(({ Key = '' }) => ({ Key }));
  return changeTags(ports.streams, arn, (state) => decideRemoveTags({ at: call.now, tags }, state));
};
