const lookupsPerSecond = 2;
const callersMax = 10_000;

/** LookupEvents is limited to two calls a second for each account and Region. */
export function lookupRate() {
  const recent = new Map<string, readonly number[]>();
  return {
    /** Whether one more call may be made at `now` (milliseconds). */
    take(caller: string, now: number): boolean {
      const calls = (recent.get(caller) ?? []).filter((at) => Math.abs(now - at) < 1000);
      recent.delete(caller);
      const allowed = calls.length < lookupsPerSecond;
      recent.set(caller, allowed ? [...calls, now] : calls);
      if (recent.size > callersMax) recent.delete(recent.keys().next().value as string);
      return allowed;
    },
  };
}
