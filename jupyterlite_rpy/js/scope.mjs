// Texts of webr-worker.js and R.js plus a compiled R.wasm in; webR's `Module`, running and idle, out. Nothing is left on the global.
//
// webR was written to own its worker. Here it shares one with Python, so both scripts are evaluated as text inside functions whose
// parameters shadow every global they would write to or listen on. R.js publishes its 8,400 exports on `globalThis` and then refers
// to some of them as free names: those few are declared as local variables of its function.

/**
 * @typedef {object} Sources
 * @property {string} workerText text of webR's webr-worker.js
 * @property {string} glueText text of webR's R.js
 * @property {WebAssembly.Module} wasm compiled R.wasm
 */

/**
 * What differs between a browser's worker and Node.
 *
 * @typedef {object} Surroundings
 * @property {Record<string, unknown>} globals names that webR sees as globals of its own
 * @property {Record<string, unknown>} parameters further free names of the two scripts (`require`, `__dirname`, ... in Node)
 * @property {((message: object) => void) | null} send how webR's worker hears a message; null: by its own `onmessage`
 *
 * @typedef {(post: (message: any) => void) => Surroundings} Host given the way back from webR's worker
 */

/** @type {Host} */
export const browserHost = () => ({ globals: {}, parameters: {}, send: null });

const NAME = /[A-Za-z_$][\w$]*/g;
const DECLARED = /(?:var|let|const|function|class) ([A-Za-z_$][\w$]*)/g;
/** Published by R.js beside the exports (Emscripten's `exportAliases`). */
const ALIASES = ["wasmTable", "wasmMemory", "incrementUncaughtExceptionCount", "decrementUncaughtExceptionCount"];

/**
 * The exports of R.wasm that R.js uses as free names without declaring them.
 *
 * @param {string} glueText
 * @param {WebAssembly.Module} wasm
 * @returns {string[]}
 */
export function freeNames(glueText, wasm) {
  const words = new Set(glueText.match(NAME));
  const declared = new Set(Array.from(glueText.matchAll(DECLARED), (match) => match[1]));
  const exported = WebAssembly.Module.exports(wasm).map(({ name }) => (name === "__main_argc_argv" ? "_main" : `_${name}`));
  return [...new Set([...exported, ...ALIASES])].filter(
    (name) => words.has(name) && !declared.has(name) && /^[A-Za-z_$][\w$]*$/.test(name),
  );
}

/**
 * A stand-in for `globalThis`: reads fall through to the real one, writes stay here.
 *
 * @param {Record<string, unknown>} initial
 * @param {Map<PropertyKey, (value: unknown) => void>} onWrite
 */
function privateGlobal(initial, onWrite) {
  /** @type {Map<PropertyKey, unknown>} */
  const local = new Map(Object.entries(initial));
  /** @type {Map<PropertyKey, unknown>} */
  const bound = new Map();
  const proxy = new Proxy(globalThis, {
    get(target, key) {
      if (key === "globalThis" || key === "self") return proxy;
      if (local.has(key)) return local.get(key);
      const value = Reflect.get(target, key);
      // Web functions such as fetch and setTimeout throw when called on anything but the real global.
      if (typeof value !== "function" || value.prototype) return value;
      if (!bound.has(key)) bound.set(key, value.bind(target));
      return bound.get(key);
    },
    set(_target, key, value) {
      local.set(key, value);
      onWrite.get(key)?.(value);
      return true;
    },
    has: (target, key) => local.has(key) || Reflect.has(target, key),
  });
  return { proxy, local };
}

/**
 * Start webR in the current thread.
 *
 * @param {Sources} sources
 * @param {Host} host
 * @param {object} config webR's own worker configuration (baseUrl, REnv, RArgs, ...)
 * @returns {Promise<any>} webR's Emscripten Module; its own message loop waits for a request that never comes, so R is idle
 */
export function startWebr({ workerText, glueText, wasm }, host, config) {
  return new Promise((resolve, reject) => {
    /** @type {any} */
    let module;
    const post = (/** @type {any} */ message) => {
      if (message?.type === "resolve") resolve(module);
    };
    /** @type {Map<PropertyKey, (value: any) => void>} */
    const onWrite = new Map();
    const { globals, parameters: given, send } = host(post);
    const shadow = {
      postMessage: post,
      addEventListener: () => {},
      importScripts: () => evaluateGlue(),
      setImmediate: undefined,
      document: undefined,
      onmessage: undefined,
      ...globals,
    };
    const { proxy, local } = privateGlobal(shadow, onWrite);

    const evaluateGlue = () => {
      const free = freeNames(glueText, wasm);
      const setters = free.map((name) => `${JSON.stringify(name)}: (v) => { ${name} = v; }`).join(",");
      const head = `var ${free.join(",")}; expose({${setters}});\n`;
      const parameters = { ...given, addEventListener: () => {}, postMessage: () => {} };
      const run = new Function("globalThis", "self", "expose", ...Object.keys(parameters), head + glueText);
      const expose = (/** @type {Record<string, (value: any) => void>} */ table) => {
        for (const [name, set] of Object.entries(table)) onWrite.set(name, set);
      };
      try {
        run(proxy, proxy, expose, ...Object.values(parameters));
      } catch (error) {
        reject(error);
        throw error;
      }
    };

    onWrite.set("Module", (value) => {
      module = value;
      // Chromium compiles R.wasm once; a second R in this worker reuses the compiled module.
      module.instantiateWasm = (/** @type {WebAssembly.Imports} */ imports, /** @type {Function} */ receive) => {
        WebAssembly.instantiate(wasm, imports).then((instance) => receive(instance, wasm), reject);
        return {};
      };
      module.onAbort = (/** @type {unknown} */ cause) => reject(new Error(`R stopped while starting: ${cause}`));
    });

    const parameters = { ...given, postMessage: post, importScripts: shadow.importScripts };
    const head = "var Module; expose((v) => { Module = v; });\n";
    const run = new Function("globalThis", "self", "expose", ...Object.keys(parameters), head + workerText);
    run(proxy, proxy, (/** @type {(value: any) => void} */ set) => {
      const start = /** @type {(value: any) => void} */ (onWrite.get("Module"));
      onWrite.set("Module", (value) => {
        start(value);
        set(value);
      });
    }, ...Object.values(parameters));

    const message = { type: "init", data: { channelType: 3, config } };
    if (send) send(message);
    else /** @type {(event: object) => void} */ (local.get("onmessage"))({ data: message });
  });
}
