// Python objects and functions inside R: a call from R in, Python's answer out, with nothing ever thrown across R's frames.

import { TYPE, isLongJump, isTrap } from "./capi.mjs";
import { readScalar, writeScalar } from "./scalars.mjs";

/** @typedef {import("./capi.mjs").CApi} CApi */
/** @typedef {import("./scalars.mjs").Scalar} Scalar */
/** @typedef {{id: number | null, name: string | null}} Target a Python object to call, or the name of an operation of Python's */
/** @typedef {{message: string, class?: string[], python?: number | null}} PythonError */

/** Bytes of R's C stack above which Python is not called: Pyodide dies of a full engine stack, R does not. */
const DEEPEST_STACK = 300_000;
const MOST_SCALARS = 4;
const MOST_CLASSES = 500;

export class Callbacks {
  /**
   * @param {CApi} c
   * @param {number} bridge environment in which r/python.R was evaluated
   * @param {(target: Target, args: {name: string | null, sexp: number}[], convert: boolean) => number | {error: PythonError}} call
   *   asks Python; a SEXP, or the Python exception in words
   * @param {(id: number, scalars: Scalar[]) => Scalar | undefined | import("./protocol.js").Answer} callScalars
   *   the same, for a call of a Python object with plain scalars; undefined: this host has no such short way
   */
  constructor(c, bridge, call, callScalars) {
    this.c = c;
    this.bridge = bridge;
    this.ask = call;
    this.askScalars = callScalars;
    /** @type {(value: import("./protocol.js").RValue, buffers: Uint8Array[]) => number} */
    this.write = () => c.nil;
    /** @type {number[]} ids of Python objects that R no longer uses */
    this.freed = [];
    this.tag = c.symbol("python.object");
    /** @type {Map<string, number>} R's class vectors, made once: 100,000 objects have few classes */
    this.classes = new Map();
    /** Are the methods of R's generics for Python objects there? */
    this.loaded = false;
    const { M } = c;
    this.finalizer = M.addFunction((/** @type {number} */ pointer) => {
      this.freed.push(M._R_ExternalPtrAddr(pointer));
    }, "vp");
    const hook = c.nativeSymbol((target, args, convert) => this.#call(target, args, convert), 3);
    c.guard(() => M._Rf_defineVar(c.symbol("python_hook"), hook, bridge));
  }

  /** What R no longer uses, once. */
  takeFreed() {
    const { freed } = this;
    this.freed = [];
    return freed;
  }

  /**
   * R's view of a Python object. Call inside a guard.
   *
   * @param {number} id
   * @param {string[]} classes
   * @param {boolean} callable
   * @param {boolean} convert false: what R asks of the object stays in Python, too
   * @returns {number} an R function for a callable, else an external pointer; unprotected
   */
  object(id, classes, callable, convert) {
    const { c } = this;
    const { M } = c;
    if (!this.loaded) {
      this.loaded = true;
      const load = M._Rf_protect(M._Rf_lang1(c.symbol("load_reticulate")));
      M._Rf_eval(load, this.bridge);
      M._Rf_unprotect(1);
    }
    const pointer = M._Rf_protect(M._R_MakeExternalPtr(id, this.tag, c.nil));
    M._R_RegisterCFinalizerEx(pointer, this.finalizer, 0);
    if (!convert) M._Rf_setAttrib(pointer, c.symbol("convert"), M._Rf_ScalarLogical(0));
    M._Rf_setAttrib(pointer, c.symbol("class"), M._Rf_protect(this.#classVector(classes)));
    let value = pointer;
    if (callable) {
      const call = M._Rf_protect(M._Rf_lang2(c.symbol("python_function"), pointer));
      value = M._Rf_eval(call, this.bridge);
      M._Rf_unprotect(1);
    }
    M._Rf_unprotect(2);
    return value;
  }

  /** @param {string[]} classes @returns {number} */
  #classVector(classes) {
    const { c } = this;
    const { M } = c;
    const key = classes.join("\n");
    const known = this.classes.get(key);
    if (known !== undefined) return known;
    const all = [...classes.map((name) => `python.${name}`), "python.builtin.object", "python.object"];
    const names = M._Rf_protect(M._Rf_allocVector(TYPE.CHARACTER, all.length));
    all.forEach((name, i) =>
      c.withText(name, (address) => M._SET_STRING_ELT(names, i, M._Rf_mkCharCE(address, 1))),
    );
    if (this.classes.size < MOST_CLASSES) this.classes.set(key, c.preserve(names));
    M._Rf_unprotect(1);
    return names;
  }

  /**
   * @param {number} target an external pointer, or the name of an operation
   * @param {number} args an R list
   * @param {number} convert an R logical
   * @returns {number}
   */
  #call(target, args, convert) {
    const { c } = this;
    const { M } = c;
    try {
      const used = M._emscripten_stack_get_base() - M._emscripten_stack_get_current();
      if (used > DEEPEST_STACK) {
        return this.#failure({ message: "R is nested too deeply here to call Python (infinite recursion?)", class: ["RecursionError"] });
      }
      const name = M._TYPEOF(target) === TYPE.CHARACTER ? c.charText(M._STRING_ELT(target, 0)) : null;
      const id = name === null ? M._R_ExternalPtrAddr(target) : null;
      if (id === 0) return this.#failure({ message: "this object was Python's; saved and loaded again it is only a name", class: ["ReferenceError"] });
      if (id !== null && M._Rf_asLogical(convert) !== 0) {
        const scalars = this.#scalars(args);
        const answer = scalars ? this.askScalars(id, scalars) : undefined;
        if (answer !== undefined) return this.#answered(answer);
      }
      const names = c.texts(c.attribute(args, "names"));
      const list = Array.from({ length: M._LENGTH(args) }, (_, i) => ({ name: names[i] || null, sexp: M._VECTOR_ELT(args, i) }));
      const answer = this.ask({ id, name }, list, M._Rf_asLogical(convert) !== 0);
      return typeof answer === "number" ? answer : this.#failure(answer.error);
    } catch (error) {
      // A trap has ended this R: let it through to the outermost call. All else becomes an R error.
      if (isLongJump(error) || isTrap(error)) throw error;
      return this.#failure({ message: error instanceof Error ? error.message : String(error), class: ["RuntimeError"] });
    }
  }

  /** All arguments, where they are few plain scalars without names. @param {number} args @returns {Scalar[] | null} */
  #scalars(args) {
    const { c } = this;
    const { M } = c;
    const count = M._LENGTH(args);
    if (count > MOST_SCALARS || M._ATTRIB(args) !== c.nil) return null;
    const scalars = [];
    for (let i = 0; i < count; i++) {
      const scalar = readScalar(c, M._VECTOR_ELT(args, i));
      if (scalar === undefined) return null;
      scalars.push(scalar);
    }
    return scalars;
  }

