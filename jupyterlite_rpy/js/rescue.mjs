// A broken R in, the user's variables as bytes out; those bytes in, variables of a fresh R out.
//
// After a trap R is damaged in ways that cannot be known (the engine's stack ended at an arbitrary instruction), but unwinding it by
// hand works often enough to serialize what the user made. Nothing else is ever asked of it again.

import { CApi, RFailure, TYPE } from "./capi.mjs";

/**
 * @typedef {object} Rescued
 * @property {{name: string, bytes: Uint8Array}[]} variables each serialized by R
 * @property {string[]} packages attached, in the order of attachment
 * @property {string[]} lost names that could not be saved
 */

/** What is nested without end breaks R again while it is saved: lists come last, so that only they are lost then. */
const LISTS_LAST = `local({
  names <- ls(globalenv(), all.names = TRUE)
  nested <- function(name) tryCatch(typeof(get(name, globalenv())) %in% c("list", "pairlist", "environment"), error = function(e) TRUE)
  names[order(vapply(names, nested, NA))]
})`;

/**
 * Unwind R as its own top level would.
 *
 * @param {CApi} c
 */
function unwind(c) {
  const { M } = c;
  try {
    M._Rf_jump_to_toplevel();
  } catch {
    // Its long jump ends here: there is no context left to catch it.
  }
  try {
    M._R_ReplDLLinit();
  } catch {
    // Sets up the console's context; a failure leaves the old one.
  }
  M.HEAP32[M._R_PPStackTop >> 2] = 0;
  c.guarded = null;
}

/**
 * @param {CApi} c of the R that broke
 * @param {number} bridge environment in which r/cell.R was evaluated
 * @returns {Rescued}
 */
export function rescue(c, bridge) {
  /** @type {Rescued} */
  const rescued = { variables: [], packages: [], lost: [] };
  /** @type {string[]} */
  let names = [];
  try {
    unwind(c);
    names = c.texts(c.evaluate("ls(globalenv(), all.names = TRUE)"));
    const attached = c.texts(c.evaluate('rev(sub("^package:", "", grep("^package:", search(), value = TRUE)))'));
    rescued.packages.push(...attached);
    c.evaluate("options(expressions = 5000)");
  } catch {
    return { ...rescued, lost: names };
  }
  for (const name of listsLast(c, names)) {
    try {
      const raw = c.call(bridge, "to_bytes", name);
      const start = c.M._DATAPTR_RO(raw);
      rescued.variables.push({ name, bytes: c.M.HEAPU8.slice(start, start + c.M._Rf_xlength(raw)) });
    } catch (error) {
      rescued.lost.push(name);
      if (!(error instanceof RFailure)) unwind(c); // broken once more; the next one may still be there
    }
  }
  return rescued;
}

/**
 * @param {CApi} c
 * @param {string[]} names as they are if R cannot tell: to look at a variable may run code of the user's
 */
function listsLast(c, names) {
  try {
    return c.texts(c.evaluate(LISTS_LAST));
  } catch (error) {
    if (!(error instanceof RFailure)) unwind(c);
    return names;
  }
}

/**
 * @param {CApi} c of the fresh R
 * @param {number} bridge
 * @param {Rescued} rescued
 * @returns {{kept: string[], lost: string[]}}
 */
export function restore(c, bridge, { variables, packages, lost }) {
  const result = { kept: /** @type {string[]} */ ([]), lost: [...lost] };
  const { M } = c;
  for (const name of packages) {
    attempt(() => c.call(bridge, "attach_again", name));
  }
  for (const { name, bytes } of variables) {
    const done = attempt(() =>
      c.guard(() => {
        const raw = M._Rf_protect(M._Rf_allocVector(TYPE.RAW, bytes.length));
        M.HEAPU8.set(bytes, M._DATAPTR(raw));
        const call = M._Rf_protect(M._Rf_lang2(c.symbol("unserialize"), raw));
        const value = M._Rf_protect(M._Rf_eval(call, c.baseEnv));
        M._Rf_defineVar(c.symbol(name), value, c.globalEnv);
        M._Rf_unprotect(3);
      }),
    );
    (done ? result.kept : result.lost).push(name);
  }
  return result;
}

/** @param {() => void} body @returns {boolean} it worked */
function attempt(body) {
  try {
    body();
    return true;
  } catch (error) {
    if (error instanceof RFailure) return false;
    throw error;
  }
}
