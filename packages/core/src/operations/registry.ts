import { refuse } from '../domain/refusal.ts';
import type { OperationName } from '../wire/shapes.ts';
import { lookupEvents } from './events/lookup-events.ts';
import type { Operation } from './operation.ts';
import { addTags } from './tags/add-tags.ts';
import { listTags } from './tags/list-tags.ts';
import { removeTags } from './tags/remove-tags.ts';
import { createTrail } from './trails/create-trail.ts';
import { deleteTrail } from './trails/delete-trail.ts';
import { describeTrails } from './trails/describe-trails.ts';
import { getEventSelectors } from './trails/get-event-selectors.ts';
import { getTrail } from './trails/get-trail.ts';
import { getTrailStatus } from './trails/get-trail-status.ts';
import { listPublicKeys } from './trails/list-public-keys.ts';
import { listTrails } from './trails/list-trails.ts';
import { putEventSelectors } from './trails/put-event-selectors.ts';
import { startLogging } from './trails/start-logging.ts';
import { stopLogging } from './trails/stop-logging.ts';
import { updateTrail } from './trails/update-trail.ts';

/**
 * Every operation of the API. One that is not built says so; a new one in the SDK does not compile
 * until it is listed here.
 */
export const registry: { readonly [Name in OperationName]: Operation<Name> } = {
  AddTags: addTags,
  CancelQuery: notBuilt('CancelQuery'),
  CreateChannel: notBuilt('CreateChannel'),
  CreateDashboard: notBuilt('CreateDashboard'),
  CreateEventDataStore: notBuilt('CreateEventDataStore'),
  CreateTrail: createTrail,
  DeleteChannel: notBuilt('DeleteChannel'),
  DeleteDashboard: notBuilt('DeleteDashboard'),
  DeleteEventDataStore: notBuilt('DeleteEventDataStore'),
  DeleteResourcePolicy: notBuilt('DeleteResourcePolicy'),
  DeleteTrail: deleteTrail,
  DeregisterOrganizationDelegatedAdmin: notBuilt('DeregisterOrganizationDelegatedAdmin'),
  DescribeQuery: notBuilt('DescribeQuery'),
  DescribeTrails: describeTrails,
  DisableFederation: notBuilt('DisableFederation'),
  EnableFederation: notBuilt('EnableFederation'),
  GenerateQuery: notBuilt('GenerateQuery'),
  GetChannel: notBuilt('GetChannel'),
  GetDashboard: notBuilt('GetDashboard'),
  GetEventConfiguration: notBuilt('GetEventConfiguration'),
  GetEventDataStore: notBuilt('GetEventDataStore'),
  GetEventSelectors: getEventSelectors,
  GetImport: notBuilt('GetImport'),
  GetInsightSelectors: notBuilt('GetInsightSelectors'),
  GetQueryResults: notBuilt('GetQueryResults'),
  GetResourcePolicy: notBuilt('GetResourcePolicy'),
  GetTrail: getTrail,
  GetTrailStatus: getTrailStatus,
  ListChannels: notBuilt('ListChannels'),
  ListDashboards: notBuilt('ListDashboards'),
  ListEventDataStores: notBuilt('ListEventDataStores'),
  ListImportFailures: notBuilt('ListImportFailures'),
  ListImports: notBuilt('ListImports'),
  ListInsightsData: notBuilt('ListInsightsData'),
  ListInsightsMetricData: notBuilt('ListInsightsMetricData'),
  ListPublicKeys: listPublicKeys,
  ListQueries: notBuilt('ListQueries'),
  ListTags: listTags,
  ListTrails: listTrails,
  LookupEvents: lookupEvents,
  PutEventConfiguration: notBuilt('PutEventConfiguration'),
  PutEventSelectors: putEventSelectors,
  PutInsightSelectors: notBuilt('PutInsightSelectors'),
  PutResourcePolicy: notBuilt('PutResourcePolicy'),
  RegisterOrganizationDelegatedAdmin: notBuilt('RegisterOrganizationDelegatedAdmin'),
  RemoveTags: removeTags,
  RestoreEventDataStore: notBuilt('RestoreEventDataStore'),
  SearchSampleQueries: notBuilt('SearchSampleQueries'),
  StartDashboardRefresh: notBuilt('StartDashboardRefresh'),
  StartEventDataStoreIngestion: notBuilt('StartEventDataStoreIngestion'),
  StartImport: notBuilt('StartImport'),
  StartLogging: startLogging,
  StartQuery: notBuilt('StartQuery'),
  StopEventDataStoreIngestion: notBuilt('StopEventDataStoreIngestion'),
  StopImport: notBuilt('StopImport'),
  StopLogging: stopLogging,
  UpdateChannel: notBuilt('UpdateChannel'),
  UpdateDashboard: notBuilt('UpdateDashboard'),
  UpdateEventDataStore: notBuilt('UpdateEventDataStore'),
  UpdateTrail: updateTrail,
};

function notBuilt<Name extends OperationName>(name: Name): Operation<Name> {
  return async () =>
    refuse(
      'UnsupportedOperationException',
      `${name} is not supported yet by this version of Trailkeep. docs/operations.md lists the operations that are.`,
    );
}
