import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/**
 * How much of the machine others used while the benchmark ran: all CPU time less that of this
 * process and of its children that have ended. Ratios bear some of it, absolute numbers do not.
 */
export function watchMachine(): { sentence(): string } {
  const before = { busy: busyMs(), at: performance.now() };
  return {
    sentence() {
      const own = ownMs();
      if (own === undefined) return 'What others used of the machine is not known on this system.';
      const all = (performance.now() - before.at) * cpus().length;
      const others = Math.max(0, busyMs() - before.busy - own);
      const percent = Math.round((others / all) * 100);
      const warning = percent > 5 ? ' That is too much for numbers to be published.' : '';
      return `Others used ${percent} % of the machine meanwhile.${warning}`;
    },
  };
}

function busyMs(): number {
  let sum = 0;
  for (const { times } of cpus()) sum += times.user + times.nice + times.sys;
  return sum;
}

const msPerTick = 10;

/** utime, stime, cutime and cstime of proc(5), of this process: the benchmark's whole family. */
function ownMs(): number | undefined {
  try {
    const fields = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]!.split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * msPerTick, 0);
  } catch {
    return undefined;
  }
}
