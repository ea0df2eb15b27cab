/**
 * The part of SST 4's globals that this skeleton names, by hand: SST writes the whole of them to
 * .sst/platform/config.d.ts with `sst install`, which a fresh clone has not run. The change that
 * makes the AWS shape deployable refers to that file and removes this one.
 */
interface SstApp {
  readonly name: string;
  readonly home: 'aws';
  readonly removal: 'remove' | 'retain' | 'retain-all';
  readonly protect: boolean;
}

declare function $config(config: {
  app(input: { readonly stage: string }): SstApp;
  run(): Promise<Readonly<Record<string, SstOutput<string>>>>;
}): unknown;

/** A value that is known once the resource is there. */
interface SstOutput<Value> {
  apply<Result>(change: (value: Value) => Result): SstOutput<Result>;
}

declare namespace sst.aws {
  class ApiGatewayV2 {
    readonly url: SstOutput<string>;
  }
  class Bucket {
    readonly name: SstOutput<string>;
    readonly arn: SstOutput<string>;
  }
  class Dynamo {
    readonly name: SstOutput<string>;
    readonly arn: SstOutput<string>;
  }
  // biome-ignore lint/suspicious/noShadowRestrictedNames: SST calls it that
  class Function {
    readonly name: SstOutput<string>;
    readonly arn: SstOutput<string>;
  }
  class KinesisStream {
    readonly name: SstOutput<string>;
    readonly arn: SstOutput<string>;
  }
}
