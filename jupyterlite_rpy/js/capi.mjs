// R's C API as used by the bridge: symbols, strings, and the guard under which every call that can fail runs.
//
// Two laws (measured, see docs/how-it-works.md): an R long jump must never cross a Python frame, and a JavaScript or Python exception
// must never cross an R frame. `guard` enforces both: what it is given runs inside R's own top-level context, an R error comes out as
// `RFailure`, and an exception of JavaScript is carried around R instead of through it.

/** Fields of SEXPTYPE (Rinternals.h). */
export const TYPE = Object.freeze({
  NULL: 0, SYMBOL: 1, PAIRLIST: 2, CLOSURE: 3, ENVIRONMENT: 4, PROMISE: 5, LANGUAGE: 6, SPECIAL: 7, BUILTIN: 8, CHAR: 9,
  LOGICAL: 10, INTEGER: 13, DOUBLE: 14, COMPLEX: 15, CHARACTER: 16, DOTS: 17, LIST: 19, EXPRESSION: 20, BYTECODE: 21,
  EXTERNALPTR: 22, WEAKREF: 23, RAW: 24, S4: 25,
});

const CE_UTF8 = 1;

/** R's error buffer has this many bytes, its last for a zero (BUFSIZE in R's Defn.h). */
const LARGEST_ERROR = 8191;

/** A call into R failed as an R error: R unwound itself and is intact. */
export class RFailure extends Error {
  /** @param {string} message R's text, as far as the C level knows it */
  constructor(message) {
    super(message);
    this.name = "RFailure";
  }
}

/** R itself broke (a WebAssembly trap or the engine's stack): this instance must not be used again. */
export class RTrap extends Error {
  /** @param {unknown} cause */
  constructor(cause) {
    super(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause));
    this.name = "RTrap";
  }
}

/**
 * Is this exception R's own long jump, on its way to the context that catches it?
 *
 * @param {unknown} error
 */
export const isLongJump = (error) => error instanceof /** @type {any} */ (WebAssembly).Exception;

/**
 * RangeError is V8's and WebKit's full call stack, InternalError Firefox's; ExitStatus comes from C's exit().
 *
 * @param {unknown} error
 */
export function isTrap(error) {
  if (error instanceof RTrap || error instanceof WebAssembly.RuntimeError) return true;
  const { name, message } = /** @type {Error} */ (error ?? {});
  return (name === "RangeError" && /call stack/i.test(message)) || name === "InternalError" || name === "ExitStatus";
}

export class CApi {
  /** @param {any} module webR's Emscripten Module */
  constructor(module) {
    this.M = module;
    this.nil = this.pointer(module._R_NilValue);
    this.globalEnv = this.pointer(module._R_GlobalEnv);
    this.baseEnv = this.pointer(module._R_BaseEnv);
    this.naString = this.pointer(module._R_NaString);
    this.unbound = this.pointer(module._R_UnboundValue);
    this.missingArg = this.pointer(module._R_MissingArg);
    /** @type {Map<string, number>} */
    this.symbols = new Map();
    /** @type {{body: () => number | void, thrown: {error: unknown} | null} | null} */
    this.guarded = null;
    this.errorFlag = module._malloc(4);
    const entry = this.nativeSymbol(() => this.#enter(), 0);
    this.guardCall = this.preserve(module._Rf_lang2(this.symbol(".Call"), entry));
  }

  /** @param {number} address of a pointer variable of R */
  pointer(address) {
    return this.M.HEAPU32[address >> 2];
  }

  /** @param {number} sexp kept for the life of this R; the bridge's own constants only (R's release is a linear search) */
  preserve(sexp) {
    this.M._R_PreserveObject(sexp);
    return sexp;
  }

  /**
   * A zero-terminated UTF-8 copy in R's heap for the time of `use`.
   *
   * @template T
   * @param {string} text
   * @param {(address: number) => T} use
   * @returns {T}
   */
  withText(text, use) {
    const address = this.M.allocateUTF8(text);
    try {
      return use(address);
    } finally {
      this.M._free(address);
    }
  }

  /** @param {string} name */
  symbol(name) {
    let symbol = this.symbols.get(name);
    if (symbol === undefined) {
      symbol = /** @type {number} */ (this.withText(name, (address) => this.M._Rf_install(address)));
      this.symbols.set(name, symbol);
    }
    return symbol;
  }

  /**
   * An R external pointer that `.Call` accepts as the routine `f`.
   *
   * @param {(...args: number[]) => number} f receives SEXPs, returns a SEXP; must not throw
   * @param {number} arity
   */
  nativeSymbol(f, arity) {
    const { M } = this;
    const address = M.addFunction(f, "p".repeat(arity + 1));
    const pointer = this.preserve(M._R_MakeExternalPtrFn(address, this.symbol("native symbol"), this.nil));
    M._Rf_setAttrib(pointer, this.symbol("class"), this.scalarText("NativeSymbol"));
    return pointer;
  }

  /** @param {string} text without embedded NUL */
  scalarText(text) {
    return /** @type {number} */ (this.withText(text, (address) => this.M._Rf_mkString(address)));
  }

  /** The inverse of `texts`. Call inside a guard. @param {string[]} texts without NUL @returns {number} unprotected */
  characters(texts) {
    const { M } = this;
    const sexp = M._Rf_protect(M._Rf_allocVector(TYPE.CHARACTER, texts.length));
    texts.forEach((text, i) => this.withText(text, (address) => M._SET_STRING_ELT(sexp, i, M._Rf_mkCharCE(address, CE_UTF8))));
    M._Rf_unprotect(1);
    return sexp;
  }

  /** @param {number} charsxp @returns {string} */
  charText(charsxp) {
    return this.M.UTF8ToString(this.M._Rf_translateCharUTF8(charsxp));
  }

  /** @param {number} sexp a character vector @returns {string[]} */
  texts(sexp) {
    const { M } = this;
    if (M._TYPEOF(sexp) !== TYPE.CHARACTER) return [];
    return Array.from({ length: M._LENGTH(sexp) }, (_, i) => this.charText(M._STRING_ELT(sexp, i)));
  }

  /** @param {number} sexp @param {string} name @returns {number} */
  attribute(sexp, name) {
    return this.M._Rf_getAttrib(sexp, this.symbol(name));
  }

  /** R's buffer with its last error message, which geterrmessage() reads. */
  errorText() {
    const { M } = this;
    const buffer = M._R_curErrorBuf();
    return M.HEAPU8[buffer] === 0 ? "" : /** @type {string} */ (M.UTF8ToString(buffer)); // most often
  }

  /** @param {string} text */
  setErrorText(text) {
    const { M } = this;
    const buffer = M._R_curErrorBuf();
    if (text === "") {
      M.HEAPU8[buffer] = 0;
      return;
    }
    const { written } = new TextEncoder().encodeInto(text, M.HEAPU8.subarray(buffer, buffer + LARGEST_ERROR));
    M.HEAPU8[buffer + written] = 0;
  }

  /** Raise an R error from a JavaScript function that R called. Never returns: R's long jump leaves through the caller.
   * @param {string} message @returns {never} */
  raise(message) {
    const { M } = this;
    const format = M.allocateUTF8OnStack("%s");
    const text = M.allocateUTF8OnStack(message.slice(0, 8000));
    const slot = M.stackAlloc ? M.stackAlloc(4) : M.__emscripten_stack_alloc(4);
    M.HEAPU32[slot >> 2] = text;
    M._Rf_error(format, slot);
    throw new RTrap("Rf_error returned");
  }

  #enter() {
    const frame = this.guarded;
    if (!frame) return this.nil;
    const { M } = this;
    const protectedBefore = M.HEAP32[M._R_PPStackTop >> 2];
    try {
      return frame.body() ?? this.nil;
    } catch (error) {
      if (isLongJump(error)) throw error;
      frame.thrown = { error };
      M.HEAP32[M._R_PPStackTop >> 2] = protectedBefore;
      return this.nil;
    }
  }