  /** @param {Scalar | import("./protocol.js").Answer} answer */
  #answered(answer) {
    if (answer === null || typeof answer !== "object") return writeScalar(this.c, answer);
    const { reply, buffers } = answer;
    return reply.error ? this.#failure(reply.error) : this.write(reply.value, buffers);
  }

  /** Raise Python's exception as an R condition. R's long jump leaves through the caller. @param {PythonError} error */
  #failure({ message, class: classes = [], python = null }) {
    const { c } = this;
    const { M } = c;
    // KeyboardInterrupt, SystemExit: R's handlers of errors must not keep what Python's `except Exception` may not.
    if (classes.includes("BaseException") && !classes.includes("Exception")) M._Rf_onintr();
    const text = M._Rf_protect(c.scalarText(message.replaceAll("\0", "")));
    const names = M._Rf_protect(M._Rf_allocVector(TYPE.CHARACTER, classes.length));
    classes.forEach((name, i) => c.withText(name, (address) => M._SET_STRING_ELT(names, i, M._Rf_mkCharCE(address, 1))));
    const id = M._Rf_protect(M._Rf_ScalarReal(python ?? -1));
    const call = M._Rf_protect(M._Rf_lang4(c.symbol("raise_python"), text, names, id));
    const value = M._Rf_eval(call, this.bridge);
    M._Rf_unprotect(4);
    return value;
  }
}
