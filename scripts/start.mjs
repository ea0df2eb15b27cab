// `npm start`: builds, then serves in this same process.
import './build.mjs';

// npm hands a signal to the shell between us, which ends without passing it on. When the shell is
// gone, the server is asked to stop as if the signal had reached it.
const shell = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === shell) return;
  clearInterval(watch);
  process.kill(process.pid, 'SIGTERM');
}, 200).unref();

process.argv.splice(2, 0, 'serve');
await import('../dist/trailkeep.mjs');
