/**
 * A regular expression of the service model (Java's) as a JavaScript one that matches the whole
 * value. It translates only what the model uses; the test runs every pattern on hostile values,
 * because a pattern here must take time linear in the value.
 */
export function wholeMatch(javaPattern: string): RegExp {
  const known = compiled.get(javaPattern);
  if (known !== undefined) return known;
  const dotAll = javaPattern.startsWith('(?s)');
  const bare = javaPattern
    .slice(dotAll ? '(?s)'.length : 0)
    .replace(/^\^/, '')
    .replace(/\$$/, '');
  const expression = new RegExp(`^(?:${dotAll ? bare : translate(bare)})$`, dotAll ? 's' : '');
  compiled.set(javaPattern, expression);
  return expression;
}

/** As many as the constraint table has patterns: nothing of a caller's comes here. */
const compiled = new Map<string, RegExp>();

/** Java's `.` also stops at NEL, and its `\s` knows the ASCII spaces alone. */
function translate(pattern: string): string {
  let result = '';
  let inClass = false;
  for (let i = 0; i < pattern.length; i += 1) {
    const character = pattern.charAt(i);
    if (character === '\\') {
      const escaped = pattern.slice(i, i + 2);
      result += escaped === '\\s' ? ' \\t\\n\\x0B\\f\\r' : escaped;
      i += 1;
      continue;
    }
    if (character === '[') inClass = true;
    if (character === ']') inClass = false;
    result += character === '.' && !inClass ? '[^\\n\\r\\u0085\\u2028\\u2029]' : character;
  }
  return result;
}
