import { isRefusal } from '../../domain/refusal.ts';
import { decideAddTags } from '../../domain/tags/tags.ts';
import type { Operation } from '../operation.ts';
import { changeTags } from './change-tags.ts';
import { changeableResource } from './taggable-resource.ts';

export const addTags: Operation<'AddTags'> = async (input, call, ports) => {
  const arn = await changeableResource(input.ResourceId ?? '', call, ports);
  if (isRefusal(arn)) return arn;
  const tags = (input.TagsList ?? []).map(({ Key = '', Value }) => ({ Key, Value }));
  return changeTags(ports.streams, arn, (state) => decideAddTags({ at: call.now, tags }, state));
};
