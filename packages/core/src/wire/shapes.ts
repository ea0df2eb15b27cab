import type * as cloudtrail from '@aws-sdk/client-cloudtrail';
import {
  AddTags$,
  CancelQuery$,
  CreateChannel$,
  CreateDashboard$,
  CreateEventDataStore$,
  CreateTrail$,
  DeleteChannel$,
  DeleteDashboard$,
  DeleteEventDataStore$,
  DeleteResourcePolicy$,
  DeleteTrail$,
  DeregisterOrganizationDelegatedAdmin$,
  DescribeQuery$,
  DescribeTrails$,
  DisableFederation$,
  EnableFederation$,
  GenerateQuery$,
  GetChannel$,
  GetDashboard$,
  GetEventConfiguration$,
  GetEventDataStore$,
  GetEventSelectors$,
  GetImport$,
  GetInsightSelectors$,
  GetQueryResults$,
  GetResourcePolicy$,
  GetTrail$,
  GetTrailStatus$,
  ListChannels$,
  ListDashboards$,
  ListEventDataStores$,
  ListImportFailures$,
  ListImports$,
  ListInsightsData$,
  ListInsightsMetricData$,
  ListPublicKeys$,
  ListQueries$,
  ListTags$,
  ListTrails$,
  LookupEvents$,
  PutEventConfiguration$,
  PutEventSelectors$,
  PutInsightSelectors$,
  PutResourcePolicy$,
  RegisterOrganizationDelegatedAdmin$,
  RemoveTags$,
  RestoreEventDataStore$,
  SearchSampleQueries$,
  StartDashboardRefresh$,
  StartEventDataStoreIngestion$,
  StartImport$,
  StartLogging$,
  StartQuery$,
  StopEventDataStoreIngestion$,
  StopImport$,
  StopLogging$,
  UpdateChannel$,
  UpdateDashboard$,
  UpdateEventDataStore$,
  UpdateTrail$,
} from '@aws-sdk/client-cloudtrail';

/** What a member holds. `number` is an integer in every request of the API. */
export type Shape =
  | { readonly kind: 'string' | 'number' | 'boolean' | 'timestamp' | 'blob' }
  | { readonly kind: 'list'; readonly member: Shape }
  | { readonly kind: 'map'; readonly value: Shape }
  | StructureShape;

export interface StructureShape {
  readonly kind: 'structure';
  /** The API's name of it: `CreateTrailRequest`, `Tag`. */
  readonly name: string;
  /** In the order of the API's model. */
  readonly members: ReadonlyMap<string, Shape>;
  readonly required: ReadonlySet<string>;
}

export interface OperationSchema {
  readonly input: StructureShape;
  readonly output: StructureShape;
}

type Sdk = typeof cloudtrail;

type CommandOf<I, O> = new (
  input: never,
) => {
  readonly input: I;
  resolveMiddleware: (...with_: never[]) => (...args: never[]) => Promise<{ output: O }>;
};

/** Read off the SDK's commands, so that an SDK with one operation more stops `sdk` compiling. */
type SdkOperations = {
  [K in keyof Sdk as K extends `$${string}`
    ? never
    : K extends `${infer N}Command`
      ? N
      : never]: Sdk[K] extends CommandOf<infer I, infer O>
    ? { input: I; output: Omit<O, '$metadata'> }
    : never;
};

export type OperationName = keyof SdkOperations;
export type InputOf<N extends OperationName> = SdkOperations[N]['input'];
export type OutputOf<N extends OperationName> = SdkOperations[N]['output'];

