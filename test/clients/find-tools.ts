import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

/**
 * Finds the clients that judge the server and prints which will run. Python packages come from
 * PyPI into a folder that is kept between runs (TRAILKEEP_TEST_VENV). What is missing is told to
 * the tests, which then print that they did not run, or fail with TRAILKEEP_TEST_REQUIRE_TOOLS.
 */
export default async function setup(project: TestProject): Promise<void> {
  const folder = process.env['TRAILKEEP_TEST_VENV'] ?? join(tmpdir(), 'trailkeep-test-venv');
  const venv = await madeVenv(folder, ['awscli', 'boto3', 'duckdb']);
  const older = await madeVenv(`${folder}-older`, [olderAwsCli]);
  const found: FoundTools = {
    aws: await awsOnPath(),
    newestAws: await inVenv(venv, ['bin/aws', '--version'], 'bin/aws'),
    olderAws: await inVenv(older, ['bin/aws', '--version'], 'bin/aws'),
    boto3: await inVenv(venv, ['bin/python', '-c', versionOf('boto3')], 'bin/python'),
    duckdb: await inVenv(venv, ['bin/python', '-c', versionOf('duckdb')], 'bin/python'),
    terraform: await findTerraform(),
  };
  for (const [name, tool] of Object.entries(found)) {
    const line = tool.path ? `${tool.version} (${tool.path})` : `NOT FOUND: ${tool.missing}`;
    process.stdout.write(`client ${name}: ${line}\n`);
  }
  project.provide('tools', found);
}

export interface Tool {
  /** Empty when the tool is missing. */
  readonly path: string;
  readonly version: string;
  /** Why there is none. */
  readonly missing: string;
  /** Terraform: the folder that holds the provider. */
  readonly mirror?: string;
}

export type ToolName = 'aws' | 'newestAws' | 'olderAws' | 'boto3' | 'duckdb' | 'terraform';
export type FoundTools = Readonly<Record<ToolName, Tool>>;

declare module 'vitest' {
  interface ProvidedContext {
    tools: FoundTools;
  }
}

interface Venv {
  readonly folder: string;
  readonly missing: string;
}

const run = promisify(execFile);
const probeMsMax = 60_000;
const installMsMax = 300_000;
/** Of the year in which AWS_ENDPOINT_URL came; it lists buckets in another way than newer ones. */
const olderAwsCli = 'awscli==1.32.0';
const terraformProvider = 'registry.terraform.io/hashicorp/aws/5.100.0';

async function madeVenv(folder: string, packages: readonly string[]): Promise<Venv> {
  const complete = join(folder, 'trailkeep-complete');
  if (existsSync(complete)) return { folder, missing: '' };
  try {
    await run('python3', ['-m', 'venv', folder], { timeout: probeMsMax });
    const pip = join(folder, 'bin/pip');
    await run(pip, ['install', '--quiet', ...packages], { timeout: installMsMax });
    await run('touch', [complete]);
    return { folder, missing: '' };
  } catch (error) {
    return { folder, missing: `${packages.join(', ')} from PyPI: ${oneLine(error)}` };
  }
}

async function inVenv(
  venv: Venv,
  [program = '', ...args]: readonly string[],
  path: string,
): Promise<Tool> {
  if (venv.missing) return absent(venv.missing);
  return probe(join(venv.folder, program), args, join(venv.folder, path));
}

function versionOf(module: string): string {
  return `import ${module}, sys; print("${module}", ${module}.__version__)`;
}

async function awsOnPath(): Promise<Tool> {
  return probe('aws', ['--version'], 'aws');
}

async function findTerraform(): Promise<Tool> {
  const tool = await probe('terraform', ['version', '-json'], 'terraform');
  if (!tool.path) return tool;
  const { terraform_version } = JSON.parse(tool.version) as { terraform_version: string };
  const mirrors = [
    process.env['TRAILKEEP_TEST_TF_MIRROR'],
    join(homedir(), '.terraform.d/plugins'),
    ...foldersIn('/opt'),
    '/usr/local/share/terraform/plugins',
    '/usr/share/terraform/plugins',
  ];
  const mirror = mirrors.find((folder) => folder && existsSync(join(folder, terraformProvider)));
  if (!mirror) return absent(`no filesystem mirror holds ${terraformProvider}`);
  return { ...tool, version: `Terraform ${terraform_version}, aws 5.100.0`, mirror };
}

/** Software that a machine's owner adds stands in folders of its own there. */
function foldersIn(parent: string): readonly string[] {
  return existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name)) : [];
}

async function probe(command: string, args: readonly string[], path: string): Promise<Tool> {
  try {
    const env = { ...process.env, TF_CLI_CONFIG_FILE: '/dev/null' };
    const { stdout, stderr } = await run(command, [...args], { timeout: probeMsMax, env });
    return { path, version: (stdout || stderr).trim(), missing: '' };
  } catch (error) {
    return absent(oneLine(error));
  }
}

function absent(missing: string): Tool {
  return { path: '', version: '', missing };
}

function oneLine(error: unknown): string {
  return (error as Error).message.trim().split('\n').slice(-1).join('').slice(0, 300);
}
