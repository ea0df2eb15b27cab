import { matchArnPattern } from './arn-pattern.ts';
import { matchCondition } from './match-condition.ts';
import type {
  Choice,
  PolicyDocument,
  PolicyStatement,
  PrincipalPattern,
} from './policy-document.ts';
import {
  type ContextValues,
  type RequestContext,
  requestContext,
  substitutedPattern,
} from './request-context.ts';
import { allVerdicts, anyVerdict, not, type Verdict } from './verdict.ts';
import { matchesPattern, wildcardPattern } from './wildcard.ts';

export interface PolicyRequest {
  readonly principal: RequestPrincipal;
  /** Such as `s3:PutObject`. */
  readonly action: string;
  /** The ARN of what is acted on. */
  readonly resource: string;
  readonly context: ContextValues;
}

/** An AWS service by its name, or a user, role session or root user by account and ARN. */
export type RequestPrincipal =
  | { readonly service: string }
  | { readonly account: string; readonly arn: string };

export type PolicyDecision = 'allow' | 'deny' | 'implicit-deny';

/**
 * What one policy says about a request, by IAM's rules: an explicit Deny wins over any Allow, and
 * silence denies. What this evaluator does not understand never allows, and denies in a Deny.
 * Several policies are combined by the caller. Source: IAM User Guide, "Policy evaluation logic".
 */
export function evaluatePolicy(document: PolicyDocument, request: PolicyRequest): PolicyDecision {
  const context = requestContext(request.context, request.action);
  let decision: PolicyDecision = 'implicit-deny';
  for (const statement of document.statements) {
    const applies = statementApplies(statement, document, request, context);
    if (statement.effect === 'Deny' && applies !== false) {
      return 'deny';
    }
    if (statement.effect === 'Allow' && applies === true) {
      decision = 'allow';
    }
  }
  return decision;
}

function statementApplies(
  statement: PolicyStatement,
  document: PolicyDocument,
  request: PolicyRequest,
  context: RequestContext,
): Verdict {
  const { principals, actions, resources, conditions } = statement;
  const action = request.action.toLowerCase();
  const named = allVerdicts([
    chosen(actions, (pattern) => matchesPattern(wildcardPattern(pattern.toLowerCase()), action)),
    principals === undefined ||
      chosen(principals, (pattern) => matchPrincipal(pattern, request.principal)),
    chosen(resources, (pattern) => {
      const resource = substitutedPattern(pattern, document.version, context);
      if (resource === 'unknown') {
        return 'unknown';
      }
      return resource === 'absent' ? false : matchArnPattern(resource, request.resource);
    }),
  ]);
  return named === false
    ? false
    : allVerdicts([
        named,
        ...conditions.map((condition) => matchCondition(condition, document.version, context)),
      ]);
}

function chosen<Pattern>(choice: Choice<Pattern>, match: (pattern: Pattern) => Verdict): Verdict {
  const verdict = anyVerdict(choice.patterns.map(match));
  return choice.except ? not(verdict) : verdict;
}

/**
 * `*` stands for everybody, services included. An account stands for everyone in it. A role stands
 * for its sessions too. Wildcards within a principal mean nothing.
 * Source: IAM User Guide, "AWS JSON policy elements: Principal".
 */
function matchPrincipal(pattern: PrincipalPattern, principal: RequestPrincipal): Verdict {
  if ('service' in principal) {
    return (
      (pattern.type === 'AWS' && pattern.id === '*') ||
      (pattern.type === 'Service' && (pattern.id === '*' || pattern.id === principal.service))
    );
  }
  switch (pattern.type) {
    case 'AWS':
      return matchAwsPrincipal(pattern.id, principal.account, principal.arn);
    case 'CanonicalUser':
      // An account under another name; which one cannot be told here.
      return 'unknown';
    case 'Service':
    case 'Federated':
      return false;
  }
}

function matchAwsPrincipal(id: string, account: string, arn: string): boolean {
  if (id === '*' || id === account || id === arn) {
    return true;
  }
  const [scheme, partition, service, region, owner, name] = id.split(':');
  if (scheme !== 'arn' || service !== 'iam' || region !== '' || owner !== account) {
    return false;
  }
  if (name === 'root') {
    return arn.split(':')[1] === partition;
  }
  const role = name?.startsWith('role/') ? name.slice(name.lastIndexOf('/') + 1) : undefined;
  // A session's ARN has the role's name without its path.
  return (
    role !== undefined &&
    role !== '' &&
    arn.startsWith(`arn:${partition}:sts::${account}:assumed-role/${role}/`)
  );
}
