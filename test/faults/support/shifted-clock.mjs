// Loaded before a service: its `Date` goes wrong by what a file says, milliseconds, as when somebody sets the machine's clock. Timers, process.hrtime
// and performance.now are the kernel's monotonic clock and go on as they do then, and so does PostgreSQL's now(), which is another machine's.
import { readFileSync } from 'node:fs';

const file = process.env.FAULTS_CLOCK_FILE ?? '';
const RealDate = Date;
let shiftMs = 0;
setInterval(() => {
  try {
    shiftMs = Number(readFileSync(file, 'utf8'));
  } catch {
    shiftMs = 0; // no file, no fault
  }
}, 50).unref();
const now = () => RealDate.now() + shiftMs;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
});
