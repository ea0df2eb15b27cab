// A skeleton that type-checks: `sst deploy` fails at the first part and says why. SST forbids
// imports at the top of this file, so the parts are imported where they are used.
export default $config({
  app: ({ stage }) => ({
    name: 'trailkeep',
    home: 'aws',
    // An audit trail is not something to delete along with a stack.
    removal: stage === 'production' ? 'retain-all' : 'retain',
    protect: stage === 'production',
  }),
  async run() {
    const { storage } = await import('./packages/infra/storage.ts');
    const { keys } = await import('./packages/infra/keys.ts');
    const { api } = await import('./packages/infra/api.ts');
    const { delivery } = await import('./packages/infra/delivery.ts');
    const { lake } = await import('./packages/infra/lake.ts');
    const { workflows } = await import('./packages/infra/workflows.ts');
    const stored = storage();
    const signing = keys();
    const { gateway } = api(stored, signing);
    delivery(stored, signing);
    workflows(stored, lake(stored));
    return { endpoint: gateway.url };
  },
});
