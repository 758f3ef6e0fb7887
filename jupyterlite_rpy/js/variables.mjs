// Values for R in, R's variables out, and the other way: all of a request are written before the first is assigned.

import { RFailure, TYPE, isTrap } from "./capi.mjs";
import { Failure } from "./evaluate.mjs";
import { ValueProblem } from "./reader.mjs";

/** @typedef {import("./protocol.js").Named} Named */

export class Variables {
  /**
   * @param {import("./capi.mjs").CApi} c
   * @param {import("./writer.mjs").Writer} writer
   */
  constructor(c, writer) {
    this.c = c;
    this.writer = writer;
  }

  /**
   * All values or none.
   *
   * @param {{name: string | null, value: import("./protocol.js").RValue}[]} values
   * @param {Uint8Array[]} buffers
   * @returns {number} an R list, unprotected
   */
  build(values, buffers) {
    const { c } = this;
    const { M } = c;
    if (values.length === 0) return c.nil;
    let current = "";
    try {
      return c.guard(() => {
        const list = M._Rf_protect(M._Rf_allocVector(TYPE.LIST, values.length));
        values.forEach(({ name, value }, i) => {
          current = name ?? `argument ${i + 1}`;
          M._SET_VECTOR_ELT(list, i, this.writer.write(value, buffers));
        });
        M._Rf_unprotect(1);
        return list;
      });
    } catch (error) {
      if (error instanceof RFailure || error instanceof ValueProblem || (error instanceof RangeError && !isTrap(error))) {
        throw new Failure({ kind: "value", message: `R cannot hold ${current}: ${error.message}`, name: current });
      }
      throw error;
    }
  }

  /** @param {Named[]} inputs @param {number} built */
  assign(inputs, built) {
    const { c } = this;
    const { M } = c;
    if (inputs.length === 0) return;
    c.guard(() => {
      M._Rf_protect(built);
      const closed = M._R_EnvironmentIsLocked(c.globalEnv);
      for (const { name } of inputs) {
        // All or none: what R would refuse is found before the first is assigned.
        const there = M._R_existsVarInFrame(c.globalEnv, c.symbol(name));
        if (there && M._R_BindingIsLocked(c.symbol(name), c.globalEnv)) c.raise(`cannot change value of locked binding for '${name}'`);
        if (!there && closed) c.raise(`cannot add binding of '${name}' to the global environment, which is locked`);
      }
      inputs.forEach(({ name }, i) => M._Rf_defineVar(c.symbol(name), M._VECTOR_ELT(built, i), c.globalEnv));
      M._Rf_unprotect(1);
    });
  }

  /**
   * The value of a name, found as R finds it, protected until the request is done: an active binding makes a new one each time.
   *
   * @param {string} name
   */
  find(name) {
    const { c } = this;
    const { M } = c;
    const value = c.guard(() => {
      const symbol = name === "" ? 0 : c.symbol(name);
      const found = symbol === 0 ? c.unbound : M._Rf_findVar(symbol, c.globalEnv);
      if (found === c.unbound) throw new Failure({ kind: "missing", message: `object '${name}' not found`, name });
      // A promise is to be forced, a missing argument to be refused; an active binding has just been asked.
      return M._TYPEOF(found) === TYPE.PROMISE || found === c.missingArg ? M._Rf_eval(symbol, c.globalEnv) : found;
    });
    return M._Rf_protect(value);
  }
}
