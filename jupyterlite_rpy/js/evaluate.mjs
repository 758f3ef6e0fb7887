// Code in; its effects happen as at R's own console, and what came of it out.
//
// This is R's read-eval-print loop written with its C API: parse with source references, evaluate in the global environment, print
// what is visible, then the deferred warnings. No R function of ours is on the stack while the user's code runs, so sys.call(),
// parent.frame(), traceback() and the calls in messages are what they would be at the console.

import { RFailure } from "./capi.mjs";
import { readScalar } from "./scalars.mjs";

/** @typedef {import("./capi.mjs").CApi} CApi */
/** @typedef {import("./protocol.js").ErrorInfo} ErrorInfo */

const PARSE_OK = 1;
const PARSE_NULL = 0;

/** Characters that R's parser cannot be given: NUL, and halves of surrogate pairs, which are no text. */
const UNREADABLE = /[\0\p{Surrogate}]/u;

/** @param {string} text of an error message */
const marked = (text) => (text === "" || text.endsWith(" ") ? text : `${text} `);

/** @param {string} text @param {number} index of the character @returns {ErrorInfo} */
function unreadable(text, index) {
  const lines = text.slice(0, index).split("\n");
  const before = /** @type {string} */ (lines.at(-1));
  const what = text[index] === "\0" ? "a NUL character" : "half of a surrogate pair, which is no character";
  return { kind: "parse", message: `the code contains ${what}`, line: lines.length, column: Array.from(before).length + 1 };
}

/** A failure with everything Python is told about it. */
export class Failure extends Error {
  /** @param {ErrorInfo} info */
  constructor(info) {
    super(info.message);
    this.info = info;
  }
}

export class Evaluator {
  /**
   * @param {CApi} c
   * @param {number} bridge environment in which r/cell.R was evaluated
   * @param {import("./console.mjs").Console} console
   */
  constructor(c, bridge, console) {
    this.c = c;
    this.bridge = bridge;
    this.console = console;
    /** @type {(value: number) => boolean} shows a value in another way than printing it, if it can */
    this.showRich = () => false;
    const quoted = (/** @type {string} */ code) => c.preserve(c.evaluate(`quote(${code})`, bridge));
    // With the values themselves as arguments: this is evaluated before each piece of the user's code.
    const handlers = ".addCondHands, c('interrupt', 'error'), list(on_condition, on_condition), globalenv(), NULL, TRUE";
    this.watch = c.preserve(c.evaluate(`as.call(list(quote(.Internal), as.call(list(quote(${handlers.replace(",", "),")}))))`, bridge));
    this.warnings = quoted(".Internal(printDeferredWarnings())");
    this.lastValue = c.symbol(".Last.value");
    /** Is the user's code running now, or only code of the bridge? An interrupt is for the user's. */
    this.running = false;
    /**
     * What geterrmessage() answers: the guards of the bridge use R's buffer for themselves. It ends in a blank, which R's own messages
     * never do: so it can be told whether the buffer holds a newer one.
     */
    this.errorText = "";
    // R's console sets both through a C macro that ignores the lock of the base environment; a first error makes .Traceback exist.
    try {
      c.evaluate("stop()");
    } catch (error) {
      if (!(error instanceof RFailure)) throw error;
    }
    c.evaluate('for (name in c(".Last.value", ".Traceback")) { unlockBinding(name, baseenv()); assign(name, NULL, baseenv()) }', bridge);
  }

  /**
   * Parse a cell. Call inside no guard.
   *
   * @param {string} code
   * @param {string} name of the source, for messages
   * @returns {number} an R expression vector, protected by nobody
   * @throws {Failure} kind "parse", with line, column and R's lines with a caret
   */
  parse(code, name) {
    const { c } = this;
    const { M } = c;
    let status = PARSE_OK;
    const text = code.replace(/\r\n?/g, "\n");
    const strange = UNREADABLE.exec(text);
    if (strange) throw new Failure({ ...unreadable(text, strange.index), name });
    try {
      const expressions = c.guard(() => {
        const slot = M.__emscripten_stack_alloc(4);
        const source = M._Rf_protect(c.scalarText(text));
        // Only functions keep their source; making the record costs more than evaluating `1 + 1`.
        const file = /function|\\\(/.test(text) ? this.#call("source_file", source, name) : c.nil;
        M._Rf_protect(file);
        const parsed = M._R_ParseVector(source, -1, slot, file);
        status = M.HEAP32[slot >> 2];
        M._Rf_unprotect(2);
        return parsed;
      });
      if (status === PARSE_OK || status === PARSE_NULL) return expressions;
    } catch (error) {
      if (!(error instanceof RFailure)) throw error;
    }
    throw new Failure(this.#syntax(text, name));
  }

  /**
   * Evaluate one expression as the console does.
   *
   * @param {number} expression protected by the caller
   * @param {boolean} show print the value if it is visible
   * @param {number} [environment]
   * @returns {{value: number, visible: boolean}} value is kept by .Last.value until the next one
   * @throws {Failure} the user's error, everything unwound
   */
  evaluate(expression, show, environment = this.c.globalEnv) {
    const { c } = this;
    const { M } = c;
    let visible = true;
    const value = this.#guarded(() => {
      M.HEAPU8[M._R_Visible] = 1;
      const result = M._Rf_protect(M._Rf_eval(expression, environment));
      visible = M.HEAPU8[M._R_Visible] !== 0;
      M._Rf_defineVar(this.lastValue, result, c.baseEnv);
      if (visible && show && !this.showRich(result)) M._Rf_PrintValue(result);
      M._Rf_unprotect(1);
      return result;
    });
    return { value, visible };
  }

