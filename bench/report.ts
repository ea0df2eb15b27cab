import { appendFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** One measured number, and what it is held against. */
export interface Figure {
  readonly bench: string;
  readonly value: number;
  readonly unit: string;
  /** What was measured alongside, in the same unit; ratio = value / its value. */
  readonly against?: string;
  readonly ratio?: Spread;
  /** What the limit and the aim are about, and whether less or more is better. */
  readonly judged?: Judged;
  readonly note?: string;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly pairs: number;
}

export interface Judged {
  readonly by: 'value' | 'ratio';
  readonly better: 'less' | 'more';
  readonly limit: number;
  readonly aim?: number;
}

export interface Report {
  /** Says at once what was measured. */
  add(figure: Figure): void;
  say(sentence: string): void;
  /** The table of everything; answers how many limits were missed. */
  finish(): number;
}

/** Words for people on standard error, a JSON line for each figure on standard output. */
export function newReport(jsonPath: string | undefined): Report {
  const figures: Figure[] = [];
  return {
    add(figure) {
      figures.push(figure);
      const line = JSON.stringify(jsonOf(figure));
      process.stdout.write(`${line}\n`);
      if (jsonPath !== undefined) appendFileSync(jsonPath, `${line}\n`);
    },
    say: (sentence) => process.stderr.write(`${sentence}\n`),
    finish() {
      process.stderr.write(`\n${table(figures)}\n`);
      return figures.filter((figure) => verdict(figure) === 'MISSED').length;
    },
  };
}

export function machineName(): string {
  const [first] = cpus();
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return `${first?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores, ${gibibytes} GiB, ${process.platform} ${process.arch}, Node ${process.version}`;
}

function jsonOf({ bench, value, unit, against, ratio, judged, note }: Figure) {
  return {
    bench,
    value: rounded(value),
    unit,
    against: against ?? null,
    ratio: ratio ? rounded(ratio.median) : null,
    ...(ratio && { min: rounded(ratio.min), max: rounded(ratio.max), pairs: ratio.pairs }),
    ...(judged && { limit: judged.limit, aim: judged.aim, judged: judged.by }),
    ...(judged && { met: verdict({ bench, value, unit, ratio, judged }) !== 'MISSED' }),
    ...(note !== undefined && { note }),
  };
}

/** `MISSED`, `met` or, when the aim is reached too, `aim`. */
function verdict({ value, ratio, judged }: Figure): string {
  if (judged === undefined) return '';
  const measured = judged.by === 'value' ? value : ratio?.median;
  if (measured === undefined) return '';
  const within = (bound: number) =>
    judged.better === 'less' ? measured <= bound : measured >= bound;
  if (!within(judged.limit)) return 'MISSED';
  return judged.aim !== undefined && within(judged.aim) ? 'aim' : 'met';
}

function table(figures: readonly Figure[]): string {
  const head = ['figure', 'value', 'ratio (min-max)', 'limit', 'aim', '', 'against'];
  const rows = figures.map((figure) => {
    const { bench, value, unit, ratio, judged, against = '' } = figure;
    const sign = judged?.better === 'more' ? '>=' : '<=';
    const bound = (at: number | undefined) =>
      at === undefined ? '' : `${sign} ${at}${judged?.by === 'ratio' ? 'x' : ''}`;
    const spread = ratio ? `${shown(ratio.median)}x (${shown(ratio.min)}-${shown(ratio.max)})` : '';
    return [
      bench,
      `${shown(value)} ${unit}`,
      spread,
      bound(judged?.limit),
      bound(judged?.aim),
      verdict(figure),
      against,
    ];
  });
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]!.length)),
  );
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function shown(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(rounded(value));
}

function rounded(value: number): number {
  return Number(value.toPrecision(value >= 1000 ? 6 : 3));
}
