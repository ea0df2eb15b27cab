import type { IncomingMessage } from 'node:http';
import { isRefusal, type Refusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { readAuthorization } from '@trailkeep/core/wire/sigv4.ts';

/** Who signed a request, as dev mode believes it: any secret is right. */
export interface HttpCaller {
  readonly account: string;
  readonly accessKeyId: string;
  readonly region: string;
  /** The service in the signature's scope, such as `s3`. */
  readonly service: string;
}

type CallerCode = 'IncompleteSignatureException' | 'MissingAuthenticationTokenException';

/**
 * A 12-digit access key id is the account id; any other key is of the default account. The Region
 * is the one in the signature's scope.
 */
export function devCaller(
  request: IncomingMessage,
  defaultAccount: string,
): HttpCaller | Refusal<CallerCode> {
  const query = request.url?.split('?')[1] ?? '';
  const authorization = readAuthorization(request.headersDistinct, query);
  if (authorization === undefined) {
    return refuse(
      'MissingAuthenticationTokenException',
      'The request is not signed. Any access key and secret will do in dev mode, but a client must have some.',
    );
  }
  if (isRefusal(authorization)) return authorization;
  const { accessKeyId, region, service } = authorization;
  if (!regionShape.test(region)) {
    return refuse(
      'IncompleteSignatureException',
      'The Region in the credential scope is not valid.',
    );
  }
  const account = /^\d{12}$/.test(accessKeyId) ? accessKeyId : defaultAccount;
  return { account, accessKeyId, region, service };
}

const regionShape = /^[a-z][a-z0-9-]{1,38}[a-z0-9]$/;

/** The caller as records of API calls name it: the account's root, since dev mode has no users. */
export function ownCallerOf({ account, accessKeyId }: { account: string; accessKeyId: string }) {
  return {
    account,
    accessKeyId,
    arn: `arn:aws:iam::${account}:root`,
    principalId: account,
    type: 'Root',
  };
}
