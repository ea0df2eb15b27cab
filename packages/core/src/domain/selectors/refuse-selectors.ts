import { type Refusal, refuse } from '../refusal.ts';

export type InvalidEventSelectors = Refusal<'InvalidEventSelectorsException'>;

export function refuseSelectors(sentence: string): InvalidEventSelectors {
  return refuse('InvalidEventSelectorsException', sentence);
}

/** `value` cut so that a refusal's sentence stays short, with control characters replaced. */
export function printable(value: string): string {
  const shown =
    value.length > shownCharactersMax ? `${value.slice(0, shownCharactersMax)}...` : value;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not reach a terminal.
  return shown.replace(/[\u0000-\u001f\u007f]/g, '?');
}

const shownCharactersMax = 200;
