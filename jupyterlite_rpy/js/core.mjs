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
import { Listeners } from "./listeners.mjs";
import { Reader, ValueProblem } from "./reader.mjs";
import { Requests } from "./requests.mjs";
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
    const listeners = (this.listeners = new Listeners(this));
    /** @type {Rescued | null} */
    this.broken = null;
    /** Told of each question about what is there. @type {(question: string) => void} */
    this.asked = () => {};
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
      (name, text) => listeners.tell({ event: "stream", name, text }, []),
      (prompt) => listeners.ask(prompt),
    );
    this.evaluator = new Evaluator(c, this.bridge, this.console);
    this.handles = new Handles(c);
    this.reader = new Reader(c, this.handles, new Set(structural));
    /** @type {Callbacks} */
    this.callbacks = new Callbacks(c, this.bridge, (target, args, convert) => listeners.python(target, args, convert), (id, scalars) => listeners.scalars(id, scalars));
    /** @type {Writer} */
    this.writer = new Writer(c, this.handles, (...object) => this.callbacks.object(...object));
    this.variables = new Variables(c, this.writer);
    this.calls = new Calls(c, this.bridge, this.handles, this.writer);
    this.callbacks.write = (value, data) => this.writer.write(value, data);
    this.graphics = new Graphics(c, this.bridge, ({ data, ...page }) => {
      this.console.flush();
      listeners.tell({ event: "display", ...page, buffer: 0 }, [data]);
    });
    this.rich = new Rich(c, this.bridge, (id, html, text) => {
      this.console.flush();
      const data = new TextEncoder().encode(html);
      listeners.tell({ event: "display", id, update: false, mime: "text/html", buffer: 0, width: null, height: null, text }, [data]);
    });
    this.evaluator.showRich = (value) => this.rich.print(value);
    this.requests = new Requests(this);
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
    const level = this.listeners.stack.length;
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
    if (level === 0) this.listeners.stopped = false;
    if (!this.broken) this.#limitStack(limitBefore);
    const { deferred } = this.listeners;
    if (deferred) {
      this.listeners.deferred = null;
      throw deferred.error;
    }
    return outcome;
  }

  /** @param {Request} request @param {Uint8Array[]} buffers @param {OnEvent} onEvent @param {number} level @param {number} limit */
  #guarded(request, buffers, onEvent, level, limit) {
    const { M } = this.c;
    this.listeners.stack.push(onEvent);
    const outerReading = this.reader.begin();
    const protectedBefore = M.HEAP32[M._R_PPStackTop >> 2];
    const runningBefore = this.evaluator.running;
    this.evaluator.running = false;
    try {
      this.#limitStack(limit);
      this.handles.release(request.release ?? []);
      const reply = this.requests.perform(request, buffers);
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
      this.listeners.stack.pop();
      this.reader.resume(outerReading);
      this.evaluator.running = runningBefore;
      if (!this.broken) {
        M.HEAP32[M._R_PPStackTop >> 2] = protectedBefore;
      }
    }
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
      if (this.listeners.deferred || this.listeners.stopped || interrupted?.()) M._Rf_onintr();
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
