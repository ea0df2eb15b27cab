import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ran } from './aws-cli.ts';
import type { Tool } from './find-tools.ts';

/**
 * A Terraform workspace whose provider knows where the server is from AWS_ENDPOINT_URL alone. The
 * provider comes from a folder, so that nothing is downloaded.
 */
export function terraformWorkspace(tool: Tool, endpoint: string, account = '123456789012') {
  const folder = mkdtempSync(join(tmpdir(), 'trailkeep-terraform-'));
  const cliConfig = join(folder, 'terraformrc');
  writeFileSync(cliConfig, mirrored(tool.mirror ?? ''));
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    TF_CLI_CONFIG_FILE: cliConfig,
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const cwd = join(folder, 'configuration');
  mkdirSync(cwd);

  function run(line: string, ...more: readonly string[]): Promise<Ran> {
    const args = [...line.split(' '), '-no-color', ...more];
    const limits = { timeout: commandMsMax, maxBuffer: 64 * 1024 * 1024 };
    return new Promise((resolve) => {
      execFile(tool.path, args, { cwd, env, ...limits }, (error, stdout, stderr) => {
        const code = error ? Number((error as { code?: unknown }).code ?? Number.NaN) : 0;
        resolve({ code, stdout, stderr });
      });
    });
  }

  return {
    run,
    /** Resources by type and name, as Terraform's JSON syntax has them. */
    configure(resource: object): void {
      const required_providers = { aws: { source: 'hashicorp/aws', version: '5.100.0' } };
      const terraform = { required_providers };
      const text = JSON.stringify({ terraform, provider: { aws: {} }, resource }, null, 2);
      writeFileSync(join(cwd, 'main.tf.json'), text);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export type TerraformWorkspace = ReturnType<typeof terraformWorkspace>;

const commandMsMax = 120_000;

function mirrored(folder: string): string {
  return `provider_installation {
  filesystem_mirror {
    path = ${JSON.stringify(folder)}
  }
}
`;
}
