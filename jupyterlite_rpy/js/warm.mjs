// An idle R in; the same R, whose first plot and first help need not wait for what is loaded or compiled once, out.

import { RFailure } from "./capi.mjs";

const FILE = "/tmp/rpy-warm.png";

/**
 * Load Cairo and a font (0.3 s of this thread). Nothing stays open, and while the user has a device open nothing is done.
 *
 * @param {import("./core.mjs").R} r idle
 */
export function warmGraphics(r) {
  const { c } = r;
  if (r.broken || c.M._Rf_NoDevices() === 0) return;
  try {
    c.call(r.bridge, "warm_graphics", FILE);
  } catch (error) {
    // Then the first plot fails the same way, where it can be told.
    if (!(error instanceof RFailure)) throw error;
  }
  if (c.M.FS.analyzePath(FILE).exists) c.M.FS.unlink(FILE);
}

/**
 * Have the browser compile what a question for help runs (20 ms of this thread): that of the first one would be seen.
 *
 * @param {import("./core.mjs").R} r idle
 */
export function warmHelp(r) {
  r.handle({ op: "ask", function: "warm_help", args: [] }, [], () => null);
}
