import type { Refusal } from '../domain/refusal.ts';
import type { History } from '../ports/history.ts';
import type { Neighbours } from '../ports/neighbours.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { OrganizationFacts, Organizations } from '../ports/organizations.ts';
import type { SigningKeys } from '../ports/signing-keys.ts';
import type { Streams } from '../streams/streams.ts';
import type { ErrorOf } from '../wire/operation-errors.ts';
import type { InputOf, OperationName, OutputOf } from '../wire/shapes.ts';

/** Who calls, from which Region, and when. */
export interface CallContext {
  readonly account: string;
  readonly region: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What operations work with. */
export interface OperationPorts {
  readonly streams: Streams;
  readonly objects: ObjectStore;
  readonly history: History;
  readonly keys: SigningKeys;
  readonly neighbours: Neighbours;
  readonly organizations: Organizations;
  /** `policy`: CreateTrail evaluates the bucket's policy too. */
  readonly bucketCheck: 'exists' | 'policy';
  /** LookupEvents answers twice a second per account and Region, as the service does, or always. */
  readonly throttling: boolean;
}

/** An operation answers with its own output, or refuses with an error that the API lists for it. */
export type Operation<Name extends OperationName> = (
  input: InputOf<Name>,
  call: CallContext,
  ports: OperationPorts,
) => Promise<OutputOf<Name> | Refusal<ErrorOf<Name>>>;

export function organizationOf(
  call: CallContext,
  ports: OperationPorts,
): Promise<OrganizationFacts | undefined> {
  return ports.organizations.of(call.account);
}
