// What Python wants called in; R's call, and the environment that it is to be evaluated in, out.

import { TYPE } from "./capi.mjs";
import { writeScalar } from "./scalars.mjs";

/** @typedef {import("./capi.mjs").CApi} CApi */
/** @typedef {Extract<import("./protocol.js").Request, {op: "call"}>} CallRequest */

export class Calls {
  /**
   * @param {CApi} c
   * @param {number} bridge environment of our own functions
   * @param {import("./handles.mjs").Handles} handles
   * @param {import("./writer.mjs").Writer} writer
   */
  constructor(c, bridge, handles, writer) {
    this.c = c;
    this.bridge = bridge;
    this.handles = handles;
    this.writer = writer;
  }

  /**
   * @param {{callee: CallRequest["function"], args: CallRequest["args"], frame: CallRequest["frame"]}} request
   * @param {number} built the values of the arguments, an R list
   * @param {Uint8Array[]} buffers
   * @returns {{call: number, environment: number}} both protected until the request is done
   */
  of({ callee, args, frame }, built, buffers) {
    const { c } = this;
    const { M } = c;
    const inside = frame === "global";
    const environment = M._Rf_protect(inside ? c.globalEnv : c.guard(() => M._R_NewEnv(c.globalEnv, 0, 0)));
    // Names that arguments may not stand by: another argument's, or the function's.
    const label = "type" in callee ? ("label" in callee && callee.label) || "FUN" : "bridge" in callee ? callee.bridge : callee.name;
    const taken = new Set([label]);
    const call = M._Rf_protect(
      c.guard(() => {
        let list = M._Rf_protect(c.nil);
        for (let i = args.length - 1; i >= 0; i--) {
          const value = M._VECTOR_ELT(built, i);
          list = M._Rf_cons(inside ? this.#quoted(value) : this.#argument(value, args[i].name || `arg${i + 1}`, taken, environment), list);
          M._Rf_unprotect(1);
          M._Rf_protect(list);
          if (args[i].name) M._SET_TAG(list, c.symbol(/** @type {string} */ (args[i].name)));
        }
        let head = M._Rf_protect(
          "type" in callee
            ? this.writer.write(callee, buffers)
            : "bridge" in callee
              ? M._Rf_findVar(c.symbol(callee.bridge), this.bridge)
              : this.#named(callee.name),
        );
        if ("type" in callee && !inside) {
          // By a name, so that match.call() and messages do not spell the whole function out.
          M._Rf_defineVar(c.symbol(label), head, environment);
          head = c.symbol(label);
        }
        const whole = M._Rf_lcons(head, list);
        M._Rf_unprotect(2);
        return whole;
      }),
    );
    return { call, environment };
  }

  /**
   * The same for plain scalars, in the shortest way. Call inside a guard.
   *
   * @param {number} id of the function's handle
   * @param {string} label what the function is called in its own call
   * @param {import("./scalars.mjs").Scalar[]} args
   * @returns {{call: number, environment: number}} unprotected
   */
  ofScalars(id, label, args) {
    const { c } = this;
    const { M } = c;
    const environment = M._Rf_protect(M._R_NewEnv(c.globalEnv, 0, 0));
    let list = c.nil;
    for (let i = args.length - 1; i >= 0; i--) {
      M._Rf_protect(list);
      const value = M._Rf_protect(writeScalar(c, args[i]));
      list = M._Rf_cons(value, list);
      M._Rf_unprotect(2);
    }
    const head = c.symbol(label);
    M._Rf_protect(list);
    M._Rf_defineVar(head, this.handles.get(id), environment);
    const call = M._Rf_lcons(head, list);
    M._Rf_unprotect(2);
    return { call, environment };
  }

  /**
   * Short values stand in the call as they are; others by a name, so that messages and match.call() stay readable.
   *
   * @param {number} sexp @param {string} name @param {Set<string>} taken @param {number} environment
   */
  #argument(sexp, name, taken, environment) {
    const { c } = this;
    const { M } = c;
    const type = M._TYPEOF(sexp);
    const atomic = type === TYPE.NULL || (type >= TYPE.LOGICAL && type <= TYPE.CHARACTER && !M._OBJECT(sexp));
    if (atomic && M._Rf_xlength(sexp) <= 1 && M._ATTRIB(sexp) === c.nil) return sexp;
    // A formula evaluates to itself.
    if (type === TYPE.LANGUAGE && M._OBJECT(sexp) && M._CAR(sexp) === c.symbol("~")) return sexp;
    while (taken.has(name)) name = `${name}.`;
    taken.add(name);
    const symbol = c.symbol(name);
    M._Rf_defineVar(symbol, sexp, environment);
    return symbol;
  }

  /** A value that may stand in a call: language is quoted, else it would be evaluated. @param {number} sexp */
  #quoted(sexp) {
    const { M } = this.c;
    const type = M._TYPEOF(sexp);
    const evaluated = type === TYPE.SYMBOL || type === TYPE.LANGUAGE || type === TYPE.PROMISE;
    return evaluated ? M._Rf_lang2(this.c.symbol("quote"), sexp) : sexp;
  }

  /** @param {string} name `f` or `package::f` */
  #named(name) {
    const { c } = this;
    const at = name.indexOf("::");
    if (at < 1) return c.symbol(name);
    const operator = name.startsWith(":::", at) ? ":::" : "::";
    return c.M._Rf_lang3(c.symbol(operator), c.symbol(name.slice(0, at)), c.symbol(name.slice(at + operator.length)));
  }
}
