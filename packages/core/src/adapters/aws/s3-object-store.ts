import {
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketRequestPaymentCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type {
  BucketFacts,
  ObjectPut,
  ObjectRefusal,
  ObjectStore,
} from '../../ports/object-store.ts';

export interface S3ObjectStoreOptions {
  /** Another S3 than AWS's own; or where S3 is in a Region, whatever AWS_ENDPOINT_URL says. */
  readonly endpoint?: string | ((region: string) => string);
  readonly region: string;
  /** `http://host/bucket/key`: what most S3 servers other than AWS's need. */
  readonly forcePathStyle?: boolean;
  /** By default the SDK's own: environment, files, instance. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface S3ObjectStore extends ObjectStore {
  close(): void;
}

/**
 * Any S3, through AWS's client. If-None-Match makes a put conditional: an S3 that ignores it
 * overwrites, with the same bytes. Each bucket is asked for in its own Region.
 */
export function s3ObjectStore(options: S3ObjectStoreOptions): S3ObjectStore {
  const clients = regionalClients(options);
  const send = async <Result>(bucket: string, ask: (client: S3Client) => Promise<Result>) => {
    const outcome = await orRefusal(async () => ask(await clients.ofBucket(bucket)));
    if (isObjectRefusal(outcome) && movedCodes.has(outcome.code)) clients.forget(bucket);
    return outcome;
  };
  return {
    bucket: (name) => orRefusal(() => bucketFacts(clients, name)),
    putIfAbsent: async (put) => {
      const outcome = await send(put.bucket, (client) => client.send(putCommand(put)));
      if (!isObjectRefusal(outcome)) return { outcome: 'stored' };
      return outcome.code === 'PreconditionFailed' ? { outcome: 'present' } : outcome;
    },
    get: (bucket, key) =>
      send(bucket, async (client) => {
        const found = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        const bytes = (await found.Body?.transformToByteArray()) ?? new Uint8Array();
        return { body: Buffer.from(bytes), metadata: found.Metadata ?? {} };
      }),
    list: (bucket, page) =>
      send(bucket, async (client) => {
        const listed = await client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: page.prefix,
            StartAfter: page.after,
            MaxKeys: Math.min(page.limit ?? keysMax, keysMax),
            // Keys may hold characters that XML has no room for.
            EncodingType: 'url',
          }),
        );
        const encoded = listed.EncodingType === 'url';
        return (listed.Contents ?? []).map(({ Key = '' }) => (encoded ? decodeKey(Key) : Key));
      }),
    close: () => clients.close(),
  };
}

function putCommand(put: ObjectPut): PutObjectCommand {
  return new PutObjectCommand({
    Bucket: put.bucket,
    Key: put.key,
    Body: put.body,
    IfNoneMatch: '*',
    ContentType: put.contentType,
    ContentEncoding: put.contentEncoding,
    Metadata: put.metadata,
    ACL: put.acl as 'bucket-owner-full-control' | undefined,
    ...(put.kmsKeyArn === undefined
      ? {}
      : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: put.kmsKeyArn }),
  });
}

async function bucketFacts(clients: RegionalClients, name: string): Promise<BucketFacts> {
  const client = await clients.ofBucket(name);
  const Bucket = name;
  const region = await clients.regionOf(name);
  const paid = await client.send(new GetBucketRequestPaymentCommand({ Bucket }));
  const policy = await client.send(new GetBucketPolicyCommand({ Bucket })).catch((error) => {
    if (codeOf(error) === 'NoSuchBucketPolicy') return undefined;
    throw error;
  });
  return { region, policy: policy?.Policy, requesterPays: paid.Payer === 'Requester' };
}

interface RegionalClients {
  ofBucket(bucket: string): Promise<S3Client>;
  regionOf(bucket: string): Promise<string>;
  forget(bucket: string): void;
  close(): void;
}

/** Where a bucket is, is asked once, until it seems to be gone or elsewhere. */
function regionalClients(options: S3ObjectStoreOptions): RegionalClients {
  const clients = new Map<string, S3Client>();
  const regions = new Map<string, string>();
  const clientIn = (region: string) => {
    const made = clients.get(region) ?? newClient(options, region);
    clients.set(region, made);
    return made;
  };
  const regionOf = async (bucket: string) => {
    const known = regions.get(bucket);
    if (known !== undefined) return known;
    const asked = new GetBucketLocationCommand({ Bucket: bucket });
    const { LocationConstraint } = await clientIn(options.region).send(asked);
    const region = LocationConstraint === 'EU' ? 'eu-west-1' : LocationConstraint || 'us-east-1';
    if (regions.size >= regionsMax) regions.clear();
    regions.set(bucket, region);
    return region;
  };
  return {
    regionOf,
    forget: (bucket) => void regions.delete(bucket),
    ofBucket: async (bucket) => clientIn(await regionOf(bucket)),
    close: () => {
      for (const client of clients.values()) client.destroy();
    },
  };
}

function newClient(options: S3ObjectStoreOptions, region: string): S3Client {
  const { endpoint } = options;
  return new S3Client({
    region,
    endpoint: typeof endpoint === 'function' ? endpoint(region) : endpoint,
    forcePathStyle: options.forcePathStyle ?? typeof endpoint === 'string',
    credentials: options.credentials,
    followRegionRedirects: typeof endpoint !== 'string',
    maxAttempts: attemptsMax,
    requestHandler: {
      connectionTimeout: connectMsMax,
      requestTimeout: requestMsMax,
      throwOnRequestTimeout: true,
    },
  });
}

async function orRefusal<Result>(work: () => Promise<Result>): Promise<Result | ObjectRefusal> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { outcome: 'refused', code: codeOf(error), message };
  }
}

function isObjectRefusal(value: unknown): value is ObjectRefusal {
  return (value as { outcome?: unknown }).outcome === 'refused';
}

/** S3's code; what never became an answer of S3's is a NetworkError. */
function codeOf(error: unknown): string {
  if (!(error instanceof S3ServiceException)) return 'NetworkError';
  const status = error.$metadata.httpStatusCode;
  // A reply without a body that could be read carries no code: proxies answer so.
  const unnamed = error.name === 'Unknown' || error.name === 'UnknownError' || error.name === '';
  if (!unnamed && !/^\d+$/.test(error.name)) return error.name;
  return byStatus[status ?? 0] ?? 'InternalError';
}

function decodeKey(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '));
}

const byStatus: Readonly<Record<number, string>> = {
  403: 'AccessDenied',
  404: 'NoSuchBucket',
  412: 'PreconditionFailed',
  429: 'SlowDown',
  500: 'InternalError',
  503: 'SlowDown',
};
const movedCodes = new Set(['NoSuchBucket', 'PermanentRedirect', 'AuthorizationHeaderMalformed']);
const keysMax = 1_000;
const regionsMax = 10_000;
/** The delivery workflow repeats what fails; here a stumble is all that is smoothed. */
const attemptsMax = 3;
const connectMsMax = 5_000;
const requestMsMax = 60_000;
