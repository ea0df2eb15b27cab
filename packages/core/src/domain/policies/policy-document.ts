import { isRefusal, type Refusal, refuse } from '../refusal.ts';

/**
 * An IAM policy document whose shape has been checked; lists are lists, values are strings.
 * Source: IAM User Guide, "Grammar of the IAM JSON policy language".
 */
export interface PolicyDocument {
  /** Policy variables such as `${aws:username}` are variables only since 2012-10-17. */
  readonly version: PolicyVersion;
  readonly statements: readonly PolicyStatement[];
}

export type PolicyVersion = '2008-10-17' | '2012-10-17';

export interface PolicyStatement {
  readonly effect: 'Allow' | 'Deny';
  /** Undefined in identity policies, where the principal is who the policy is attached to. */
  readonly principals: Choice<PrincipalPattern> | undefined;
  readonly actions: Choice<string>;
  readonly resources: Choice<string>;
  readonly conditions: readonly PolicyCondition[];
}

/** `Action` and its like (`except: false`), or `NotAction` and its like. */
export interface Choice<Pattern> {
  readonly except: boolean;
  readonly patterns: readonly Pattern[];
}

export interface PrincipalPattern {
  readonly type: 'AWS' | 'Service' | 'Federated' | 'CanonicalUser';
  /** `*`, a 12-digit account, an ARN, a service's name, ... */
  readonly id: string;
}

