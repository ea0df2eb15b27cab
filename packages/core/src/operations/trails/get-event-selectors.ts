import { isRefusal } from '../../domain/refusal.ts';
import type { TrailSelectors } from '../../domain/selectors/selectors.ts';
import type { Operation } from '../operation.ts';
import { findTrail } from './trail-access.ts';
import { settingsOutput } from './trail-output.ts';

export const getEventSelectors: Operation<'GetEventSelectors'> = async (input, call, ports) => {
  const found = await findTrail(input.TrailName ?? '', call, ports);
  if (isRefusal(found)) return found;
  const { TrailARN } = settingsOutput(found.trail.settings);
  return { TrailARN, ...selectorsOutput(found.trail.selectors) };
};

/** Only the kind in use is answered. */
export function selectorsOutput(trailSelectors: TrailSelectors) {
  if (trailSelectors.kind === 'basic') {
    return {
      EventSelectors: trailSelectors.selectors.map((selector) => ({
        ...selector,
        DataResources: selector.DataResources.map(({ Type, Values }) => ({
          Type,
          Values: [...Values],
        })),
        ExcludeManagementEventSources: [...selector.ExcludeManagementEventSources],
      })),
    };
  }
  return {
    AdvancedEventSelectors: trailSelectors.selectors.map(({ Name, FieldSelectors = [] }) => ({
      Name,
      FieldSelectors: FieldSelectors.map(({ Field, ...operators }) => ({
        Field,
        ...Object.fromEntries(
          Object.entries(operators).map(([operator, values]) => [operator, values && [...values]]),
        ),
      })),
    })),
  };
}
