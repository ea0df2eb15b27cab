import type { ReplayProgress } from './replay-files.ts';

/**
 * Shows how a replay goes on: one line that is written over on a terminal, a plain line every five
 * seconds elsewhere. Writes to the stream it is given (standard error) and nowhere else.
 */
export function progressDisplay(options: ProgressOptions): ProgressDisplay {
  const { stream, now = Date.now, env = process.env } = options;
  const live = stream.isTTY === true && env['TERM'] !== 'dumb';
  const dim = live && !env['NO_COLOR'] ? (text: string) => `\u001b[2m${text}\u001b[0m` : undefined;
  const interval = live ? 100 : 5000;
  let phase: ReplayProgress['phase'] | undefined;
  let phaseStart = 0;
  let shownAt = 0;
  let lineOpen = false;

  return {
    update(progress) {
      const time = now();
      if (progress.phase !== phase) {
        phase = progress.phase;
        phaseStart = time;
        // A terminal shows the first line at once; a log gets one only if it takes long.
        shownAt = live ? Number.NEGATIVE_INFINITY : time;
      }
      if (time - shownAt < interval) return;
      shownAt = time;
      const line = progressLine(progress, (time - phaseStart) / 1000);
      if (!live) return void stream.write(`${line}\n`);
      const fitting = line.slice(0, Math.max(20, (stream.columns ?? 80) - 1));
      stream.write(`\r\u001b[2K${dim?.(fitting) ?? fitting}`);
      lineOpen = true;
    },
    done() {
      if (lineOpen) stream.write('\r\u001b[2K');
      lineOpen = false;
    },
  };
}

export interface ProgressDisplay {
  update(progress: ReplayProgress): void;
  /** Takes the line away, so that what follows begins in the first column. */
  done(): void;
}

export interface ProgressOptions {
  readonly stream: {
    readonly isTTY?: boolean;
    readonly columns?: number;
    write(text: string): unknown;
  };
  readonly now?: () => number;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

function progressLine(progress: ReplayProgress, seconds: number): string {
  const { phase, records, bytesRead, bytesTotal } = progress;
  const verb = phase === 'scan' ? 'read' : 'sent';
  const parts = [`${grouped(records)} records ${verb}`];
  if (seconds > 0) parts.push(`${grouped(Math.round(records / seconds))}/s`);
  const share = bytesTotal > 0 ? Math.min(1, bytesRead / bytesTotal) : undefined;
  if (share !== undefined) parts.push(`${Math.floor(share * 100)}%`);
  if (share !== undefined && share > 0 && share < 1 && seconds >= 1) {
    parts.push(`${duration((seconds / share) * (1 - share))} left`);
  }
  return parts.join(', ');
}

/** 1234567 as 1,234,567, whatever the locale: lines may be read by programs. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