// The named constants, and never the client: this is what keeps the bundle small (see the test).
const sdk: Readonly<Record<OperationName, SdkOperation>> = {
  AddTags: AddTags$,
  CancelQuery: CancelQuery$,
  CreateChannel: CreateChannel$,
  CreateDashboard: CreateDashboard$,
  CreateEventDataStore: CreateEventDataStore$,
  CreateTrail: CreateTrail$,
  DeleteChannel: DeleteChannel$,
  DeleteDashboard: DeleteDashboard$,
  DeleteEventDataStore: DeleteEventDataStore$,
  DeleteResourcePolicy: DeleteResourcePolicy$,
  DeleteTrail: DeleteTrail$,
  DeregisterOrganizationDelegatedAdmin: DeregisterOrganizationDelegatedAdmin$,
  DescribeQuery: DescribeQuery$,
  DescribeTrails: DescribeTrails$,
  DisableFederation: DisableFederation$,
  EnableFederation: EnableFederation$,
  GenerateQuery: GenerateQuery$,
  GetChannel: GetChannel$,
  GetDashboard: GetDashboard$,
  GetEventConfiguration: GetEventConfiguration$,
  GetEventDataStore: GetEventDataStore$,
  GetEventSelectors: GetEventSelectors$,
  GetImport: GetImport$,
  GetInsightSelectors: GetInsightSelectors$,
  GetQueryResults: GetQueryResults$,
  GetResourcePolicy: GetResourcePolicy$,
  GetTrail: GetTrail$,
  GetTrailStatus: GetTrailStatus$,
  ListChannels: ListChannels$,
  ListDashboards: ListDashboards$,
  ListEventDataStores: ListEventDataStores$,
  ListImportFailures: ListImportFailures$,
  ListImports: ListImports$,
  ListInsightsData: ListInsightsData$,
  ListInsightsMetricData: ListInsightsMetricData$,
  ListPublicKeys: ListPublicKeys$,
  ListQueries: ListQueries$,
  ListTags: ListTags$,
  ListTrails: ListTrails$,
  LookupEvents: LookupEvents$,
  PutEventConfiguration: PutEventConfiguration$,
  PutEventSelectors: PutEventSelectors$,
  PutInsightSelectors: PutInsightSelectors$,
  PutResourcePolicy: PutResourcePolicy$,
  RegisterOrganizationDelegatedAdmin: RegisterOrganizationDelegatedAdmin$,
  RemoveTags: RemoveTags$,
  RestoreEventDataStore: RestoreEventDataStore$,
  SearchSampleQueries: SearchSampleQueries$,
  StartDashboardRefresh: StartDashboardRefresh$,
  StartEventDataStoreIngestion: StartEventDataStoreIngestion$,
  StartImport: StartImport$,
  StartLogging: StartLogging$,
  StartQuery: StartQuery$,
  StopEventDataStoreIngestion: StopEventDataStoreIngestion$,
  StopImport: StopImport$,
  StopLogging: StopLogging$,
  UpdateChannel: UpdateChannel$,
  UpdateDashboard: UpdateDashboard$,
  UpdateEventDataStore: UpdateEventDataStore$,
  UpdateTrail: UpdateTrail$,
};

/** The 60 operations, sorted. */
export const operationNames = Object.keys(sdk).sort() as readonly OperationName[];

export function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(sdk, name);
}

/** The shapes of an operation, resolved once and then kept. */
export function operationSchema(name: OperationName): OperationSchema {
  const known = resolvedOperations.get(name);
  if (known !== undefined) return known;
  const [, , , , input, output] = sdk[name];
  const schema = { input: resolveStructure(input), output: resolveStructure(output) };
  resolvedOperations.set(name, schema);
  return schema;
}

/** The part of `@smithy/types` static schemas that CloudTrail uses; anything else throws. */
type SdkOperation = readonly [number, string, string, unknown, unknown, unknown];
type SdkStructure = readonly [
  typeof structureId,
  string,
  string,
  unknown,
  readonly string[],
  readonly unknown[],
  number?,
];

const listId = 1;
const mapId = 2;
const structureId = 3;
const listModifier = 64;
const mapModifier = 128;
const simpleKinds: ReadonlyMap<unknown, Shape> = new Map<unknown, Shape>([
  [0, { kind: 'string' }],
  [1, { kind: 'number' }],
  [2, { kind: 'boolean' }],
  [4, { kind: 'timestamp' }],
  [21, { kind: 'blob' }],
]);

const resolvedOperations = new Map<OperationName, OperationSchema>();
const resolvedStructures = new Map<string, StructureShape>();

function resolveStructure(reference: unknown): StructureShape {
  const shape = resolve(reference);
  if (shape.kind !== 'structure') throw new Error(`a structure was expected, not ${shape.kind}`);
  return shape;
}

function resolve(reference: unknown): Shape {
  const schema = typeof reference === 'function' ? reference() : reference;
  if (Array.isArray(schema)) return resolveAggregate(schema);
  if (typeof schema !== 'number') throw new Error(`unknown SDK schema ${String(schema)}`);
  if (schema >= mapModifier) return { kind: 'map', value: resolve(schema - mapModifier) };
  if (schema >= listModifier) return { kind: 'list', member: resolve(schema - listModifier) };
  const simple = simpleKinds.get(schema);
  if (simple === undefined) throw new Error(`unknown SDK schema ${schema}`);
  return simple;
}

function resolveAggregate(schema: readonly unknown[]): Shape {
  if (schema[0] === listId) return { kind: 'list', member: resolve(schema[4]) };
  if (schema[0] === mapId) return { kind: 'map', value: resolve(schema[5]) };
  if (schema[0] !== structureId) throw new Error(`unknown SDK schema ${String(schema[0])}`);
  const [, namespace, name, , names, schemas, requiredCount = 0] = schema as SdkStructure;
  // `smithy.unit` is how the SDK says that an operation has no output at all.
  const key = `${namespace}#${name}`;
  const known = resolvedStructures.get(key);
  if (known !== undefined) return known;
  const members = new Map<string, Shape>();
  const required = new Set(names.slice(0, requiredCount));
  const shape: StructureShape = { kind: 'structure', name, members, required };
  resolvedStructures.set(key, shape);
  names.forEach((member, i) => {
    members.set(member, resolve(schemas[i]));
  });
  return shape;
}
