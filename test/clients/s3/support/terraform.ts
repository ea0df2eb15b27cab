import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientRun, runClient } from './run-client.ts';

export interface Terraform {
  /** Replaces the configuration; the provider block is there already. */
  configure(hcl: string): Promise<void>;
  run(...args: string[]): Promise<ClientRun>;
  close(): Promise<void>;
}

/** A working folder, with hashicorp/aws from a filesystem mirror: nothing is fetched. */
export async function newTerraform(endpoint: string, mirror: string): Promise<Terraform> {
  const cwd = await mkdtemp(join(tmpdir(), 'trailkeep-terraform-'));
  const cliConfig = join(cwd, 'terraform.rc');
  await writeFile(
    cliConfig,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
  );
  await mkdir(join(cwd, 'main'));
  await writeFile(join(cwd, 'main', 'provider.tf'), provider);
  const env = {
    TF_CLI_CONFIG_FILE: cliConfig,
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    CHECKPOINT_DISABLE: '1',
  };
  return {
    configure: (hcl) => writeFile(join(cwd, 'main', 'main.tf'), hcl),
    run: (...args) => runClient(endpoint, ['terraform', ...args], { cwd: join(cwd, 'main'), env }),
    close: () => rm(cwd, { recursive: true, force: true }),
  };
}

const provider = `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region            = "us-east-1"
  s3_use_path_style = true
}
`;
