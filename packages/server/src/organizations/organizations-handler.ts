import { isRefusal, type Refusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { partitionOf } from '@trailkeep/core/domain/trails/trail-arn.ts';
import type { OrganizationFacts, Organizations } from '@trailkeep/core/ports/organizations.ts';

/**
 * The reads of AWS Organizations that CloudTrail's clients make (validate-logs for organization
 * trails, Terraform for delegated administrators), as JSON 1.1 with target
 * `AWSOrganizationsV20161128.<Operation>`. Nothing can be changed here: the organization is
 * configured. Members that AWS gives no dates (joined, enabled) have none here either, because the
 * configuration knows none.
 */
export function organizationsHandler({
  organizations,
  delegatedAdministrators = async () => [],
}: {
  readonly organizations: Organizations;
  /** Registered through CloudTrail's API, besides those that are configured. */
  readonly delegatedAdministrators?: () => Promise<readonly string[]>;
}) {
  return async (
    target: string,
    body: Buffer,
    caller: OrganizationsCaller,
  ): Promise<OrganizationsReply> => {
    const operation = operations.get(target.slice(target.lastIndexOf('.') + 1));
    if (operation === undefined) return refusalReply(unknownOperation(target));
    const input = readInput(body);
    if (input === undefined) {
      const message = 'The request body is not a JSON object.';
      return refusalReply(refuse('SerializationException', message));
    }
    const organization = await organizations.of(caller.account);
    if (organization === undefined) {
      const message = 'Your account is not a member of an organization.';
      return refusalReply(refuse('AWSOrganizationsNotInUseException', message));
    }
    const delegated = [
      ...new Set([...organization.delegatedAdministrators, ...(await delegatedAdministrators())]),
    ];
    const output = operation({ input, caller, organization, delegated });
    return isRefusal<string>(output) ? refusalReply(output) : jsonReply(200, output);
  };
}

export interface OrganizationsCaller {
  readonly account: string;
  /** Of the signature's scope; it decides the partition. */
  readonly region?: string;
}

export interface OrganizationsReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Question {
  readonly input: Readonly<Record<string, unknown>>;
  readonly caller: OrganizationsCaller;
  readonly organization: OrganizationFacts;
  readonly delegated: readonly string[];
}

type Answer = Readonly<Record<string, unknown>> | Refusal;

const cloudTrail = 'cloudtrail.amazonaws.com';

/** Every account may describe its organization; the rest is for those who administer it. */
const operations: ReadonlyMap<string, (question: Question) => Answer> = new Map([
  ['DescribeOrganization', describeOrganization],
  ['ListAccounts', forAdministrators(listAccounts)],
  ['DescribeAccount', forAdministrators(describeAccount)],
  ['ListDelegatedAdministrators', forAdministrators(listDelegatedAdministrators)],
  ['ListAWSServiceAccessForOrganization', forAdministrators(listServiceAccess)],
]);

function describeOrganization({ caller, organization }: Question): Answer {
  const { id, managementAccountId } = organization;
  const management = organization.accounts.find((account) => account.id === managementAccountId);
  return {
    Organization: {
      Id: id,
      Arn: `${arnStart(caller, organization)}:organization/${id}`,
      FeatureSet: organization.allFeatures ? 'ALL' : 'CONSOLIDATED_BILLING',
      MasterAccountId: managementAccountId,
      MasterAccountArn: accountArn(caller, organization, managementAccountId),
      MasterAccountEmail: management?.email,
      AvailablePolicyTypes: [],
    },
  };
}

function listAccounts(question: Question): Answer {
  const accounts = question.organization.accounts.map((account) => accountOf(question, account.id));
  return page('Accounts', accounts, question.input);
}

function describeAccount(question: Question): Answer {
  const { AccountId: id } = question.input;
  if (typeof id !== 'string' || !/^\d{12}$/.test(id)) {
    return invalidInput('INVALID_PATTERN', 'AccountId must be a string of 12 digits.');
  }
  if (!question.organization.accounts.some((account) => account.id === id)) {
    const message = "You specified an account that doesn't exist.";
    return refuse('AccountNotFoundException', message);
  }
  return { Account: accountOf(question, id) };
}

function listDelegatedAdministrators(question: Question): Answer {
  const { ServicePrincipal: service } = question.input;
  if (
    service !== undefined &&
    (typeof service !== 'string' || !/^[\w+=,.@-]{1,128}$/.test(service))
  ) {
    return invalidInput('INVALID_PATTERN', 'ServicePrincipal must be a service principal.');
  }
  // CloudTrail's are the only ones that are known here.
  const listed = service === undefined || service === cloudTrail ? question.delegated : [];
  const administrators = listed.map((id) => accountOf(question, id));
  return page('DelegatedAdministrators', administrators, question.input);
}

function listServiceAccess({ input, organization }: Question): Answer {
  const enabled = organization.trustedAccess ? [{ ServicePrincipal: cloudTrail }] : [];
  return page('EnabledServicePrincipals', enabled, input);
}

function forAdministrators(operation: (question: Question) => Answer) {
  return (question: Question): Answer => {
    const { caller, organization, delegated } = question;
    const allowed =
      caller.account === organization.managementAccountId || delegated.includes(caller.account);
    if (allowed) return operation(question);
    const message = "You don't have permissions to access this resource.";
    return refuse('AccessDeniedException', message);
  };
}

/** Up to `MaxResults` (1 to 20) from where `NextToken`, an earlier answer's, says. */
function page(
  member: string,
  items: readonly unknown[],
  { MaxResults = pageSizeMax, NextToken }: Readonly<Record<string, unknown>>,
): Answer {
  if (!Number.isInteger(MaxResults) || (MaxResults as number) < 1) {
    return invalidInput('MIN_VALUE_EXCEEDED', 'MaxResults must be a whole number from 1 to 20.');
  }
  if ((MaxResults as number) > pageSizeMax) {
    return invalidInput('MAX_VALUE_EXCEEDED', 'MaxResults must be a whole number from 1 to 20.');
  }
  const start = NextToken === undefined ? 0 : tokenStart(NextToken);
  if (start === undefined || start > items.length) {
    return invalidInput('INVALID_PAGINATION_TOKEN', 'NextToken is not one that was given out.');
  }
  const end = start + (MaxResults as number);
  const next = end < items.length ? Buffer.from(`from:${end}`).toString('base64') : undefined;
  return { [member]: items.slice(start, end), NextToken: next };
}

const pageSizeMax = 20;

function tokenStart(token: unknown): number | undefined {
  if (typeof token !== 'string' || token.length > 100) return undefined;
  const start = /^from:(\d{1,9})$/.exec(Buffer.from(token, 'base64').toString('latin1'))?.[1];
  return start === undefined ? undefined : Number(start);
}

function accountOf({ caller, organization }: Question, id: string) {
  const account = organization.accounts.find((candidate) => candidate.id === id);
  return {
    Id: id,
    Arn: accountArn(caller, organization, id),
    Email: account?.email,
    Name: account?.name,
    Status: 'ACTIVE',
    State: 'ACTIVE',
    JoinedMethod: 'INVITED',
  };
}

function accountArn(caller: OrganizationsCaller, organization: OrganizationFacts, id: string) {
  return `${arnStart(caller, organization)}:account/${organization.id}/${id}`;
}

function arnStart({ region }: OrganizationsCaller, { managementAccountId }: OrganizationFacts) {
  return `arn:${partitionOf(region ?? '')}:organizations::${managementAccountId}`;
}

function readInput(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  if (body.length > bodyBytesMax) return undefined;
  if (body.length === 0) return {};
  try {
    const input: unknown = JSON.parse(body.toString('utf8'));
    if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined;
    return input as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

const bodyBytesMax = 65_536;

interface InvalidInput extends Refusal<'InvalidInputException'> {
  readonly reason: string;
}

function invalidInput(reason: string, message: string): InvalidInput {
  return { ...refuse('InvalidInputException', message), reason };
}

function unknownOperation(target: string): Refusal {
  const known = [...operations.keys()].join(', ');
  return refuse(
    'UnknownOperationException',
    `Trailkeep does not answer ${target.slice(0, 100)}. Of AWS Organizations it answers ${known}.`,
  );
}

function refusalReply(refusal: Refusal & { readonly reason?: string }): OrganizationsReply {
  const { refused, message, reason } = refusal;
  const reply = jsonReply(400, { __type: refused, message, Message: message, Reason: reason });
  return { ...reply, headers: { ...reply.headers, 'x-amzn-errortype': refused } };
}

function jsonReply(status: number, output: unknown): OrganizationsReply {
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  return { status, headers, body: JSON.stringify(output) };
}
