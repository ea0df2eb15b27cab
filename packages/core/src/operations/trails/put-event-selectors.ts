import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts';
import { checkAdvancedSelectors } from '../../domain/selectors/check-advanced-selectors.ts';
import { checkBasicSelectors } from '../../domain/selectors/check-basic-selectors.ts';
import { defaultTrailSelectors, type TrailSelectors } from '../../domain/selectors/selectors.ts';
import { decidePutEventSelectors } from '../../domain/trails/change-trail.ts';
import type { InputOf } from '../../wire/shapes.ts';
import type { Operation } from '../operation.ts';
import { selectorsOutput } from './get-event-selectors.ts';
import { changeTrail, findChangeableTrail } from './trail-access.ts';
import { settingsOutput } from './trail-output.ts';

/** Replaces the trail's selectors, whichever kind it had. */
export const putEventSelectors: Operation<'PutEventSelectors'> = async (input, call, ports) => {
  const name = input.TrailName ?? '';
  const found = await findChangeableTrail(name, call, ports);
  if (isRefusal(found)) return found;
  const selectors = readSelectors(input, found.trail.selectors);
  if (isRefusal(selectors)) return selectors;
  const changed = await changeTrail<never>(name, call, ports, () =>
    decidePutEventSelectors(call.now, selectors),
  );
  if (isRefusal(changed)) return changed;
  const { TrailARN } = settingsOutput(changed.settings);
  return { TrailARN, ...selectorsOutput(changed.selectors) };
};

function readSelectors(
  input: InputOf<'PutEventSelectors'>,
  before: TrailSelectors,
): TrailSelectors | Refusal<'InvalidEventSelectorsException'> {
  const { EventSelectors: basic, AdvancedEventSelectors: advanced } = input;
  // Terraform takes away the last advanced selector this way; the default ones are in force again.
  if (advanced?.length === 0) {
    if (basic) return checkBasicSelectors(basic);
    return before.kind === 'advanced' ? defaultTrailSelectors : before;
  }
  if (basic && advanced) {
    return refuse(
      'InvalidEventSelectorsException',
      'You cannot specify both EventSelectors and AdvancedEventSelectors. Choose one of them.',
    );
  }
  if (advanced) return checkAdvancedSelectors(advanced, 'trail');
  if (basic) return checkBasicSelectors(basic);
  return refuse(
    'InvalidEventSelectorsException',
    'You must specify EventSelectors or AdvancedEventSelectors.',
  );
}
