import { randomUUID } from 'node:crypto';
import { configuredNeighbours } from '@trailkeep/core/adapters/embedded/configured-neighbours.ts';
import { webhookNotices } from '@trailkeep/core/adapters/embedded/webhook-notices.ts';
import { partitionOf } from '@trailkeep/core/domain/trails/trail-arn.ts';
import type { Clock } from '@trailkeep/core/ports/clock.ts';
import type { Neighbours } from '@trailkeep/core/ports/neighbours.ts';
import type { Notices } from '@trailkeep/core/ports/notices.ts';
import type { ObjectStore } from '@trailkeep/core/ports/object-store.ts';
import type { Config } from './config.ts';

// The SDK's clients are loaded only where an endpoint is configured: they would double the time
// that a start takes.

/** The S3 endpoint that is configured, or the embedded buckets. */
export async function objectsOf(config: Config, embedded: ObjectStore): Promise<ObjectStore> {
  if (!config.s3Endpoint) return embedded;
  const { s3ObjectStore } = await import('@trailkeep/core/adapters/aws/s3-object-store.ts');
  const region = process.env['AWS_REGION'] ?? 'us-east-1';
  if (config.s3Endpoint !== 'aws') return s3ObjectStore({ endpoint: config.s3Endpoint, region });
  return s3ObjectStore({ endpoint: awsS3, region });
}

/** AWS's own, whatever AWS_ENDPOINT_URL says: that may well be this server. */
function awsS3(region: string): string {
  const suffix = partitionOf(region) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://s3.${region}.${suffix}`;
}

/** Webhooks, or the real services where their endpoints are configured. */
export async function noticesOf(config: Config, clock: Clock): Promise<Notices> {
  const { webhooks, snsEndpoint, logsEndpoint } = config;
  const hooks = webhookNotices({ webhooks, now: () => clock.now(), newId: randomUUID });
  const sns = snsEndpoint && (await importSns()).snsNotices({ endpoint: snsEndpoint });
  const logs =
    logsEndpoint && (await importLogs()).cloudwatchLogsNotices({ endpoint: logsEndpoint });
  return { ...hooks, ...(sns || {}), ...(logs || {}) };
}

/** What is configured, or what the real services answer where their endpoints are configured. */
export async function neighboursOf(config: Config): Promise<Neighbours> {
  const { snsEndpoint, logsEndpoint } = config;
  const sns = snsEndpoint && (await importSns()).snsTopics({ endpoint: snsEndpoint });
  const logs = logsEndpoint && (await importLogs()).cloudwatchLogGroups({ endpoint: logsEndpoint });
  return { ...configuredNeighbours(config), ...(sns || {}), ...(logs || {}) };
}

function importSns() {
  return import('@trailkeep/core/adapters/aws/sns-notices.ts');
}

function importLogs() {
  return import('@trailkeep/core/adapters/aws/cloudwatch-logs-notices.ts');
}