  /**
   * Run `body` inside R's top-level context, where R may fail safely.
   *
   * @param {() => number | void} body may call any C API function; the SEXP it returns is not protected
   * @returns {number} what `body` returned
   * @throws {RFailure} R raised an error in `body`
   * @throws {RTrap} R broke
   */
  guard(body) {
    const { M } = this;
    const outer = this.guarded;
    /** @type {{body: () => number | void, thrown: {error: unknown} | null}} */
    const frame = { body, thrown: null };
    this.guarded = frame;
    M.HEAPU8[M._R_curErrorBuf()] = 0;
    let value;
    try {
      M.HEAP32[this.errorFlag >> 2] = 0;
      value = M._R_tryEvalSilent(this.guardCall, this.globalEnv, this.errorFlag);
    } catch (error) {
      throw new RTrap(error);
    } finally {
      this.guarded = outer;
    }
    if (frame.thrown) {
      const { error } = frame.thrown;
      throw isTrap(error) && !(error instanceof RTrap) ? new RTrap(error) : error;
    }
    if (M.HEAP32[this.errorFlag >> 2]) throw new RFailure(this.errorText().trim());
    return value;
  }

  /**
   * Call an R function of the bridge.
   *
   * @param {number} environment in which the function is found
   * @param {string} name
   * @param {...(string | number | {sexp: number})} args texts and numbers become R vectors of length 1
   * @returns {number} its value, unprotected
   */
  call(environment, name, ...args) {
    const { M } = this;
    return this.guard(() => {
      let call = M._Rf_protect(this.nil);
      for (const arg of [...args].reverse()) {
        const value = typeof arg === "string" ? this.scalarText(arg) : typeof arg === "number" ? M._Rf_ScalarReal(arg) : arg.sexp;
        call = M._Rf_cons(value, call);
        M._Rf_unprotect(1);
        M._Rf_protect(call);
      }
      const whole = M._Rf_protect(M._Rf_lcons(this.symbol(name), call));
      const value = M._Rf_eval(whole, environment);
      M._Rf_unprotect(2);
      return value;
    });
  }

  /**
   * Parse and evaluate R code of the bridge itself.
   *
   * @param {string} code
   * @param {number} [environment]
   * @returns {number} value of the last expression, unprotected
   */
  evaluate(code, environment = this.globalEnv) {
    const { M } = this;
    return this.guard(() => {
      const status = M.__emscripten_stack_alloc(4);
      const text = M._Rf_protect(this.scalarText(code));
      const expressions = M._Rf_protect(M._R_ParseVector(text, -1, status, this.nil));
      if (M.HEAP32[status >> 2] !== 1) this.raise(`the bridge's own R code does not parse: ${code.slice(0, 60)}`);
      let value = this.nil;
      for (let i = 0; i < M._LENGTH(expressions); i++) value = M._Rf_eval(M._VECTOR_ELT(expressions, i), environment);
      M._Rf_unprotect(2);
      return value;
    });
  }
}
