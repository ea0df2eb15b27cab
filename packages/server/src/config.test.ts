import { describe, expect, test } from 'vitest';
import {
  type Config,
  type ConfigError,
  configJsonSchema,
  readConfig,
  readMasterKey,
} from './config.ts';

describe('configuration', () => {
  test('has a default for everything', () => {
    expect(read({})).toMatchObject({
      port: 4710,
      host: '127.0.0.1',
      dataDir: '.trailkeep',
      defaultAccount: '123456789012',
      bucketCheck: 'exists',
      states: 'instant',
      throttling: 'off',
      writers: [],
      webhooks: [],
      warnings: [],
    });
    expect((read({}) as Config).regions).toHaveLength(17);
    expect((read({}) as Config).topics).toBeUndefined();
  });

  test('takes a flag before the environment, the environment before the file', () => {
    const file = { port: 1, dataDir: 'from-file', states: 'timed' };
    const env = { TRAILKEEP_CONFIG: 'c.json', TRAILKEEP_PORT: '2', TRAILKEEP_DATA_DIR: 'from-env' };
    const config = read({ flags: { port: '3', host: undefined }, env, file });
    expect(config).toMatchObject({ port: 3, dataDir: 'from-env', states: 'timed' });
  });

  test('takes the names that the SDKs give to the SNS and Logs endpoints, after its own', () => {
    const env = {
      AWS_ENDPOINT_URL_SNS: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_LOGS: 'http://127.0.0.1:2',
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: 'http://127.0.0.1:3',
      TRAILKEEP_SNS_ENDPOINT: 'http://127.0.0.1:4',
    };
    expect(read({ env })).toMatchObject({
      snsEndpoint: 'http://127.0.0.1:4',
      logsEndpoint: 'http://127.0.0.1:3',
    });
  });

  test.each([
    [{ flags: { prot: 1 } }, 'unknown flag "prot"; did you mean "port"?'],
    [
      { env: { TRAILKEEP_BUKET_CHECK: 'policy' } },
      'unknown environment variable TRAILKEEP_BUKET_CHECK; did you mean "TRAILKEEP_BUCKET_CHECK"?',
    ],
    [
      { file: { organisation: {} } },
      'unknown key "organisation" in the configuration file; did you mean "organization"?',
    ],
    [
      { file: { webhooks: [{ topicArn: topic, url: 'http://a.example/', method: 'GET' }] } },
      'unknown key "method" in webhooks.0; known: topicArn, logGroupArn, url',
    ],
  ])('names a key that it does not know: %j', (given, message) => {
    expect(messages(given)).toContain(message);
  });

  test.each([
    [{ env: { TRAILKEEP_PORT: 'abc' } }, 'port', /^TRAILKEEP_PORT: /],
    [{ env: { TRAILKEEP_PORT: '70000' } }, 'port', /65535/],
    [{ flags: { defaultAccount: '12' } }, 'defaultAccount', /12 digits/],
    [{ env: { TRAILKEEP_ALLOW_REMOTE: 'yes' } }, 'allowRemote', /boolean/],
    [{ file: { webhooks: [{ url: 'http://a.example/' }] } }, 'webhooks[0]', /either topicArn or/],
    [{ file: { webhooks: [{ topicArn: topic, url: 'file:///x' }] } }, 'webhooks[0].url', /http/],
    [{ env: { TRAILKEEP_S3_ENDPOINT: 'http://u:p@a.example' } }, 's3Endpoint', /password/],
    [{ file: { organization: { id: 'o-1' } } }, 'organization.id', /10 to 32/],
    [{ file: { regions: ['mars'] } }, 'regions[0]', /Region name/],
  ])('says where a value is wrong: %j', (given, setting, message) => {
    const errors = read(given) as ConfigError[];
    expect(errors.map((error) => error.setting)).toContain(setting);
    expect(errors.map((error) => error.message).join('\n')).toMatch(message);
  });

  test('tells every error at once', () => {
    expect(messages({ flags: { port: 'x' }, env: { TRAILKEEP_STATES: 'slow' } })).toHaveLength(2);
  });

  test('says when the file cannot be read, is not JSON, or is no object', () => {
    const env = { TRAILKEEP_CONFIG: 'c.json' };
    const missing = readConfig({ flags: {}, env, readFile: throws }) as ConfigError[];
    expect(missing[0]?.message).toMatch(/cannot read the configuration file c.json: no such file/);
    expect(messages({ env, text: '{"port":' })[0]).toMatch(/is not JSON/);
    expect(messages({ env, text: '[]' })[0]).toMatch(/one JSON object/);
  });

  test('refuses a host that others reach unless that is allowed', () => {
    expect(messages({ flags: { host: '0.0.0.0' } })[0]).toMatch(/every access key/);
    expect(messages({ flags: { host: '::' } })[0]).toMatch(/allowRemote/);
    const env = { TRAILKEEP_ALLOW_REMOTE: 'true' };
    expect(read({ flags: { host: '0.0.0.0' }, env })).toMatchObject({ host: '0.0.0.0' });
    expect(read({ flags: { host: 'localhost' } })).toMatchObject({ host: 'localhost' });
    expect(read({ flags: { host: '::' }, mode: 'strict' })).toMatchObject({ host: '::' });
  });

  test('overlooks what Kubernetes sets for a service of its name', () => {
    const env = {
      TRAILKEEP_SERVICE_HOST: '10.0.0.1',
      TRAILKEEP_SERVICE_PORT_HTTP: '4710',
      TRAILKEEP_PORT: 'tcp://10.0.0.1:4710',
      TRAILKEEP_PORT_4710_TCP: 'tcp://10.0.0.1:4710',
      TRAILKEEP_PORT_4710_TCP_ADDR: '10.0.0.1',
    };
    const config = read({ env }) as Config;
    expect(config.port).toBe(4710);
    expect(config.warnings).toHaveLength(1);
    expect(config.warnings[0]).toMatch(/Kubernetes/);
  });

  test('completes an organization', () => {
    const organization = { id: 'o-abcdefghij', managementAccountId: '111111111111' };
    expect((read({ file: { organization } }) as Config).organization).toEqual({
      ...organization,
      accounts: [],
      delegatedAdministrators: [],
      allFeatures: true,
      trustedAccess: true,
      serviceLinkedRole: true,
    });
  });

  test('publishes its JSON Schema', () => {
    const schema = configJsonSchema() as { properties: object; additionalProperties: boolean };
    expect(Object.keys(schema.properties)).toEqual(
      expect.arrayContaining(['port', 'organization', 'webhooks', 'keys']),
    );
    expect(schema.additionalProperties).toBe(false);
  });

  test('reads the master key as 32 bytes of base64 or from a file', () => {
    const key = Buffer.alloc(32, 7);
    const text = key.toString('base64');
    const readFile = () => `${text}\n`;
    expect(readMasterKey({ TRAILKEEP_MASTER_KEY: text }, throws)).toEqual(key);
    expect(readMasterKey({ TRAILKEEP_MASTER_KEY_FILE: 'k' }, readFile)).toEqual(key);
    expect(readMasterKey({}, throws)).toBeUndefined();
    expect(readMasterKey({ TRAILKEEP_MASTER_KEY: 'short' }, throws)).toMatchObject({
      message: expect.stringMatching(/32 bytes/),
    });
    expect(readMasterKey({ TRAILKEEP_MASTER_KEY_FILE: 'k' }, throws)).toMatchObject({
      setting: 'TRAILKEEP_MASTER_KEY_FILE',
    });
  });
});

const topic = 'arn:aws:sns:us-east-1:123456789012:trails';

interface Given {
  readonly flags?: Record<string, unknown>;
  readonly env?: Record<string, string>;
  readonly file?: unknown;
  readonly text?: string;
  readonly mode?: 'dev' | 'strict';
}

function read(given: Given): Config | readonly ConfigError[] {
  const text = given.text ?? JSON.stringify(given.file);
  const env = given.file === undefined ? given.env : { TRAILKEEP_CONFIG: 'c.json', ...given.env };
  const readFile = () => text;
  return readConfig({ flags: given.flags ?? {}, env: env ?? {}, readFile, mode: given.mode });
}

function messages(given: Given): string[] {
  return (read(given) as ConfigError[]).map((error) => error.message);
}

function throws(): string {
  throw new Error('no such file');
}
