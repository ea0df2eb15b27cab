// `npm start`: builds, then serves in this same process, so that signals reach the server itself.
import './build.mjs';

process.argv.splice(2, 0, 'serve');
await import('../dist/trailkeep.mjs');
