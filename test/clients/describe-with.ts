import { describe, inject, test } from 'vitest';
import type { Tool, ToolName } from './find-tools.ts';

/**
 * A suite that needs a tool. Without the tool it says that it did not run, and why; it fails where
 * TRAILKEEP_TEST_REQUIRE_TOOLS is set, as in CI.
 */
export function describeWith(name: ToolName, title: string, suite: (tool: Tool) => void): void {
  const tool = inject('tools')[name];
  if (tool.path) {
    describe(`${title} (${firstWords(tool.version)})`, () => suite(tool));
    return;
  }
  const sentence = `${title}: DID NOT RUN, because ${name} is missing: ${tool.missing}`;
  process.stderr.write(`\n*** ${sentence}\n`);
  if (process.env['TRAILKEEP_TEST_REQUIRE_TOOLS']) {
    test(sentence, () => {
      throw new Error(sentence);
    });
  } else test.skip(sentence);
}

/** A suite that needs aws-cli and is content with any version of it. */
export function describeWithAnyAws(title: string, suite: (tool: Tool) => void): void {
  const tools = inject('tools');
  describeWith(awsNames.find((name) => tools[name].path) ?? 'aws', title, suite);
}

export const awsNames = ['aws', 'newestAws', 'olderAws'] as const;

function firstWords(version: string): string {
  return version
    .split(' ')
    .slice(0, 4)
    .join(' ')
    .replace(/ Python.*/, '');
}
