/** Where settings come from, before they are checked: flags, environment and the file, merged. */
export function readSettings(
  sources: ConfigSources,
  jsonSchema: Record<string, unknown>,
): ReadSettings {
  const errors: ConfigError[] = [];
  const warnings: string[] = [];
  const flags = readFlags(sources.flags, errors);
  const env = readEnvironment(sources.env, errors, warnings);
  const { config: path, ...flagValues } = flags;
  const file = readConfigFile(path ?? sources.env['TRAILKEEP_CONFIG'], sources.readFile, errors);
  return {
    values: { ...file, ...env, ...flagValues },
    errors,
    warnings,
    sourceOf: (key) => (key in flagValues ? 'flag' : key in env ? 'environment' : 'file'),
    unknownKey: (at, key) => {
      const known = keysAt(jsonSchema, at);
      const place = at.length === 0 ? 'the configuration file' : at.join('.');
      const message = `unknown key ${JSON.stringify(key)} in ${place}${suggestion(key, known)}`;
      return { setting: [...at, key].join('.'), source: 'file', message };
    },
  };
}

export interface ConfigSources {
  /** As the command line gave them, lowerCamel; undefined values count as not given. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a whole text file; throws when it cannot. */
  readonly readFile: (path: string) => string;
}

export interface ConfigError {
  /** The setting's path in the file's terms, such as `organization.id` or `webhooks[0].url`. */
  readonly setting: string;
  readonly source: 'flag' | 'environment' | 'file';
  /** A whole sentence that names the setting. */
  readonly message: string;
}

export interface ReadSettings {
  readonly values: Readonly<Record<string, unknown>>;
  readonly errors: readonly ConfigError[];
  readonly warnings: readonly string[];
  sourceOf(key: string): ConfigError['source'];
  unknownKey(at: readonly string[], key: string): ConfigError;
}

/** Settings that a flag or a variable can give, and the variable's name. */
export const settingNames: Readonly<Record<string, string>> = {
  port: 'TRAILKEEP_PORT',
  host: 'TRAILKEEP_HOST',
  allowRemote: 'TRAILKEEP_ALLOW_REMOTE',
  dataDir: 'TRAILKEEP_DATA_DIR',
  defaultAccount: 'TRAILKEEP_DEFAULT_ACCOUNT',
  bucketCheck: 'TRAILKEEP_BUCKET_CHECK',
  s3Endpoint: 'TRAILKEEP_S3_ENDPOINT',
  snsEndpoint: 'TRAILKEEP_SNS_ENDPOINT',
  logsEndpoint: 'TRAILKEEP_LOGS_ENDPOINT',
  states: 'TRAILKEEP_STATES',
  throttling: 'TRAILKEEP_THROTTLING',
  logLevel: 'TRAILKEEP_LOG_LEVEL',
};

/** Read elsewhere: the path of this file, and the master key of the data folder. */
const otherVariables = ['TRAILKEEP_CONFIG', 'TRAILKEEP_MASTER_KEY', 'TRAILKEEP_MASTER_KEY_FILE'];

/** The names that aws-cli and the SDKs give to the same endpoints; ours win. */
const awsNames: readonly (readonly [setting: string, variable: string])[] = [
  ['snsEndpoint', 'AWS_ENDPOINT_URL_SNS'],
  ['logsEndpoint', 'AWS_ENDPOINT_URL_CLOUDWATCH_LOGS'],
  ['logsEndpoint', 'AWS_ENDPOINT_URL_LOGS'],
];

const numbers = new Set(['port']);
const booleans = new Set(['allowRemote']);

function readFlags(
  flags: ConfigSources['flags'],
  errors: ConfigError[],
): Record<string, unknown> & { config?: string } {
  const known = [...Object.keys(settingNames), 'config'];
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(flags)) {
    if (value === undefined) continue;
    if (!known.includes(key)) {
      const message = `unknown flag ${JSON.stringify(key)}${suggestion(key, known)}`;
      errors.push({ setting: key, source: 'flag', message });
      continue;
    }
    values[key] = typeof value === 'string' ? typed(key, value) : value;
  }
  return values;
}

