// One R, ready: requests of Python in, replies out, synchronously. Which host it runs in makes no difference here.
//
// `handle` may be entered again while R runs (R calls Python, Python calls R): each level has its own events and its own share of R's
// stack. An R error is a reply like any other. A trap ends this R: what can be saved of the user's variables is, and `broken` is set.

import { defineKinds } from "./bindings.mjs";
import { Callbacks } from "./callbacks.mjs";
import { Calls } from "./calls.mjs";
import { CApi, RFailure, RTrap, isTrap } from "./capi.mjs";
import { Console } from "./console.mjs";
import { connect } from "./download.mjs";
import { Evaluator, Failure } from "./evaluate.mjs";
import { Graphics } from "./graphics.mjs";
import { Handles } from "./handles.mjs";
import { Reader, ValueProblem } from "./reader.mjs";
import { rescue, restore } from "./rescue.mjs";
import { Rich } from "./rich.mjs";
import { STACK_LIMIT, stackLimit } from "./stack.mjs";
import { Variables } from "./variables.mjs";
import { Writer } from "./writer.mjs";

/** @typedef {import("./protocol.js").Request} Request */
/** @typedef {import("./protocol.js").Reply} Reply */
/** @typedef {import("./protocol.js").OnEvent} OnEvent */
/** @typedef {import("./rescue.mjs").Rescued} Rescued */

const DEEPEST_LEVEL = 45;
const INTERRUPT_MS = 100;
/** Code that may change R's time zone: to look costs more than to evaluate `1 + 1`. */
const SETS_ZONE = /\bTZ\b|timezone/;

/**
 * @typedef {object} Settings
 * @property {Record<string, string>} sources texts of r/*.R by name
 * @property {string[]} structural classes that are read by value
 * @property {import("./download.mjs").Network} network
 * @property {Rescued | null} [rescued] what an R that broke left
 * @property {(() => boolean) | undefined} [interrupted] asked now and then while R runs: should it stop?
 */

