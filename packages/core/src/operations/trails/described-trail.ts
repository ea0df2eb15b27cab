import { hasCustomEventSelectors } from '../../domain/selectors/selectors.ts';
import type { LiveTrail } from '../../domain/trails/trail.ts';
import { settingsOutput } from './trail-output.ts';

/** A trail as GetTrail and DescribeTrails show it. */
export function describedTrail({ settings, selectors }: LiveTrail) {
  return {
    ...settingsOutput(settings),
    HomeRegion: settings.homeRegion,
    HasCustomEventSelectors: hasCustomEventSelectors(selectors),
    HasInsightSelectors: false,
  };
}
