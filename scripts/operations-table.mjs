// Writes docs/operations.md: every operation of the API and whether this version answers it.
// `--check` only compares and exits with 1 when the file is not current.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = `${root}docs/operations.md`;

/** It is answered on a path of its own, so it is not in the registry. */
const putAuditEvents = `${root}packages/core/src/operations/channels/put-audit-events.ts`;

/** In the order of the page. */
const groups = [
  ['Trails', /Trail|Logging|EventSelectors|PublicKeys/],
  ['Events', /LookupEvents/],
  ['Tags', /Tags/],
  ['Event data stores', /EventDataStore|Federation/],
  ['Queries', /Query|Queries/],
  ['Channels', /Channel/],
  ['Imports', /Import/],
  ['Insights', /Insight/],
  ['Dashboards', /Dashboard/],
  ['Event configuration', /EventConfiguration/],
  ['Resource policies', /ResourcePolicy/],
  ['Organization', /OrganizationDelegatedAdmin/],
];

const text = page(await operations());
const current = existsSync(target) ? readFileSync(target, 'utf8') : '';
if (process.argv.includes('--check')) {
  if (text !== current) {
    console.error('docs/operations.md is not current: run node scripts/operations-table.mjs');
    process.exitCode = 1;
  }
} else if (text !== current) {
  writeFileSync(target, text);
}

async function operations() {
  const { registry } = await bundledRegistry();
  const names = Object.keys(registry).sort();
  const rows = [];
  for (const name of names) {
    rows.push({ name, group: groupOf(name), built: await isBuilt(registry[name]) });
  }
  return rows;
}

/** The registry is TypeScript; Node 20 cannot load that by itself. */
async function bundledRegistry() {
  const { outputFiles } = await build({
    entryPoints: [`${root}packages/core/src/operations/registry.ts`],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    target: 'node20',
    logLevel: 'warning',
    banner: {
      js: "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire('file:///');",
    },
  });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  return import(`data:text/javascript;base64,${code}`);
}

/**
 * Asked without ports, an operation that is not built says that it is not supported; any other
 * refuses an empty request for a reason of its own, or misses the ports.
 */
async function isBuilt(operation) {
  const call = { account: '123456789012', region: 'us-east-1', now: 0 };
  try {
    const answer = await operation({}, call, {});
    return answer?.refused !== 'UnsupportedOperationException';
  } catch (error) {
    if (error instanceof TypeError) return true;
    throw error;
  }
}

function groupOf(name) {
  const group = groups.find(([, shape]) => shape.test(name));
  if (!group)
    throw new Error(`${name} belongs to no group: add it to scripts/operations-table.mjs`);
  return group[0];
}

function page(rows) {
  const built = rows.filter((row) => row.built);
  const lines = [
    '# Operations',
    '',
    'Written by `node scripts/operations-table.mjs` from the registry; a test checks that it is current.',
    '',
    `${built.length} of CloudTrail's ${rows.length} operations are built. The others read and check the request,`,
    'answer `UnsupportedOperationException` and are recorded as refused calls. They never pretend.',
    '',
  ];
  for (const [group] of groups) {
    const members = rows.filter((row) => row.group === group);
    if (members.length === 0) continue;
    lines.push(`## ${group}`, '', '| operation | status |', '|---|---|');
    for (const row of members) lines.push(`| ${row.name} | ${row.built ? 'built' : 'not yet'} |`);
    lines.push('');
  }
  lines.push(
    '## CloudTrail Data',
    '',
    '| operation | status |',
    '|---|---|',
    `| PutAuditEvents | ${existsSync(putAuditEvents) ? 'built' : 'not yet'} |`,
    '',
    'Until channels are built, records come in by `POST /_trailkeep/events` and `trailkeep replay`.',
    '',
  );
  return lines.join('\n');
}
