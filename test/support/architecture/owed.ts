/**
 * The problems that nobody owes yet, and the debts that are paid: a file on the list without a
 * problem must leave it, so the list only ever shrinks.
 */
export function unsettled(
  problems: readonly string[],
  owedPaths: readonly string[],
): readonly string[] {
  const pathOf = (problem: string) => problem.split(/[: ]/)[0]!;
  const broken = new Set(problems.map(pathOf));
  return [
    ...problems.filter((problem) => !owedPaths.includes(pathOf(problem))),
    ...owedPaths.filter((path) => !broken.has(path)).map((path) => `${path} owes nothing any more`),
  ];
}
