// A request in, R's work, its reply out. Called inside `R.handle`, which knows what to do with all that goes wrong here.

import { RFailure, isTrap } from "./capi.mjs";
import { Failure } from "./evaluate.mjs";
import { ValueProblem } from "./reader.mjs";
import { readScalar } from "./scalars.mjs";

/** @typedef {import("./protocol.js").Request} Request */
/** @typedef {import("./protocol.js").Reply} Reply */

/** Code that may change R's time zone: to look costs more than to evaluate `1 + 1`. */
const SETS_ZONE = /\bTZ\b|timezone/;

export class Requests {
  /** @param {import("./core.mjs").R} r */
  constructor(r) {
    this.r = r;
    const { c, bridge, variables, evaluator, graphics, rich, console, reader, calls, handles } = r;
    this.c = c;
    this.bridge = bridge;
    this.variables = variables;
    this.evaluator = evaluator;
    this.graphics = graphics;
    this.rich = rich;
    this.console = console;
    this.reader = reader;
    this.calls = calls;
    this.handles = handles;
  }

  /** @param {Request} request @param {Uint8Array[]} buffers @returns {Reply} */
  perform(request, buffers) {
    switch (request.op) {
      case "run":
        return this.#run(request, buffers);
      case "get":
        return this.#get(request);
      case "set":
        this.variables.assign(request.inputs, this.variables.build(request.inputs, buffers));
        return { status: "ok" };
      case "call":
        return this.#call(request, buffers);
      case "scalars":
        return this.#callScalars(request);
      case "release":
        return { status: "ok" };
      case "ask":
        return this.#answer(request);
      case "state":
        return this.#state();
      default:
        throw new ValueProblem(`unknown request: ${/** @type {any} */ (request).op}`);
    }
  }

