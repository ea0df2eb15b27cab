import { createHash } from 'node:crypto';
import { partitionOf } from '../../domain/trails/trail-arn.ts';
import type { Caller, KeyFacts, Neighbours, TopicFacts } from '../../ports/neighbours.ts';

/**
 * Neighbours as the configuration describes them. Of a kind with no list, everything of a
 * well-formed name is usable; of a kind with a list, only what is in it is there.
 */
export function configuredNeighbours(configured: ConfiguredNeighbours = {}): Neighbours {
  const logGroups = configured.logGroups?.map(withoutStar);
  return {
    async topic(nameOrArn, caller) {
      return topicFacts(nameOrArn, caller, configured.topics);
    },
    async key(keyId, caller) {
      const { keys } = configured;
      return keys === undefined ? anyKey(keyId, caller) : listedKey(keyId, caller, keys);
    },
    async logGroup(arn) {
      const usable = logGroups?.includes(withoutStar(arn)) ?? logGroupShape.test(arn);
      return usable ? 'usable' : 'missing';
    },
    async role(arn) {
      return (configured.roles?.includes(arn) ?? roleShape.test(arn)) ? 'usable' : 'not-trusted';
    },
  };
}

export interface ConfiguredNeighbours {
  readonly topics?: readonly string[];
  readonly keys?: readonly ConfiguredKey[];
  /** With or without the final `:*`. */
  readonly logGroups?: readonly string[];
  readonly roles?: readonly string[];
}

export interface ConfiguredKey {
  readonly arn: string;
  /** Names such as `alias/trails`, in the key's account and Region. */
  readonly aliases?: readonly string[];
  readonly enabled?: boolean;
  /** May CloudTrail encrypt with it? */
  readonly permitted?: boolean;
}

const topicShape = /^arn:aws[a-z-]{0,20}:sns:[a-z0-9-]{1,40}:\d{12}:[\w-]{1,256}(?:\.fifo)?$/;
const topicNameShape = /^[\w-]{1,256}(?:\.fifo)?$/;
const logGroupShape = /^arn:aws[a-z-]{0,20}:logs:[a-z0-9-]{1,40}:\d{12}:log-group:[^:]{1,512}:\*$/;
const roleShape = /^arn:aws[a-z-]{0,20}:iam::\d{12}:role\/.{1,512}$/;
const keyArnShape =
  /^arn:(aws[a-z-]{0,20}):kms:([a-z0-9-]{1,40}):(\d{12}):(key\/[\w-]{1,128}|alias\/[\w/-]{1,250})$/;

function topicFacts(
  nameOrArn: string,
  caller: Caller,
  listed: readonly string[] | undefined,
): TopicFacts {
  const isName = topicNameShape.test(nameOrArn);
  if (!isName && !topicShape.test(nameOrArn)) return { arn: nameOrArn, state: 'missing' };
  const arn = isName ? `${arnStart('sns', caller)}:${nameOrArn}` : nameOrArn;
  return { arn, state: (listed?.includes(arn) ?? true) ? 'usable' : 'missing' };
}

/** A key of every name there is: an alias always stands for the same made-up key. */
function anyKey(keyId: string, caller: Caller): KeyFacts {
  const name = keyName(keyId, caller);
  if (name === undefined) return missingKey(keyId, caller);
  const { arnPrefix, region, resource } = name;
  const key = resource.startsWith('alias/')
    ? `key/${uuidOf(`${arnPrefix}:${resource}`)}`
    : resource;
  return { arn: `${arnPrefix}:${key}`, region, state: 'usable' };
}

function listedKey(keyId: string, caller: Caller, keys: readonly ConfiguredKey[]): KeyFacts {
  const name = keyName(keyId, caller);
  if (name === undefined) return missingKey(keyId, caller);
  const arn = `${name.arnPrefix}:${name.resource}`;
  const key = keys.find(
    (candidate) =>
      candidate.arn === arn ||
      (candidate.arn.startsWith(`${name.arnPrefix}:`) &&
        candidate.aliases?.includes(name.resource)),
  );
  if (key === undefined) return { ...missingKey(keyId, caller), region: name.region };
  const disabled = key.enabled === false;
  const state = disabled ? 'disabled' : key.permitted === false ? 'denied' : 'usable';
  return { arn: key.arn, region: name.region, state };
}

/** One of the four forms: key id, key ARN, alias name, alias ARN. */
function keyName(keyId: string, caller: Caller): KeyName | undefined {
  const [, partition, region, account, resource] = keyArnShape.exec(keyId) ?? [];
  if (partition !== undefined && region !== undefined && resource !== undefined) {
    return { arnPrefix: `arn:${partition}:kms:${region}:${account}`, region, resource };
  }
  const arnPrefix = arnStart('kms', caller);
  if (/^alias\/[\w/-]{1,250}$/.test(keyId)) {
    return { arnPrefix, region: caller.region, resource: keyId };
  }
  if (!/^[\w-]{1,128}$/.test(keyId)) return undefined;
  return { arnPrefix, region: caller.region, resource: `key/${keyId}` };
}

interface KeyName {
  /** The ARN up to the account. */
  readonly arnPrefix: string;
  readonly region: string;
  /** `key/…` or `alias/…`. */
  readonly resource: string;
}

function missingKey(keyId: string, caller: Caller): KeyFacts {
  return { arn: keyId, region: caller.region, state: 'missing' };
}

function arnStart(service: string, { account, region }: Caller): string {
  return `arn:${partitionOf(region)}:${service}:${region}:${account}`;
}

function withoutStar(logGroupArn: string): string {
  return logGroupArn.endsWith(':*') ? logGroupArn.slice(0, -2) : logGroupArn;
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`];
  return [...parts, `${variant}${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}