function readEnvironment(
  env: ConfigSources['env'],
  errors: ConfigError[],
  warnings: string[],
): Record<string, unknown> {
  const known = [...Object.values(settingNames), ...otherVariables];
  for (const name of Object.keys(env)) {
    if (!name.startsWith('TRAILKEEP_') || known.includes(name)) continue;
    if (isServiceLink(name, env[name] ?? '')) continue;
    const message = `unknown environment variable ${name}${suggestion(name, known)}`;
    errors.push({ setting: name, source: 'environment', message });
  }
  const values: Record<string, unknown> = {};
  for (const [key, name] of [...awsNames].reverse()) {
    if (env[name]) values[key] = env[name];
  }
  for (const [key, name] of Object.entries(settingNames)) {
    const value = env[name];
    // `docker run -e NAME=` and compose files give empty values for "not set".
    if (value === undefined || value === '') continue;
    if (isServiceLink(name, value)) warnings.push(serviceLinkWarning(name, value));
    else values[key] = typed(key, value);
  }
  return values;
}

/** Kubernetes gives every pod such variables for each service; one may well be named trailkeep. */
function isServiceLink(name: string, value: string): boolean {
  if (/^TRAILKEEP_(\w+_)?SERVICE_(HOST|PORT)(_\w+)?$/.test(name)) return true;
  if (/^TRAILKEEP_(\w+_)?PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name)) return true;
  return /^TRAILKEEP_(\w+_)?PORT$/.test(name) && /^(tcp|udp|sctp):\/\//.test(value);
}

function serviceLinkWarning(name: string, value: string): string {
  return (
    `${name}=${value} looks like what Kubernetes sets for a service of that name and is ignored; ` +
    'set enableServiceLinks: false in the pod, or use --port.'
  );
}

/** What does not read as the setting's type stays text, and the schema says what is wrong. */
function typed(key: string, text: string): unknown {
  if (numbers.has(key)) return /^\d{1,9}$/.test(text) ? Number(text) : text;
  if (booleans.has(key)) return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}

function readConfigFile(
  path: string | undefined,
  readFile: ConfigSources['readFile'],
  errors: ConfigError[],
): Record<string, unknown> {
  if (path === undefined || path === '') return {};
  const failed = (message: string) => {
    errors.push({ setting: 'config', source: 'file', message });
    return {};
  };
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    return failed(`cannot read the configuration file ${path}: ${(error as Error).message}`);
  }
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const { $schema: _, ...settings } = value as Record<string, unknown>;
      return settings;
    }
    return failed(`the configuration file ${path} must hold one JSON object`);
  } catch (error) {
    return failed(`the configuration file ${path} is not JSON: ${(error as Error).message}`);
  }
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
}

function keysAt(schema: SchemaNode, path: readonly string[]): string[] {
  let node: SchemaNode | undefined = schema;
  for (const part of path) node = /^\d+$/.test(part) ? node?.items : node?.properties?.[part];
  return Object.keys(node?.properties ?? {});
}

/** `; did you mean "port"?`, or the names that there are when none is near. */
function suggestion(name: string, known: readonly string[]): string {
  const distances = known.map((candidate) => ({ candidate, distance: distance(name, candidate) }));
  const nearest = distances.sort((a, b) => a.distance - b.distance)[0];
  if (nearest !== undefined && nearest.distance <= Math.max(2, name.length / 3)) {
    return `; did you mean ${JSON.stringify(nearest.candidate)}?`;
  }
  return known.length === 0 ? '' : `; known: ${known.join(', ')}`;
}

/** Levenshtein's, without regard to case, over the first 100 characters. */
function distance(a: string, b: string): number {
  const from = a.toLowerCase().slice(0, 100);
  const to = b.toLowerCase().slice(0, 100);
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