export interface PolicyCondition {
  /** As written, such as `ForAllValues:StringLikeIfExists`. */
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** Resource policies name their principals, identity policies must not. */
export type PolicyKind = 'resource' | 'identity';

export type MalformedPolicy = Refusal<'MalformedPolicy'>;

/** S3 allows 20 KB for a bucket policy, the longest that there is among those handled here. */
export const policyCharactersMax = 20_480;

/** Reads a policy document; anything that is not one is a refusal that names the place. */
export function parsePolicy(
  text: string,
  kind: PolicyKind = 'resource',
): PolicyDocument | MalformedPolicy {
  if (text.length > policyCharactersMax) {
    return malformed(`The policy is longer than ${policyCharactersMax} characters.`);
  }
  const document = parseJson(text);
  if (!isObject(document)) {
    return malformed('The policy is not a JSON object.');
  }
  const unknown = unknownElement(document, documentElements);
  if (unknown !== undefined) {
    return malformed(`The policy has an unknown element ${unknown}.`);
  }
  const version = document['Version'] ?? '2008-10-17';
  if (version !== '2008-10-17' && version !== '2012-10-17') {
    return malformed('Version must be 2012-10-17 or 2008-10-17.');
  }
  const given = document['Statement'];
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (given === undefined || list.length === 0) {
    return malformed('Statement must be a statement or a list of at least one.');
  }
  const statements: PolicyStatement[] = [];
  for (const [index, element] of list.entries()) {
    const statement = parseStatement(element, kind, `Statement ${index + 1}`);
    if (isRefusal<'MalformedPolicy'>(statement)) {
      return statement;
    }
    statements.push(statement);
  }
  return { version, statements };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseStatement(
  statement: unknown,
  kind: PolicyKind,
  place: string,
): PolicyStatement | MalformedPolicy {
  if (!isObject(statement)) {
    return malformed(`${place} is not an object.`);
  }
  const unknown = unknownElement(statement, statementElements);
  if (unknown !== undefined) {
    return malformed(`${place} has an unknown element ${unknown}.`);
  }
  const effect = statement['Effect'];
  if (effect !== 'Allow' && effect !== 'Deny') {
    return malformed(`${place}: Effect must be Allow or Deny.`);
  }
  const principals = parsePrincipals(statement, kind, place);
  if (isRefusal<'MalformedPolicy'>(principals)) {
    return principals;
  }
  const actions = parseChoice(statement, 'Action', place);
  if (isRefusal<'MalformedPolicy'>(actions)) {
    return actions;
  }
  const resources = parseChoice(statement, 'Resource', place);
  if (isRefusal<'MalformedPolicy'>(resources)) {
    return resources;
  }
  const conditions = parseConditions(statement['Condition'], place);
  return isRefusal<'MalformedPolicy'>(conditions)
    ? conditions
    : { effect, principals, actions, resources, conditions };
}

function parseChoice(
  statement: JsonObject,
  element: 'Action' | 'Resource',
  place: string,
): Choice<string> | MalformedPolicy {
  const only = statement[element];
  const except = statement[`Not${element}`];
  if ((only === undefined) === (except === undefined)) {
    return malformed(`${place} needs either ${element} or Not${element}.`);
  }
  const patterns = textList(only ?? except);
  return patterns === undefined
    ? malformed(`${place}: ${element} must be a string or a list of strings.`)
    : { except: only === undefined, patterns };
}

function parsePrincipals(
  statement: JsonObject,
  kind: PolicyKind,
  place: string,
): Choice<PrincipalPattern> | undefined | MalformedPolicy {
  const only = statement['Principal'];
  const except = statement['NotPrincipal'];
  if (kind === 'identity') {
    return only === undefined && except === undefined
      ? undefined
      : malformed(`${place}: Principal has no place in an identity policy.`);
  }
  if ((only === undefined) === (except === undefined)) {
    return malformed(`${place} needs either Principal or NotPrincipal.`);
  }
  const patterns = principalPatterns(only ?? except);
  return patterns === undefined
    ? malformed(
        `${place}: Principal must be "*" or an object of AWS, Service, Federated, CanonicalUser.`,
      )
    : { except: only === undefined, patterns };
}

function principalPatterns(value: unknown): readonly PrincipalPattern[] | undefined {
  if (value === '*') {
    return [{ type: 'AWS', id: '*' }];
  }
  if (!isObject(value) || unknownElement(value, principalTypes) !== undefined) {
    return undefined;
  }
  const patterns: PrincipalPattern[] = [];
  for (const type of principalTypes) {
    const ids = value[type] === undefined ? [] : textList(value[type]);
    if (ids === undefined) {
      return undefined;
    }
    patterns.push(...ids.map((id) => ({ type, id })));
  }
  return patterns.length === 0 ? undefined : patterns;
}

function parseConditions(
  block: unknown,
  place: string,
): readonly PolicyCondition[] | MalformedPolicy {
  if (block === undefined) {
    return [];
  }
  if (!isObject(block)) {
    return malformed(`${place}: Condition must be an object of operators.`);
  }
  const conditions: PolicyCondition[] = [];
  for (const [operator, keys] of Object.entries(block)) {
    if (!isObject(keys)) {
      return malformed(`${place}: each condition operator must be an object of condition keys.`);
    }
    for (const [key, value] of Object.entries(keys)) {
      const values = scalarList(value);
      if (values === undefined) {
        return malformed(`${place}: each condition key must have a value or a list of values.`);
      }
      conditions.push({ operator, key, values });
    }
  }
  return conditions;
}

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textList(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every((item): item is string => typeof item === 'string')
    ? list
    : undefined;
}

/** IAM takes numbers and booleans without quotes too. */
function scalarList(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.every((item) => ['string', 'number', 'boolean'].includes(typeof item))
    ? list.map(String)
    : undefined;
}

function unknownElement(object: JsonObject, known: readonly string[]): string | undefined {
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  return unknown === undefined ? undefined : JSON.stringify(unknown.slice(0, 100));
}

function malformed(sentence: string): MalformedPolicy {
  return refuse('MalformedPolicy', sentence);
}

const documentElements = ['Version', 'Id', 'Statement'];
const statementElements = [
  ...['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction'],
  ...['Resource', 'NotResource', 'Condition'],
];
const principalTypes = ['AWS', 'Service', 'Federated', 'CanonicalUser'] as const;
