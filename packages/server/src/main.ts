import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { pino } from 'pino';
import packageJson from '../../../package.json' with { type: 'json' };
import { readConfig, readMasterKey } from './config.ts';
import { replayCommand } from './replay/replay-command.ts';
import { startServer } from './server.ts';

/** From the signal to the end of the process. */
const stopMs = 4500;

const program = new Command('trailkeep')
  .description('A CloudTrail that you run yourself: the API, the log files, the signed digests.')
  .version(packageJson.version)
  .showHelpAfterError();

const serve = program.command('serve').description('start the endpoint');
for (const [usage, description] of [
  ['--config <file>', 'JSON file with settings (TRAILKEEP_CONFIG)'],
  ['--port <number>', 'port to listen on (TRAILKEEP_PORT, 4710)'],
  ['--host <address>', 'address to listen on (TRAILKEEP_HOST, 127.0.0.1)'],
  ['--allow-remote', 'let other machines reach the port (TRAILKEEP_ALLOW_REMOTE)'],
  ['--data-dir <folder>', 'where everything is kept (TRAILKEEP_DATA_DIR, .trailkeep)'],
  ['--default-account <id>', 'account of keys that are not account ids'],
  ['--bucket-check <exists|policy>', 'what CreateTrail asks of the bucket'],
  ['--s3-endpoint <url>', 'S3 to deliver to, in place of the embedded buckets'],
  ['--states <instant|timed>', 'how fast stores and queries change state'],
  ['--throttling <off|on>', "CloudTrail's request rates"],
  ['--log-level <level>', 'of the log on standard error (info)'],
] as const) {
  serve.option(usage, description);
}
serve.action((flags: Record<string, string>) => run(flags));

program.addCommand(replayCommand());

await program.parseAsync();

async function run(flags: Record<string, string>): Promise<void> {
  const sources = {
    flags,
    env: process.env,
    readFile: (path: string) => readFileSync(path, 'utf8'),
  };
  const config = readConfig(sources);
  const masterKey = readMasterKey(sources.env, sources.readFile);
  const errors = [
    ...('port' in config ? [] : config),
    ...(masterKey && 'message' in masterKey ? [masterKey] : []),
  ];
  if (
    !('port' in config) ||
    errors.length > 0 ||
    !(masterKey === undefined || Buffer.isBuffer(masterKey))
  ) {
    for (const error of errors) process.stderr.write(`trailkeep: ${error.message}\n`);
    process.exitCode = 2;
    return;
  }
  const log = pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: true }));
  for (const warning of config.warnings) process.stderr.write(`trailkeep: ${warning}\n`);
  const server = await startServer({ config, masterKey, log, version: packageJson.version }).catch(
    (error: Error) => {
      process.stderr.write(`trailkeep: ${startFailure(error, config.port)}\n`);
      process.exitCode = 1;
      return undefined;
    },
  );
  if (!server) return;
  process.stderr.write(banner(server.endpoint, config.dataDir));
  await Promise.race([signalled(), server.lost.then(() => (process.exitCode = 1))]);
  process.stderr.write('Stopping.\n');
  // What was acknowledged is durable already, so a step that takes too long may be left.
  setTimeout(() => process.exit(), stopMs).unref();
  await server.stop();
  // Nothing is left to do; a connection of a slow receiver must not hold the process.
  process.exit();
}

function banner(endpoint: string, dataDir: string): string {
  return [
    `Trailkeep ${packageJson.version} is ready at ${endpoint} (data in ${dataDir}).`,
    'Dev mode: every access key and any secret is accepted. A 12-digit access key id is the account.',
    '',
    `  export AWS_ENDPOINT_URL=${endpoint}`,
    '  export AWS_ACCESS_KEY_ID=123456789012 AWS_SECRET_ACCESS_KEY=any',
    '  export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1',
    '',
    'Press Ctrl-C to stop.',
    '',
  ].join('\n');
}

function startFailure(error: Error, port: number): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return `port ${port} is in use. Stop what listens there, or choose another with --port.`;
  }
  return error.message;
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}
