import { randomUUID } from 'node:crypto';
import { partitionOf } from '@trailkeep/core/domain/trails/trail-arn.ts';

/**
 * The one call of AWS STS that clients make on their way to CloudTrail: GetCallerIdentity, as an
 * AWS Query request (a form) with an XML reply. The caller is always the account's root, whatever
 * key it signed with. Without it Terraform takes the account id for "" and plans a change for ever.
 */
export function stsHandler(options: { readonly requestId?: () => string } = {}) {
  const newRequestId = options.requestId ?? randomUUID;
  return (form: string, caller: StsCaller): StsReply => {
    const requestId = newRequestId();
    const parameters = new URLSearchParams(form.slice(0, formLengthMax));
    const action = parameters.get('Action') ?? '';
    const version = parameters.get('Version') ?? '';
    if (action === 'GetCallerIdentity' && version === apiVersion) {
      return reply(200, requestId, callerIdentity(caller, requestId));
    }
    return reply(400, requestId, invalidAction(action, version, requestId));
  };
}

export interface StsCaller {
  readonly account: string;
  readonly accessKeyId: string;
  /** Of the signature's scope; it decides the partition. */
  readonly region?: string;
}

export interface StsReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const apiVersion = '2011-06-15';
const namespace = `https://sts.amazonaws.com/doc/${apiVersion}/`;
const formLengthMax = 65_536;

function reply(status: number, requestId: string, body: string): StsReply {
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body,
  };
}

function callerIdentity({ account, region }: StsCaller, requestId: string): string {
  return `<GetCallerIdentityResponse xmlns="${namespace}">
  <GetCallerIdentityResult>
    <Arn>arn:${partitionOf(region ?? '')}:iam::${account}:root</Arn>
    <UserId>${account}</UserId>
    <Account>${account}</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>${requestId}</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
`;
}

function invalidAction(action: string, version: string, requestId: string): string {
  const sentence =
    `Could not find operation ${action.slice(0, 100)} for version ${version.slice(0, 20)}. ` +
    `Trailkeep answers GetCallerIdentity of version ${apiVersion} only.`;
  return `<ErrorResponse xmlns="${namespace}">
  <Error>
    <Type>Sender</Type>
    <Code>InvalidAction</Code>
    <Message>${xmlText(sentence)}</Message>
  </Error>
  <RequestId>${requestId}</RequestId>
</ErrorResponse>
`;
}

/** XML 1.0 has no way to write most control characters, lone surrogates and two non-characters. */
function xmlText(text: string): string {
  return text
    .replace(/[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>]/g, (sign) => (sign === '&' ? '&amp;' : sign === '<' ? '&lt;' : '&gt;'));
}
