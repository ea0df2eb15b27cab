import type { Trailkeep } from '../trailkeep.ts';

export interface TrailOfBench {
  /** The prefix of its log files too. */
  readonly name: string;
  readonly isOrganizationTrail?: boolean;
  readonly selectors?: object;
}

export const bucketName = 'bench-logs';
export const oneTrail: TrailOfBench = { name: 'trail-0' };

/** Five trails that want the same records: their files differ in nothing but their names. */
export const fiveAlike: readonly TrailOfBench[] = [0, 1, 2, 3, 4].map((n) => ({
  name: `trail-${n}`,
}));

/** Five that overlap: four want every record of the benchmark, each by rules of its own. */
export const fiveDifferent: readonly TrailOfBench[] = [
  oneTrail,
  { name: 'trail-1', selectors: advanced({ Field: 'eventCategory', Equals: ['Management'] }) },
  { name: 'trail-2', selectors: withoutSource('rdsdata.amazonaws.com') },
  { name: 'trail-3', selectors: withoutSource('kms.amazonaws.com') },
  {
    name: 'trail-4',
    selectors: advanced(
      { Field: 'eventCategory', Equals: ['Management'] },
      { Field: 'readOnly', Equals: ['true'] },
    ),
  },
];

function advanced(...FieldSelectors: readonly object[]) {
  return { AdvancedEventSelectors: [{ FieldSelectors }] };
}

function withoutSource(source: string) {
  const ExcludeManagementEventSources = [source];
  return {
    EventSelectors: [
      { ReadWriteType: 'All', IncludeManagementEvents: true, ExcludeManagementEventSources },
    ],
  };
}

/** The bucket, and the trails that log into it from now on. */
export async function createTrails(
  server: Trailkeep,
  trails: readonly TrailOfBench[],
): Promise<void> {
  await server.s3('PUT', `/${bucketName}`);
  for (const { name, isOrganizationTrail = false, selectors } of trails) {
    await server.call('CreateTrail', {
      Name: name,
      S3BucketName: bucketName,
      S3KeyPrefix: name,
      IsMultiRegionTrail: true,
      IsOrganizationTrail: isOrganizationTrail,
      EnableLogFileValidation: true,
    });
    if (selectors) await server.call('PutEventSelectors', { TrailName: name, ...selectors });
    await server.call('StartLogging', { Name: name });
  }
}
