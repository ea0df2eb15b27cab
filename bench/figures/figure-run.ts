import type { Child } from '../child.ts';
import type { Report } from '../report.ts';
import type { Settings } from '../settings.ts';

/** What a figure needs to be measured. */
export interface FigureRun {
  readonly settings: Settings;
  readonly report: Report;
  readonly load: Child;
  readonly gzip: Child;
}
