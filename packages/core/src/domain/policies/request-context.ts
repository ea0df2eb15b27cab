import type { PolicyVersion } from './policy-document.ts';
import { literalPattern, type Pattern, wildcardPattern } from './wildcard.ts';

/** Condition keys of a request and their values; a key that the request lacks is left out. */
export type ContextValues = Readonly<Record<string, string | readonly string[]>>;

/** A request's condition keys for lookup; names are compared without regard to case. */
export interface RequestContext {
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** The service of the request's action: its own keys are known, if only to be absent. */
  readonly service: string;
}

export function requestContext(values: ContextValues, action: string): RequestContext {
  return {
    values: new Map(
      Object.entries(values).map(([key, value]) => [
        key.toLowerCase(),
        typeof value === 'string' ? [value] : value,
      ]),
    ),
    service: action.slice(0, Math.max(action.indexOf(':'), 0)).toLowerCase(),
  };
}

/** The key's values, `absent` if the request has none, `unknown` if the key means nothing here. */
export function contextValues(
  context: RequestContext,
  key: string,
): readonly string[] | 'absent' | 'unknown' {
  const name = key.toLowerCase();
  const values = context.values.get(name);
  if (values !== undefined) {
    return values;
  }
  const [prefix] = name.split(':', 1);
  const [withoutTag] = name.split('/', 1);
  return prefix === context.service || globalKeys.has(withoutTag ?? '') ? 'absent' : 'unknown';
}

/**
 * `text` as a pattern, its policy variables replaced by what they stand for, as plain characters.
 * A variable whose key the request lacks equals nothing (`absent`); one with a key that means
 * nothing here is `unknown`. Source: IAM User Guide, "Policy variables".
 */
export function substitutedPattern(
  text: string,
  version: PolicyVersion,
  context: RequestContext,
): Pattern | 'absent' | 'unknown' {
  if (version === '2008-10-17' || !text.includes('${')) {
    return wildcardPattern(text);
  }
  const units: number[] = [];
  let position = 0;
  while (position < text.length) {
    const start = text.indexOf('${', position);
    const end = start < 0 ? -1 : text.indexOf('}', start);
    if (end < 0) {
      break;
    }
    appendUnits(units, wildcardPattern(text.slice(position, start)));
    const value = variableValue(text.slice(start + 2, end), context);
    if (value === 'absent' || value === 'unknown') {
      return value;
    }
    appendUnits(units, literalPattern(value.text));
    position = end + 1;
  }
  appendUnits(units, wildcardPattern(text.slice(position)));
  return units;
}

/** A loop, because spreading a long pattern into `push` overflows the stack. */
function appendUnits(units: number[], more: Pattern): void {
  for (const unit of more) {
    units.push(unit);
  }
}

function variableValue(
  variable: string,
  context: RequestContext,
): { readonly text: string } | 'absent' | 'unknown' {
  if (variable === '*' || variable === '?' || variable === '$') {
    return { text: variable };
  }
  const comma = variable.indexOf(',');
  const key = (comma < 0 ? variable : variable.slice(0, comma)).trim();
  const fallback = comma < 0 ? undefined : /^'(.*)'$/s.exec(variable.slice(comma + 1).trim())?.[1];
  const values = contextValues(context, key);
  if (values === 'unknown') {
    return 'unknown';
  }
  const [value, ...others] = values === 'absent' ? [] : values;
  if (others.length > 0) {
    // Keys with several values cannot be variables.
    return 'unknown';
  }
  const text = value ?? fallback;
  return text === undefined ? 'absent' : { text };
}

/** Source: IAM User Guide, "AWS global condition context keys", 2026. */
const globalKeys: ReadonlySet<string> = new Set(
  [
    ...['CalledVia', 'CalledViaFirst', 'CalledViaLast', 'CurrentTime', 'EpochTime'],
    ...['FederatedProvider', 'MultiFactorAuthAge', 'MultiFactorAuthPresent', 'referer'],
    ...['PrincipalAccount', 'PrincipalArn', 'PrincipalIsAWSService', 'PrincipalOrgID'],
    ...['PrincipalOrgPaths', 'PrincipalServiceName', 'PrincipalServiceNamesList'],
    ...['PrincipalTag', 'PrincipalType', 'RequestedRegion', 'RequestTag', 'ResourceAccount'],
    ...['ResourceOrgID', 'ResourceOrgPaths', 'ResourceTag', 'SecureTransport', 'SourceAccount'],
    ...['SourceArn', 'SourceIdentity', 'SourceIp', 'SourceOrgID', 'SourceOrgPaths', 'SourceVpc'],
    ...['SourceVpcArn', 'SourceVpce', 'TagKeys', 'TokenIssueTime', 'UserAgent', 'userid'],
    ...['username', 'ViaAWSService', 'VpceAccount', 'VpceOrgID', 'VpceOrgPaths', 'VpcSourceIp'],
    ...['AssumedRoot', 'ChatbotSourceArn', 'Ec2InstanceSourcePrivateIPv4', 'Ec2InstanceSourceVpc'],
    ...['SignInSessionArn', 'IsMcpServiceAction'],
  ].map((name) => `aws:${name.toLowerCase()}`),
);
