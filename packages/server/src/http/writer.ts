import type { IncomingMessage } from 'node:http';
import { isRefusal, type Refusal } from '@trailkeep/core/domain/refusal.ts';
import type { Writer } from '@trailkeep/core/ingest.ts';
import type { Organizations } from '@trailkeep/core/ports/organizations.ts';
import { devCaller } from './caller.ts';

export interface WriterPorts {
  readonly defaultAccount: string;
  /** Accounts that may write records of every account. */
  readonly writers: readonly string[];
}

/**
 * An unsigned request to our own paths is the operator's, who may write for every account. A signed
 * one is bound to its account, unless that is the management account or a configured writer.
 */
export async function writerOf(
  request: IncomingMessage,
  config: WriterPorts,
  organizations: Organizations | undefined,
): Promise<Writer | Refusal> {
  if (request.headers.authorization === undefined && !request.url?.includes('X-Amz-')) {
    return { account: config.defaultAccount, mayWriteFor: () => true };
  }
  const caller = devCaller(request, config.defaultAccount);
  if (isRefusal(caller)) return caller;
  const { account } = caller;
  if (config.writers.includes(account)) return { account, mayWriteFor: () => true };
  const organization = await organizations?.of(account);
  const members = new Set(
    organization?.managementAccountId === account ? organization.accounts.map((one) => one.id) : [],
  );
  return { account, mayWriteFor: (other) => other === account || members.has(other) };
}
