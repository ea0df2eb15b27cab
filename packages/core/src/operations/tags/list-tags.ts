import { isRefusal, refuse } from '../../domain/refusal.ts';
import type { Operation } from '../operation.ts';
import { tagsKind, tagsStream } from './resource-tags.ts';
import { readableResource } from './taggable-resource.ts';

const resourcesMax = 20;

/** An entry for every resource asked for, also when it has no tags: Terraform reads the first. */
export const listTags: Operation<'ListTags'> = async (input, call, ports) => {
  const arns = input.ResourceIdList ?? [];
  if (input.NextToken !== undefined) {
    return refuse('InvalidTokenException', 'The token is not valid: all tags come on one page.');
  }
  if (arns.length > resourcesMax) {
    return refuse(
      'ValidationException',
      `ListTags answers for at most ${resourcesMax} resources at a time; ${arns.length} were given.`,
    );
  }
  const ResourceTagList = [];
  for (const id of arns) {
    const arn = await readableResource(id, call, ports);
    if (isRefusal(arn)) return arn;
    const { state } = await ports.streams.load(tagsKind, tagsStream(arn));
    ResourceTagList.push({ ResourceId: arn, TagsList: state.map((tag) => ({ ...tag })) });
  }
  return { ResourceTagList };
};
