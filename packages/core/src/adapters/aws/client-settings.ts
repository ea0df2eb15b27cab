/** How an SDK client reaches the endpoint that stands for a service. */
export interface EndpointOptions {
  /** Given outright: the server's own AWS_ENDPOINT_URL may well point at itself. */
  readonly endpoint: string;
  /** By default the SDK's chain: environment, configuration files, instance role. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** For one request; 10,000 by default. */
  readonly timeLimitMilliseconds?: number;
}

export function clientSettings(options: EndpointOptions, region: string) {
  const { endpoint, credentials, timeLimitMilliseconds = 10_000 } = options;
  return {
    endpoint,
    region,
    ...(credentials && { credentials }),
    // Whoever sends notices keeps and repeats them; a long retry here would hold up the others.
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: Math.min(3000, timeLimitMilliseconds),
      requestTimeout: timeLimitMilliseconds,
      throwOnRequestTimeout: true,
    },
  };
}

/** A client per Region, as the Region is part of the signature; Regions are few. */
export function perRegion<Client>(make: (region: string) => Client): (arn: string) => Client {
  const clients = new Map<string, Client>();
  return (arn) => {
    const region = arn.split(':')[3] || 'us-east-1';
    const client = clients.get(region) ?? make(region);
    if (clients.size < regionsMax) clients.set(region, client);
    return client;
  };
}

const regionsMax = 100;

/** The error's code as the service gives it, or NetworkError. */
export function errorCode(error: unknown): string {
  const { name, code, $metadata } = error as SdkError;
  if ($metadata?.httpStatusCode !== undefined && name !== undefined) return name;
  if (name === 'TimeoutError') return 'RequestTimeout';
  return code !== undefined || name === undefined || name === 'Error' ? 'NetworkError' : name;
}

interface SdkError {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}
