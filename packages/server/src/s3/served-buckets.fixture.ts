import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FolderBuckets,
  folderBuckets,
} from '@trailkeep/core/adapters/embedded/buckets/folder-buckets.ts';
import type { S3Caller } from './s3-call.ts';
import { s3Gateway } from './s3-gateway.ts';

/** For tests: the gateway alone, on a free port of the loopback, with buckets of its own. */
export interface ServedBuckets {
  readonly endpoint: string;
  readonly dir: string;
  readonly buckets: FolderBuckets;
  /** What the gateway reported as bugs or outages. */
  readonly errors: readonly unknown[];
  close(): Promise<void>;
}

export async function serveBuckets(now: () => number = Date.now): Promise<ServedBuckets> {
  const dir = await mkdtemp(join(tmpdir(), 'trailkeep-s3-'));
  const buckets = await folderBuckets(dir, { clock: { now } });
  const errors: unknown[] = [];
  const gateway = s3Gateway(buckets, { now, onError: (error) => errors.push(error) });
  const server = createServer((request, response) => {
    if (request.method === 'POST' && request.url === '/') {
      response.writeHead(200, { 'content-type': 'text/xml' }).end(callerIdentity);
      return;
    }
    void gateway(request, response, callerOf(request.headers.authorization, request.url));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    dir,
    buckets,
    errors,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await buckets.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A 12-digit access key is its account; the Region is the one in the signature's scope. */
function callerOf(authorization: string | undefined, url: string | undefined): S3Caller {
  const presigned = /X-Amz-Credential=([^&]*)/.exec(url ?? '')?.[1];
  const scope =
    /Credential=([^,\s]*)/.exec(authorization ?? '')?.[1] ?? decodeURIComponent(presigned ?? '');
  const [key = '', , region] = scope.split('/');
  return { account: /^\d{12}$/.test(key) ? key : '123456789012', region: region ?? 'us-east-1' };
}

/** STS GetCallerIdentity, for clients that ask it before anything else. */
const stsNamespace = 'https://sts.amazonaws.com/doc/2011-06-15/';
const callerIdentity = `<GetCallerIdentityResponse xmlns="${stsNamespace}">
<GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/test</Arn><UserId>AIDATEST</UserId>
<Account>123456789012</Account></GetCallerIdentityResult>
<ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>`;