  /**
   * Evaluate a call that Python makes.
   *
   * @param {() => {call: number, environment: number}} build makes the call and where it is evaluated, neither protected
   * @returns {{scalar: import("./scalars.mjs").Scalar | undefined, value: number}} a plain scalar, else a value kept by .Last.value
   * @throws {Failure} the user's error, everything unwound
   */
  call(build) {
    const { c } = this;
    const { M } = c;
    /** @type {import("./scalars.mjs").Scalar | undefined} */
    let scalar;
    const value = this.#guarded(() => {
      const { call, environment } = build();
      M._Rf_protect(call);
      M._Rf_protect(environment);
      const result = M._Rf_protect(M._Rf_eval(call, environment));
      scalar = readScalar(c, result);
      if (scalar === undefined) M._Rf_defineVar(this.lastValue, result, c.baseEnv);
      M._Rf_unprotect(3);
      return result;
    });
    return { scalar, value };
  }

  /**
   * Run code of the user: interrupts reach it, its errors are kept with all about them, its warnings are printed afterwards.
   *
   * @param {() => number} body
   */
  #guarded(body) {
    const { c } = this;
    const { M } = c;
    let value;
    try {
      value = c.guard(() => {
        M._Rf_eval(this.watch, this.bridge);
        c.setErrorText(this.errorText);
        this.running = true;
        const result = M._Rf_protect(body());
        const refusal = this.console.takeRefusal();
        if (refusal !== "") c.raise(refusal);
        M._Rf_unprotect(1);
        this.running = false;
        this.errorText = marked(c.errorText());
        return result;
      });
    } catch (error) {
      this.running = false;
      this.console.takeRefusal(); // by options(error = browser): the error that led there is the one to tell
      if (!(error instanceof RFailure)) throw error;
      // Unwound without an error: the buffer still has what was put there.
      const info = this.failure(c.errorText() === this.errorText ? "" : error.message);
      this.printWarnings();
      throw new Failure(info);
    }
    this.printWarnings();
    return value;
  }

  /** R's deferred warnings go to stderr, as after each expression at the console. */
  printWarnings() {
    const { c } = this;
    // Not under the silent guard: R prints deferred warnings only while it shows messages.
    this.console.dropAddition = true;
    c.M._R_tryEval(this.warnings, c.baseEnv, c.errorFlag);
    this.console.dropAddition = false;
  }

  /**
   * What the last failure was, from the condition that R's handler kept, else from R's message buffer.
   *
   * @param {string} text R's error buffer
   * @returns {ErrorInfo}
   */
  failure(text) {
    const { c } = this;
    const { M } = c;
    this.errorText = "";
    /** @type {ErrorInfo} */
    const info = { kind: "error", message: text.replace(/^Error( in .*?)? ?: ?\s*/, ""), call: null, class: ["simpleError", "error", "condition"], traceback: [], python: null };
    try {
      c.guard(() => {
        const kept = M._Rf_protect(this.#call("take_failure"));
        if (kept !== c.nil) {
          const texts = (/** @type {number} */ i) => c.texts(M._VECTOR_ELT(kept, i));
          info.message = texts(0)[0] ?? "";
          info.call = texts(1)[0] ?? null;
          info.class = texts(2);
          info.traceback = texts(3);
          const id = M._Rf_asReal(M._VECTOR_ELT(kept, 4));
          info.python = id < 0 ? null : id;
          this.errorText = marked(info.call ? `Error in ${info.call} : ${info.message}\n` : `Error: ${info.message}\n`);
        }
        M._Rf_unprotect(1);
      });
    } catch (error) {
      if (!(error instanceof RFailure)) throw error;
    }
    if (info.class?.includes("interrupt")) return { ...info, kind: "interrupt", message: info.message || "interrupted" };
    if (info.message === "") info.message = 'the evaluation was aborted (invokeRestart("abort"))';
    return info;
  }

  /** @param {string} code @param {string} name @returns {ErrorInfo} */
  #syntax(code, name) {
    const { c } = this;
    let text = "";
    c.guard(() => {
      const [problem] = c.texts(this.#call("parse_problem", c.scalarText(code), name));
      text = problem ?? "";
    });
    // R says "<name>:line:column: what", then the lines with a caret below.
    const [first, ...rest] = text.split("\n");
    const match = /:(\d+):(\d+): (.*)$/.exec(first);
    return {
      kind: "parse",
      message: match ? match[3] : first || "the code does not parse",
      line: match ? Number(match[1]) : null,
      column: match ? Number(match[2]) : null,
      source: rest.join("\n") || null,
      name,
    };
  }

  /** Call a function of r/cell.R inside the current guard. @param {string} name @param {number} [first] @param {string} [second] */
  #call(name, first, second) {
    const { c } = this;
    const { M } = c;
    if (first !== undefined) M._Rf_protect(first);
    const symbol = c.symbol(name);
    if (first === undefined) {
      const value = M._Rf_eval(M._Rf_protect(M._Rf_lang1(symbol)), this.bridge);
      M._Rf_unprotect(1);
      return value;
    }
    const text = M._Rf_protect(c.scalarText(second ?? ""));
    const call = M._Rf_protect(M._Rf_lang3(symbol, first, text));
    const value = M._Rf_eval(call, this.bridge);
    M._Rf_unprotect(3);
    return value;
  }
}
