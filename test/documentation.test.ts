import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readRecords } from '@trailkeep/core/domain/events/read-records.ts';
import { configJsonSchema } from '@trailkeep/server/config.ts';
import { settingNames } from '@trailkeep/server/config-file.ts';
import { serverMetrics } from '@trailkeep/server/metrics.ts';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const readme = read('README.md');
const pages = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** Cells of the tables' rows whose first cell begins so. */
function rows(page: string, first: RegExp): readonly (readonly string[])[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
    .filter((cells) => first.test(cells[0] ?? ''));
}

const unquoted = (cell: string | undefined) => (cell ?? '').replaceAll('`', '');

describe('the settings in README.md', () => {
  const { properties } = configJsonSchema() as {
    properties: Record<string, { default?: unknown; enum?: readonly string[] }>;
  };
  const table = rows(readme, /^`TRAILKEEP_/);
  const elsewhere = ['TRAILKEEP_CONFIG', 'TRAILKEEP_MASTER_KEY', 'TRAILKEEP_MASTER_KEY_FILE'];

  test('are all there are', () => {
    const documented = table.map(([name]) => unquoted(name)).sort();
    expect(documented).toEqual([...Object.values(settingNames), ...elsewhere].sort());
  });

  test.each(Object.entries(settingNames))('have the default and the values of %s', (key, name) => {
    const [, , value, meaning] = table.find(([cell]) => unquoted(cell) === name) ?? [];
    const { default: expected = '', enum: values = [] } = properties[key] ?? {};
    expect(unquoted(value)).toBe(String(expected));
    if (name === 'TRAILKEEP_LOG_LEVEL') return;
    for (const one of values) expect(`${value} ${meaning}`).toContain(`\`${one}\``);
  });

  test('have the flags of the command line', () => {
    const flags = [...read('packages/server/src/main.ts').matchAll(/\['(--[a-z0-9-]+)/g)];
    const documented = table.map(([, flag]) => unquoted(flag)).filter(Boolean);
    expect(documented.sort()).toEqual(flags.map(([, flag]) => flag).sort());
  });

  test('name what only the file can hold', () => {
    const inFile = Object.keys(properties).filter((key) => !(key in settingNames));
    const documented = rows(readme, /^`[a-z]+[A-Za-z]*`/)
      .flatMap(([cell]) => unquoted(cell).split(', '))
      .filter((key) => inFile.includes(key));
    expect(documented.sort()).toEqual(inFile.sort());
  });
});

test('the paths of our own in README.md are those that are served', () => {
  const served = read('packages/server/src/http/admin-paths.ts').matchAll(
    /'(\/_trailkeep\/\w+)': \{ (.+) \}/g,
  );
  const expected = [...served].flatMap(([, path, methods = '']) =>
    [...methods.matchAll(/\b(GET|PUT|POST|DELETE)\b/g)].map(([method]) => `${method} ${path}`),
  );
  const documented = rows(readme, /^`(GET|PUT|POST|DELETE) \/_trailkeep/);
  expect(expected.length).toBeGreaterThan(5);
  expect(documented.map(([cell]) => unquoted(cell)).sort()).toEqual(expected.sort());
});

test('the metrics that README.md names are there', () => {
  const named = new Set(readme.match(/trailkeep_[a-z_]+(?=`)/g));
  const known = serverMetrics()
    .registry.getMetricsAsArray()
    .map(({ name }) => name);
  expect(named.size).toBeGreaterThan(4);
  expect(known).toEqual(expect.arrayContaining([...named]));
});

test('docs/operations.md is what the registry says', () => {
  const script = join(root, 'scripts/operations-table.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test.each(pages)('%s points to files that are there', (page) => {
  const links = [...read(page).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, link]) => link!);
  const local = links.filter((link) => !/^https?:/.test(link));
  const missing = local.filter((link) => !existsSync(join(root, dirname(page), link)));
  expect(missing).toEqual([]);
});

test.each(pages)('%s names source files that are there', (page) => {
  const named = read(page).match(/`[\w./-]+\.(ts|mjs)`/g) ?? [];
  const bases = ['', 'packages/core/src/', 'packages/server/src/', 'packages/core/src/operations/'];
  const missing = named
    .map((name) => unquoted(name))
    .filter((name) => !name.startsWith('dist/'))
    .filter((name) => !bases.some((base) => existsSync(join(root, base, name))));
  expect(missing).toEqual([]);
});

test('headings that README.md points to are there', () => {
  const headings = [...readme.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  const anchors = [...readme.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
  expect(headings).toEqual(expect.arrayContaining(anchors));
});

test('the example records are taken as they are', () => {
  const body = Buffer.from(read('docs/examples/records.json'));
  const context = {
    now: Date.parse('2026-01-15T09:15:00Z'),
    newEventID: () => 'new',
    mayWriteFor: () => true,
    defaultAccount: '123456789012',
  };
  expect(readRecords(body, context)).toMatchObject({ rejected: [], total: 7 });
});
