import { z } from 'zod';
import {
  type ConfigError,
  type ConfigSources,
  type ReadSettings,
  readSettings,
  settingNames,
} from './config-file.ts';

/**
 * The settings of the self-hosted server: flag > environment > file > default. All errors at once,
 * never a half-read configuration. `mode` decides whether a host that others reach is refused.
 */
export function readConfig(
  sources: ConfigSources & { readonly mode?: 'dev' | 'strict' },
): Config | readonly ConfigError[] {
  const jsonSchema = configJsonSchema();
  const settings = readSettings(sources, jsonSchema);
  const parsed = configSchema.safeParse(settings.values);
  const errors = [...settings.errors];
  if (!parsed.success) {
    errors.push(...parsed.error.issues.flatMap((issue) => errorsOf(issue, settings)));
  }
  if (!parsed.success || errors.length > 0) return errors;
  const config = { ...parsed.data, warnings: settings.warnings };
  const remote = sources.mode === 'strict' ? undefined : remoteHostSentence(config);
  if (remote === undefined) return config;
  return [{ setting: 'host', source: settings.sourceOf('host'), message: remote }];
}

/** The JSON Schema (draft 2020-12) of the file that TRAILKEEP_CONFIG names. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  return { ...schema, title: 'Trailkeep configuration' };
}

/**
 * The key that seals the data folder's secrets, where it is kept outside of the folder: 32 bytes of
 * base64. Never a flag (others see the command line) and never in the configuration file.
 */
export function readMasterKey(
  env: ConfigSources['env'],
  readFile: ConfigSources['readFile'],
): Buffer | ConfigError | undefined {
  const path = env['TRAILKEEP_MASTER_KEY_FILE'];
  const setting = path ? 'TRAILKEEP_MASTER_KEY_FILE' : 'TRAILKEEP_MASTER_KEY';
  let text = env['TRAILKEEP_MASTER_KEY'];
  try {
    if (path) text = readFile(path);
  } catch (error) {
    return { setting, source: 'environment', message: `${setting}: ${(error as Error).message}` };
  }
  if (!text) return undefined;
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length === 32) return key;
  const message = `${setting} must be the base64 of 32 bytes; openssl rand -base64 32 makes one`;
  return { setting, source: 'environment', message };
}

/** The Regions that a new commercial account has enabled. AWS Regions documentation. */
export const defaultRegions = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ap-south-1',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'eu-north-1',
  'sa-east-1',
];

const listMax = 100_000;

const accountId = z.string().regex(/^\d{12}$/, 'must be an account id of 12 digits');
const regionName = z
  .string()
  .regex(/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/, 'must be a Region name such as us-east-1');
const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
  .refine((url) => !/^https?:..[^/]*@/.test(url), {
    error: 'must not hold a user name or password',
  });

function arn(service: string, resource: RegExp, form: string) {
  const pattern = new RegExp(
    `^arn:aws(-[a-z]+)*:${service}:[a-z0-9-]*:\\d{12}:${resource.source}$`,
  );
  return z.string().regex(pattern, `must be an ARN of the form ${form}`);
}

