import type { Keys } from './keys.ts';
import { notDeployable } from './not-deployable.ts';
import type { Storage } from './storage.ts';

/**
 * The endpoint: every operation is `POST /` with X-Amz-Target, so something in front of the routes
 * must choose by that header. Another change makes it; today there is none.
 */
export interface Api {
  readonly gateway: sst.aws.ApiGatewayV2;
  /** One function per action group. */
  readonly functions: Readonly<Record<string, sst.aws.Function>>;
}

export function api(_storage: Storage, _keys: Keys): Api {
  return notDeployable('api (the gateway and a function per action group)');
}
