/** `value` cut so that a refusal's sentence stays short, with control characters replaced. */
export function printable(value: string): string {
  const shown =
    value.length > shownCharactersMax ? `${value.slice(0, shownCharactersMax)}...` : value;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not reach a terminal.
  return shown.replace(/[\u0000-\u001f\u007f]/g, '?');
}

const shownCharactersMax = 200;