const topicArn = arn('sns', /[\w-]{1,256}(?:\.fifo)?/, 'arn:aws:sns:us-east-1:123456789012:name');
const keyArn = arn('kms', /key\/[\w-]+/, 'arn:aws:kms:us-east-1:123456789012:key/id');
const roleArn = arn('iam', /role\/[\w+=,.@/-]+/, 'arn:aws:iam::123456789012:role/name');
const logGroupArn = arn(
  'logs',
  /log-group:[\w./#-]{1,512}(?::\*)?/,
  'arn:aws:logs:us-east-1:123456789012:log-group:name',
);

const organizationSchema = z.strictObject({
  id: z
    .string()
    .regex(/^o-[a-z0-9]{10,32}$/, 'must be o- and 10 to 32 lower-case letters or digits'),
  managementAccountId: accountId,
  accounts: z
    .array(
      z.strictObject({
        id: accountId,
        name: z.string().min(1).max(50).optional(),
        email: z.email().max(64).optional(),
      }),
    )
    .max(listMax)
    .default([]),
  delegatedAdministrators: z.array(accountId).max(3).default([]),
  allFeatures: z.boolean().default(true),
  trustedAccess: z.boolean().default(true),
  serviceLinkedRole: z.boolean().default(true),
});

const webhookSchema = z
  .strictObject({
    topicArn: topicArn.optional(),
    logGroupArn: logGroupArn.optional(),
    url: httpUrl,
  })
  .refine((hook) => (hook.topicArn === undefined) !== (hook.logGroupArn === undefined), {
    error: 'must have either topicArn or logGroupArn',
  });

const keySchema = z.strictObject({
  arn: keyArn,
  aliases: z
    .array(z.string().regex(/^alias\/[\w/-]{1,250}$/, 'must be an alias such as alias/name'))
    .max(50)
    .default([]),
  enabled: z.boolean().default(true),
  permitted: z.boolean().default(true),
});

/** `aws` is AWS's own S3, with the credentials that the SDK finds by itself. */
const s3Endpoint = z.string().superRefine((value, context) => {
  const parsed = value === 'aws' ? undefined : httpUrl.safeParse(value);
  for (const { message } of parsed?.error?.issues ?? []) {
    context.addIssue({ code: 'custom', message });
  }
});

const configSchema = z.strictObject({
  port: z.int().min(0).max(65_535).default(4710).describe('TCP port; 0 takes any free one'),
  host: z.string().min(1).max(255).default('127.0.0.1').describe('address to listen on'),
  allowRemote: z.boolean().default(false).describe('allow a host that other machines reach'),
  dataDir: z.string().min(1).default('.trailkeep').describe('folder of everything kept'),
  defaultAccount: accountId
    .default('123456789012')
    .describe('account of access keys that are not account ids'),
  bucketCheck: z
    .enum(['exists', 'policy'])
    .default('exists')
    .describe('what a trail asks of its bucket: that it exists, or also the bucket policy'),
  s3Endpoint: s3Endpoint
    .optional()
    .describe('S3 to deliver to, in place of the embedded buckets: a URL, or aws'),
  snsEndpoint: httpUrl.optional().describe('SNS to publish to, in place of webhooks'),
  logsEndpoint: httpUrl.optional().describe('CloudWatch Logs to write to, in place of webhooks'),
  states: z
    .enum(['instant', 'timed'])
    .default('instant')
    .describe('how fast stores and queries change state'),
  throttling: z.enum(['off', 'on']).default('off').describe("CloudTrail's request rates"),
  logLevel: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('of the log on standard error'),
  organization: organizationSchema.optional(),
  writers: z
    .array(accountId)
    .max(listMax)
    .default([])
    .describe('accounts that may write records of every account'),
  regions: z.array(regionName).min(1).max(100).default(defaultRegions).describe('enabled Regions'),
  webhooks: z.array(webhookSchema).max(1000).default([]),
  topics: z.array(topicArn).max(listMax).optional().describe('absent: every topic is usable'),
  keys: z.array(keySchema).max(listMax).optional().describe('absent: every key is usable'),
  logGroups: z.array(logGroupArn).max(listMax).optional(),
  roles: z.array(roleArn).max(listMax).optional().describe('absent: every role is usable'),
});

/** What the server runs with; `warnings` are sentences to print before it starts. */
export type Config = z.output<typeof configSchema> & { readonly warnings: readonly string[] };

/** Loopback: nobody else can reach it, so dev mode may trust every access key there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

function remoteHostSentence(config: Config): string | undefined {
  if (config.allowRemote || isLoopback(config.host)) return undefined;
  return (
    `${config.host} can be reached from other machines, and in dev mode Trailkeep accepts every ` +
    'access key with any secret: whoever reaches the port can read and change everything. ' +
    'Listen on 127.0.0.1, or set allowRemote (TRAILKEEP_ALLOW_REMOTE=true) where the network ' +
    'around the port is closed.'
  );
}

function errorsOf(issue: z.core.$ZodIssue, settings: ReadSettings): ConfigError[] {
  const path = issue.path.map(String);
  const top = path[0] ?? '';
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => settings.unknownKey(path, key));
  }
  const name = settingNames[top];
  const source = settings.sourceOf(top);
  const shown = source === 'environment' && name !== undefined ? name : pathText(path);
  return [{ setting: pathText(path), source, message: `${shown}: ${issue.message}` }];
}

function pathText(path: readonly string[]): string {
  return path
    .map((part, at) => (/^\d+$/.test(part) ? `[${part}]` : at === 0 ? part : `.${part}`))
    .join('');
}

export type { ConfigError } from './config-file.ts';
