// Names of variables in, what they are bound to out, without asking: an active binding is not called, a promise is not forced.

import { TYPE } from "./capi.mjs";

/** What a name is bound to; r/variables.R has the same numbers. */
const KIND = Object.freeze({ nothing: 0, value: 1, active: 2, promise: 3 });

/**
 * Give R the function `.Call(kinds_hook, names, environment)`.
 *
 * @param {import("./capi.mjs").CApi} c
 * @param {number} bridge environment that gets it
 */
export function defineKinds(c, bridge) {
  const { M } = c;
  const kind = (/** @type {number} */ symbol, /** @type {number} */ environment) => {
    if (!M._R_existsVarInFrame(environment, symbol)) return KIND.nothing;
    if (M._R_BindingIsActive(symbol, environment)) return KIND.active;
    const found = M._Rf_findVarInFrame(environment, symbol);
    if (M._TYPEOF(found) === TYPE.PROMISE) return M._PRVALUE(found) === c.unbound ? KIND.promise : KIND.value;
    // A formal argument without a value is an error to look at.
    return found === c.missingArg ? KIND.nothing : KIND.value;
  };
  const hook = c.nativeSymbol((names, environment) => {
    const count = M._LENGTH(names);
    const kinds = M._Rf_protect(M._Rf_allocVector(TYPE.INTEGER, count));
    for (let i = 0; i < count; i++) {
      const found = kind(M._Rf_installTrChar(M._STRING_ELT(names, i)), environment);
      M.HEAP32[(M._INTEGER(kinds) >> 2) + i] = found;
    }
    M._Rf_unprotect(1);
    return kinds;
  }, 2);
  c.guard(() => M._Rf_defineVar(c.symbol("kinds_hook"), hook, bridge));
}