export class R {
  /**
   * @param {any} module webR's Module, idle
   * @param {Settings} settings
   */
  constructor(module, { sources, structural, network, rescued = null, interrupted }) {
    const c = (this.c = new CApi(module));
    /** @type {OnEvent[]} */
    this.listeners = [];
    /** @type {{error: unknown} | null} what a listener threw while R was on the stack */
    this.deferred = null;
    /** Did the user press the stop button where R asked for input? browser() would go on. */
    this.stopped = false;
    /** @type {Rescued | null} */
    this.broken = null;
    /** How far the C stack of a Python in the same thread is. */
    this.below = () => 0;
    this.#limitStack(STACK_LIMIT);
    c.evaluate("options(expressions = 500000)");
    this.bridge = c.preserve(c.evaluate("new.env(parent = asNamespace('grDevices'))"));
    const fetch = connect(c, network);
    c.guard(() => {
      c.M._Rf_defineVar(c.symbol("fetch"), fetch, this.bridge);
      c.M._Rf_defineVar(c.symbol("site"), network.site === null ? c.nil : c.scalarText(network.site), this.bridge);
    });
    for (const [name, text] of Object.entries(sources)) {
      if (name === "reticulate.R") c.guard(() => c.M._Rf_defineVar(c.symbol("reticulate_source"), c.scalarText(text), this.bridge));
      else c.evaluate(text, this.bridge);
    }
    this.console = new Console(
      c,
      (name, text) => this.#tell({ event: "stream", name, text }, []),
      (prompt) => this.#ask(prompt),
    );
    this.evaluator = new Evaluator(c, this.bridge, this.console);
    this.handles = new Handles(c);
    this.reader = new Reader(c, this.handles, new Set(structural));
    /** @type {Callbacks} */
    this.callbacks = new Callbacks(c, this.bridge, (target, args, convert) => this.#python(target, args, convert), (id, scalars) => this.#pythonScalars(id, scalars));
    /** @type {Writer} */
    this.writer = new Writer(c, this.handles, (...object) => this.callbacks.object(...object));
    this.variables = new Variables(c, this.writer);
    this.calls = new Calls(c, this.bridge, this.handles, this.writer);
    this.callbacks.write = (value, data) => this.writer.write(value, data);
    this.graphics = new Graphics(c, this.bridge, ({ data, ...page }) => {
      this.console.flush();
      this.#tell({ event: "display", ...page, buffer: 0 }, [data]);
    });
    this.rich = new Rich(c, this.bridge, (id, html, text) => {
      this.console.flush();
      const data = new TextEncoder().encode(html);
      this.#tell({ event: "display", id, update: false, mime: "text/html", buffer: 0, width: null, height: null, text }, [data]);
    });
    this.evaluator.showRich = (value) => this.rich.print(value);
    defineKinds(c, this.bridge);
    this.#refuseQuit();
    this.#whileRunning(interrupted);
    this.restored = rescued ? restore(c, this.bridge, rescued) : { kept: [], lost: [] };
  }

  /**
   * @param {Request} request
   * @param {Uint8Array[]} buffers
   * @param {OnEvent} onEvent
   * @returns {{reply: Reply, buffers: Uint8Array[]}} buffers may be views of R's heap: copy them before R runs again
   */
  handle(request, buffers, onEvent) {
    if (this.broken) return { reply: failed({ kind: "closed", message: "this R has ended; a fresh one is needed" }), buffers: [] };
    const { M } = this.c;
    const level = this.listeners.length;
    const used = M._emscripten_stack_get_base() - M._emscripten_stack_get_current();
    const limit = level > DEEPEST_LEVEL ? null : stackLimit(level, used, this.below());
    if (limit === null) {
      const message =
        level > DEEPEST_LEVEL
          ? `R and Python call each other more than ${DEEPEST_LEVEL} levels deep (infinite recursion?)`
          : `R and Python call each other ${level} levels deep, and the stack has no room for more (infinite recursion?)`;
      return { reply: failed({ kind: "error", message, class: ["error", "condition"] }), buffers: [] };
    }
    const limitBefore = M.HEAPU32[M._R_CStackLimit >> 2];
    const outcome = this.#guarded(request, buffers, onEvent, level, limit);
    if (level === 0) this.stopped = false;
    if (!this.broken) this.#limitStack(limitBefore);
    if (this.deferred) {
      const { error } = this.deferred;
      this.deferred = null;
      throw error;
    }
    return outcome;
  }

  /** @param {Request} request @param {Uint8Array[]} buffers @param {OnEvent} onEvent @param {number} level @param {number} limit */
  #guarded(request, buffers, onEvent, level, limit) {
    const { M } = this.c;
    this.listeners.push(onEvent);
    const outerReading = this.reader.begin();
    const protectedBefore = M.HEAP32[M._R_PPStackTop >> 2];
    const runningBefore = this.evaluator.running;
    this.evaluator.running = false;
    try {
      this.#limitStack(limit);
      this.handles.release(request.release ?? []);
      const reply = this.#perform(request, buffers);
      this.console.flush();
      return { reply: this.#withFreed(reply), buffers: this.reader.finish() };
    } catch (error) {
      const explained = isTrap(error) ? null : this.#explain(error);
      // Nothing that the bridge knows: it may have gone through frames of R, which is not to be used again then.
      if (explained === null) return this.#end(error, level);
      this.reader.abandon();
      this.console.flush();
      return { reply: this.#withFreed(explained), buffers: [] };
    } finally {
      this.listeners.pop();
      this.reader.resume(outerReading);
      this.evaluator.running = runningBefore;
      if (!this.broken) {
        M.HEAP32[M._R_PPStackTop >> 2] = protectedBefore;
      }
    }
  }

  /** @param {Request} request @param {Uint8Array[]} buffers @returns {Reply} */
  #perform(request, buffers) {
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
  #run({ code, name = "<cell>", inputs = [], outputs = [], show = "all", value = false, keep = false, html = false, timeout = 0, device }, buffers) {
    const { M } = this.c;
    const built = M._Rf_protect(this.variables.build(inputs, buffers));
    const expressions = M._Rf_protect(this.evaluator.parse(code, name));
    this.variables.assign(inputs, built);
    const count = M._LENGTH(expressions);
    let last = { value: this.c.nil, visible: false };
    if (this.listeners.length === 1) this.graphics.begin(device);
    const richBefore = this.rich.enabled;
    this.rich.enabled = html;
    // Of the outermost only: an inner one would take the outer's time limit away.
    const limited = timeout > 0 && this.listeners.length === 1;
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
      if (this.listeners.length === 1) this.#finishGraphics();
    }
    M._Rf_protect(last.value);
    // Whoever listens may call R, so everything is told before the outputs are looked for.
    this.console.flush();
    const found = outputs.map((output) => this.variables.find(output));
    const timezone = SETS_ZONE.test(code) ? this.#timezone() : undefined;
    return this.#reading(() => ({
      timezone,
      visible: last.visible,
      outputs: outputs.map((output, i) => ({ name: output, value: this.reader.read(found[i], false, output) })),
      value: value ? this.reader.read(last.value, keep) : null,
    }));
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
    if (this.listeners.length === 1) this.graphics.begin(device);
    let result;
    try {
      result = this.evaluator.evaluate(call, false, environment);
    } finally {
      if (this.listeners.length === 1) this.#finishGraphics();
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
    const outermost = this.listeners.length === 1;
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
      restored: this.restored,
    };
  }

  /**
   * Nothing may be thrown from here: R is on the stack. What a listener throws waits until R is done, and R is asked to stop.
   *
   * @param {import("./protocol.js").Event} event
   * @param {Uint8Array[]} buffers
   */
  #tell(event, buffers) {
    const listener = this.listeners.at(-1);
    try {
      return listener?.(event, buffers) ?? null;
    } catch (error) {
      if (isTrap(error)) throw error;
      this.deferred ??= { error };
      return { reply: { error: { message: "Python failed to answer" } }, buffers: [] };
    }
  }

  /** @param {string} prompt */
  #ask(prompt) {
    const answer = this.#tell({ event: "input", prompt }, []);
    this.stopped ||= answer?.reply.error?.class?.includes("KeyboardInterrupt") ?? false;
    if (!answer || answer.reply.error) throw new Error(answer?.reply.error?.message ?? "nobody is there to answer");
    return String(answer.reply.text);
  }

  /** @param {number} id @param {import("./scalars.mjs").Scalar[]} scalars */
  #pythonScalars(id, scalars) {
    const listener = this.listeners.at(-1);
    if (!listener?.scalars) return undefined;
    this.console.flush();
    try {
      const answer = listener.scalars(id, scalars);
      if (this.broken) throw new RTrap("R ended in a nested call");
      return answer;
    } catch (error) {
      if (isTrap(error)) throw error;
      this.deferred ??= { error };
      return { reply: { error: { message: "Python failed to answer" } }, buffers: [] };
    }
  }

  /**
   * @param {import("./callbacks.mjs").Target} target
   * @param {{name: string | null, sexp: number}[]} args
   * @param {boolean} convert
   * @returns {number | {error: import("./callbacks.mjs").PythonError}}
   */
  #python(target, args, convert) {
    this.console.flush();
    const outerReading = this.reader.begin();
    let values;
    let data;
    try {
      values = args.map(({ name, sexp }, i) => ({ name, value: this.reader.read(sexp, false, name ?? `argument ${i + 1}`) }));
      data = this.reader.finish();
    } catch (error) {
      this.reader.abandon();
      throw error instanceof ValueProblem && error.path ? new ValueProblem(`${error.path}: ${error.message}`) : error;
    } finally {
      this.reader.resume(outerReading);
    }
    const answer = this.#tell({ event: "python", op: "call", ...target, args: values, convert }, data);
    if (this.broken) throw new RTrap("R ended in a nested call");
    if (!answer) throw new Error("Python is not listening");
    if (answer.reply.error) return { error: answer.reply.error };
    return this.writer.write(answer.reply.value, answer.buffers);
  }

  /** @param {number} bytes */
  #limitStack(bytes) {
    const { M } = this.c;
    M.setValue(M._R_CStackStart, M._emscripten_stack_get_base(), "*");
    M.setValue(M._R_CStackLimit, bytes, "*");
  }

  /** R calls `handleEvents` while it runs or sleeps, millions of times a second. @param {(() => boolean) | undefined} interrupted */
  #whileRunning(interrupted) {
    const { M } = this.c;
    let asked = 0;
    M.webr.handleEvents = () => {
      const now = performance.now();
      this.console.tick(now);
      // Only the user's code is stopped, never the bridge's own; and not again while R is busy stopping.
      if (!this.evaluator.running || now - asked < INTERRUPT_MS) return;
      asked = now;
      if (this.deferred || this.stopped || interrupted?.()) M._Rf_onintr();
    };
  }

  /** q() and quit() would end the process; here they are an R error. */
  #refuseQuit() {
    const { M } = this.c;
    const refuse = M.addFunction(() => this.c.raise("quit() would end R in the middle of a notebook; restart the kernel instead"), "viii");
    M.setValue(M._ptr_R_CleanUp, refuse, "*");
  }

  /** @param {unknown} error @returns {Reply | null} null: no error of R, nor one that the bridge raises */
  #explain(error) {
    if (error instanceof Failure) return failed(error.info);
    if (error instanceof RFailure) return failed(this.evaluator.failure(error.message));
    if (error instanceof ValueProblem) return failed({ kind: "value", message: error.message, name: error.path });
    return null;
  }

  /** @param {Reply} reply @returns {Reply} */
  #withFreed(reply) {
    const freed = this.callbacks.takeFreed();
    return freed.length > 0 ? { ...reply, freed } : reply;
  }

  /** @param {unknown} error @param {number} level @returns {{reply: Reply, buffers: Uint8Array[]}} */
  #end(error, level) {
    if (level > 0) {
      // R's frames of the outer levels still stand: the outermost call clears up once they are gone.
      this.broken = { variables: [], packages: [], lost: [] };
      return { reply: failed({ kind: "trap", message: trapMessage(error) }), buffers: [] };
    }
    this.broken = rescue(this.c, this.bridge);
    const kept = this.broken.variables.map(({ name }) => name);
    return { reply: failed({ kind: "trap", message: trapMessage(error), kept, lost: this.broken.lost }), buffers: [] };
  }
}

/** @param {import("./protocol.js").ErrorInfo} error @returns {Reply} */
const failed = (error) => ({ status: "error", error });

/** @param {unknown} error */
const trapMessage = (error) => `R broke (${error instanceof Error ? error.message : error})`;