  /** @param {Extract<Request, {op: "run"}>} request @param {Uint8Array[]} buffers @returns {Reply} */
  #run({ code, name = "<cell>", inputs = [], outputs = [], show = "all", value = false, keep = false, plain = false, html = false, timeout = 0, device }, buffers) {
    const { M } = this.c;
    const built = M._Rf_protect(this.variables.build(inputs, buffers));
    const expressions = M._Rf_protect(this.evaluator.parse(code, name));
    this.variables.assign(inputs, built);
    const count = M._LENGTH(expressions);
    let last = { value: this.c.nil, visible: false };
    if (this.r.listeners.outermost) this.graphics.begin(device);
    const richBefore = this.rich.enabled;
    this.rich.enabled = html;
    // Of the outermost only: an inner one would take the outer's time limit away.
    const limited = timeout > 0 && this.r.listeners.outermost;
    if (limited) this.c.evaluate(`setTimeLimit(elapsed = ${timeout})`);
    try {
      for (let i = 0; i < count; i++) {
        const printed = show === "all" || (show === "last" && i === count - 1);
        last = this.evaluator.evaluate(M._VECTOR_ELT(expressions, i), printed);
        this.graphics.afterExpression(i + 1 < count ? M._VECTOR_ELT(expressions, i + 1) : 0);
      }
      if (limited) this.c.evaluate("setTimeLimit()");
    } catch (error) {
      if (limited && !isTrap(error)) this.c.evaluate("setTimeLimit()");
      throw error;
    } finally {
      this.rich.enabled = richBefore;
      if (this.r.listeners.outermost) this.#finishGraphics();
    }
    M._Rf_protect(last.value);
    // Whoever listens may call R, so everything is told before the outputs are looked for.
    this.console.flush();
    const found = outputs.map((output) => this.variables.find(output));
    const timezone = SETS_ZONE.test(code) ? this.#timezone() : undefined;
    return this.#reading(() => {
      const scalar = value && plain && !keep ? readScalar(this.c, last.value) : undefined;
      return {
        timezone,
        visible: last.visible,
        outputs: outputs.map((output, i) => ({ name: output, value: this.reader.read(found[i], false, output) })),
        scalar,
        value: value && scalar === undefined ? this.reader.read(last.value, keep) : null,
      };
    });
  }

  /** @param {Extract<Request, {op: "get"}>} request @returns {Reply} */
  #get({ name, keep }) {
    const found = this.variables.find(name);
    return this.#reading(() => ({ value: this.reader.read(found, keep, name) }));
  }

  /** A plot that cannot be finished must not hide what the cell did. */
  #finishGraphics() {
    try {
      this.graphics.end();
    } catch (error) {
      if (!(error instanceof RFailure)) throw error;
      this.console.add("stderr", `the last plot could not be finished: ${error.message}\n`);
    }
  }

  /** @param {Extract<Request, {op: "call"}>} request @param {Uint8Array[]} buffers @returns {Reply} */
  #call({ function: callee, args, keep = false, frame, device }, buffers) {
    const { c } = this;
    const { M } = c;
    const built = M._Rf_protect(this.variables.build(args, buffers));
    const { call, environment } = this.calls.of({ callee, args, frame }, built, buffers);
    if (this.r.listeners.outermost) this.graphics.begin(device);
    let result;
    try {
      result = this.evaluator.evaluate(call, false, environment);
    } finally {
      if (this.r.listeners.outermost) this.#finishGraphics();
    }
    M._Rf_protect(result.value);
    return this.#reading(() => ({ visible: result.visible, value: this.reader.read(result.value, keep) }));
  }

  /**
   * Ask one of the bridge's own functions about what is there: not as the user's code, so that neither .Last.value nor a plot changes.
   *
   * @param {Extract<Request, {op: "ask"}>} request
   * @returns {Reply} with `parts`
   */
  #answer({ function: name, args }) {
    const { c } = this;
    const { M } = c;
    this.r.asked(name);
    /** @type {string[][]} */
    let parts = [];
    c.guard(() => {
      let list = M._Rf_protect(c.nil);
      for (const texts of [name, ...args].reverse()) {
        const value = c.characters(typeof texts === "string" ? [texts] : texts);
        list = M._Rf_cons(value, list);
        M._Rf_unprotect(1);
        M._Rf_protect(list);
      }
      const call = M._Rf_protect(M._Rf_lcons(c.symbol("answer"), list));
      const value = M._Rf_protect(M._Rf_eval(call, this.bridge));
      if (value !== c.nil) parts = Array.from({ length: M._LENGTH(value) }, (_, i) => c.texts(M._VECTOR_ELT(value, i)));
      M._Rf_unprotect(3);
    });
    return { status: "ok", parts };
  }

  /**
   * Call a function with plain scalars: what #call does, in the shortest way.
   *
   * @param {Extract<Request, {op: "scalars"}>} request
   * @returns {Reply} with `scalar` if the result is one, too
   */
  #callScalars({ id, label = "FUN", args }) {
    const { c } = this;
    const { M } = c;
    const outermost = this.r.listeners.outermost;
    if (outermost) this.graphics.again();
    let result;
    try {
      result = this.evaluator.call(() => this.calls.ofScalars(id, label, args));
    } finally {
      if (outermost) this.#finishGraphics();
    }
    if (result.scalar !== undefined) return { status: "ok", scalar: result.scalar };
    const value = M._Rf_protect(result.value);
    return this.#reading(() => ({ value: this.reader.read(value) }));
  }

  /** @param {() => object} read @returns {Reply} */
  #reading(read) {
    // Before the buffers: whoever listens may call R, and its memory may move.
    this.console.flush();
    let result = {};
    try {
      this.c.guard(() => {
        result = read();
      });
    } catch (error) {
      if (error instanceof ValueProblem) throw new Failure({ kind: "value", message: error.message, name: error.path });
      throw error;
    }
    return { status: "ok", ...result };
  }

  /** The zone in which R tells times now; one that it does not know is UTC for it, too. */
  #timezone() {
    return this.c.texts(this.c.evaluate('local({ zone <- Sys.getenv("TZ"); if (zone %in% OlsonNames()) zone else "UTC" })', this.bridge))[0];
  }

  /** @returns {Reply} */
  #state() {
    const { M } = this.c;
    return {
      status: "ok",
      version: this.c.texts(this.c.evaluate("paste(R.version$major, R.version$minor, sep = '.')"))[0],
      memory: M.HEAPU8.length,
      handles: this.handles.live,
      restored: this.r.restored,
    };
  }
}
