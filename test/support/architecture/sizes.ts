import ts from 'typescript';
import { isTest, lineOf, nodesOf, type SourceText, treeOf } from './source.ts';

export const fileLinesMax = 300;
export const functionLinesMax = 70;
export const lineColumnsMax = 100;

/** What is longer than the style allows; one sentence each. */
export function checkSizes(sources: readonly SourceText[]): readonly string[] {
  return sources.flatMap((source) => [
    ...longFile(source),
    ...longFunctions(source),
    ...longLines(source),
  ]);
}

function longFile({ path, text }: SourceText): readonly string[] {
  const lines = text.replace(/\n$/, '').split('\n').length;
  return lines > fileLinesMax ? [`${path} has ${lines} lines; at most ${fileLinesMax}`] : [];
}

function longFunctions(source: SourceText): readonly string[] {
  const tree = treeOf(source);
  const problems: string[] = [];
  for (const node of nodesOf(tree)) {
    if (!isFunctionWithBody(node)) continue;
    if (isTest(source.path) && listsTests(node)) continue;
    const from = lineOf(tree, node);
    const lines = tree.getLineAndCharacterOfPosition(node.getEnd()).line + 2 - from;
    if (lines <= functionLinesMax) continue;
    problems.push(
      `${source.path}:${from} ${nameOf(node)} has ${lines} lines; at most ${functionLinesMax}`,
    );
  }
  return problems;
}

function isFunctionWithBody(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

/** A function that does no more than list tests is a page, not a function. */
function listsTests(node: ts.Node): boolean {
  for (const inner of nodesOf(node)) {
    if (!ts.isCallExpression(inner)) continue;
    if (/^(describe|test|it)\b/.test(inner.expression.getText())) return true;
  }
  return false;
}

function nameOf(node: ts.FunctionLikeDeclaration): string {
  if (node.name) return node.name.getText();
  return ts.isVariableDeclaration(node.parent) ? node.parent.name.getText() : 'a function';
}

/** Lines that the formatter can break. A string, a pattern or an import path stays in one piece. */
function longLines(source: SourceText): readonly string[] {
  const lines = source.text.split('\n');
  const long = lines.flatMap((line, at) => (columnsOf(line) > lineColumnsMax ? [at] : []));
  if (long.length === 0) return [];
  const unbreakable = linesOfLongPieces(source);
  return long
    .filter((at) => !unbreakable.has(at))
    .map((at) => {
      const columns = columnsOf(lines[at]!);
      return `${source.path}:${at + 1} has ${columns} columns; at most ${lineColumnsMax}`;
    });
}

function columnsOf(line: string): number {
  return [...line].length;
}

const pieceColumnsMin = 50;

/** Zero-based lines that hold a piece which is too long to share its line with much else. */
function linesOfLongPieces(source: SourceText): ReadonlySet<number> {
  const tree = treeOf(source);
  const found = new Set<number>();
  for (const node of nodesOf(tree)) {
    const isPiece = ts.isStringLiteralLike(node) || ts.isRegularExpressionLiteral(node);
    const isTemplate = ts.isTemplateExpression(node);
    if (!isPiece && !isTemplate) continue;
    const from = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line;
    const to = tree.getLineAndCharacterOfPosition(node.getEnd()).line;
    if (from === to && node.getWidth(tree) < pieceColumnsMin) continue;
    for (let line = from; line <= to; line += 1) found.add(line);
  }
  return found;
}
