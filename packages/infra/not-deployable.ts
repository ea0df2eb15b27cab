/** Every part of the AWS shape says so until it is written: half a stack is worse than none. */
export function notDeployable(part: string): never {
  throw new Error(
    `The AWS shape of Trailkeep cannot be deployed yet: ${part} is not written. ` +
      'Run the self-hosted endpoint instead: npm ci && npm start.',
  );
}
