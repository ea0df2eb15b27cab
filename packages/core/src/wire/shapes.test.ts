import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  type InputOf,
  isOperationName,
  type OperationName,
  type OutputOf,
  operationNames,
  operationSchema,
} from './shapes.ts';

describe('the shapes of the API', () => {
  test('are those of 60 operations, sorted by name', () => {
    expect(operationNames).toHaveLength(60);
    expect(operationNames).toEqual([...operationNames].sort());
    expect(operationNames[0]).toBe('AddTags');
    for (const name of operationNames) {
      const { input, output } = operationSchema(name);
      expect(input.name, name).toBe(`${name}Request`);
      expect(output.name, name).toBe(`${name}Response`);
    }
  });

  test('say which members a request has, of what kind, and which it needs', () => {
    const { input } = operationSchema('CreateTrail');
    expect([...input.required]).toEqual(['Name', 'S3BucketName']);
    expect(input.members.get('IsMultiRegionTrail')).toEqual({ kind: 'boolean' });
    expect(input.members.get('TagsList')).toMatchObject({
      kind: 'list',
      member: { kind: 'structure', name: 'Tag' },
    });
    const { members } = operationSchema('ListInsightsData').input;
    expect(members.get('Dimensions')).toEqual({ kind: 'map', value: { kind: 'string' } });
    expect(members.get('StartTime')).toEqual({ kind: 'timestamp' });
  });

  test('keep the odd names that CloudTrail has', () => {
    const { input, output } = operationSchema('DescribeTrails');
    expect([...input.members.keys()]).toEqual(['trailNameList', 'includeShadowTrails']);
    expect([...output.members.keys()]).toEqual(['trailList']);
  });

  test('have no operation called like a member of every object', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'createTrail', '']) {
      expect(isOperationName(name)).toBe(false);
    }
  });

  test("have the SDK's types", () => {
    expectTypeOf<InputOf<'CreateTrail'>['S3BucketName']>().toEqualTypeOf<string | undefined>();
    expectTypeOf<OutputOf<'GetTrailStatus'>['StartLoggingTime']>().toEqualTypeOf<
      Date | undefined
    >();
    expectTypeOf<OutputOf<'GetTrail'>>().not.toHaveProperty('$metadata');
    expectTypeOf<'NoSuchOperation'>().not.toExtend<OperationName>();
  });
});

test('a bundle of the wire has the shapes of the SDK without its client', async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('aws-json.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
  });
  const bundle = outputFiles[0]!.text;
  expect(bundle).toContain('CreateTrailRequest');
  expect(bundle).not.toContain('CloudTrailClient extends');
  expect(bundle.length).toBeLessThan(300_000);
});
