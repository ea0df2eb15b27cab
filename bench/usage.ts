/**
 * Loaded into every measured process (`node --import`): answers what it has used so far. One way
 * of measuring for all of them, and on every system.
 */
export interface Usage {
  /** User and system time of all threads, in microseconds. */
  readonly cpu: number;
  /** The system's part of it. */
  readonly system: number;
  /** The most memory that was resident so far, in bytes. */
  readonly rssMax: number;
  readonly rss: number;
}

export interface UsageQuestion {
  readonly usage: number;
}

process.on('message', (message: Partial<UsageQuestion>) => {
  if (message.usage === undefined) return;
  const { user, system } = process.cpuUsage();
  const usage: Usage = {
    cpu: user + system,
    system,
    rssMax: process.resourceUsage().maxRSS * 1024,
    rss: process.memoryUsage.rss(),
  };
  process.send?.({ id: message.usage, answer: usage });
});
// Nothing outlives the benchmark, however that ends.
process.on('disconnect', () => process.exit());
process.channel?.unref();
