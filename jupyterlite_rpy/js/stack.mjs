// How much of the engine's stack is left in; how deep R may go in the next call out.
//
// R's own limit (R_CStackLimit) counts bytes of the linear stack; what really ends first is the stack of the JavaScript engine, whose
// frames nobody counts. How much of it Python's frames take below R depends on what calls R: a plain function little, a magic in a
// notebook's cell 24 kB. So where R is entered again from Python, what is left is measured.

/**
 * Bytes of C stack R may use, so that the JavaScript engine's own stack never ends first. Measured over 12 kinds of endless recursion,
 * once the engine has optimized R's functions (their frames are larger then): Chromium's worker overflows above 480,000
 * (callNextMethod) to 570,000, Node with its default stack above 420,000; the rest is for the frames of Python below R.
 */
export const STACK_LIMIT = 430_000;
/** Each R -> Python -> R level costs the engine's stack, by the frames of a plain Python function, about this much more. */
const STACK_PER_LEVEL = 3_500;

/** Bytes of the engine's stack that must be left, and what R may use of its own then. Chromium has 984,000 in all. */
const ALLOWANCES = [
  { left: 720_000, more: STACK_LIMIT },
  { left: 560_000, more: 200_000 },
  { left: 420_000, more: 140_000 },
  { left: 300_000, more: 90_000 },
  { left: 200_000, more: 50_000 },
  { left: 140_000, more: 25_000 },
  // The fortieth level of plain functions: 10 kB each, of the 508 that a worker of Chromium has.
  { left: 96_000, more: 15_000 },
].map(({ left, more }) => ({ more, load: new Array(left / 8).fill(0) }));

const nothing = () => {};

/**
 * Arguments lie on the stack: a call with more of them than fit is a RangeError, before anything runs.
 *
 * @param {number[]} load
 */
function fits(load) {
  try {
    nothing.apply(null, /** @type {any} */ (load));
    return true;
  } catch {
    return false;
  }
}

/** @type {{used: number, below: number, limit: number | null}[]} what was found last at each level: measuring takes 0.3 ms */
const known = [];

/**
 * @param {number} level 0: nothing of R is on the stack
 * @param {number} used bytes of R's C stack
 * @param {number} below how far the C stack of Python is: as far as the last time means that there is as much left as then
 * @returns {number | null} R's limit for the next call; null: there is no room for one
 */
export function stackLimit(level, used, below) {
  if (level === 0) return STACK_LIMIT;
  const last = known[level];
  if (last?.used === used && last.below === below) return last.limit;
  const most = STACK_LIMIT - STACK_PER_LEVEL * level;
  const allowance = ALLOWANCES.find(({ load }) => fits(load));
  const limit = allowance ? Math.min(most, used + allowance.more) : null;
  known[level] = { used, below, limit };
  return limit;
}
