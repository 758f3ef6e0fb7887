// Texts of webr-worker.js and R.js plus R.wasm in; webR's `Module`, running and idle, out. Nothing is left on the global.
//
// webR was written to own its worker. Here it shares one with Python, so both scripts are evaluated as text inside functions whose
// parameters shadow every global they would write to or listen on. R.js publishes its 8,400 exports on `globalThis` and then refers
// to some of them as free names: those few are declared as local variables of its function.
//
// The texts are evaluated while R.wasm is still on its way.

import { useSyntaxTrees } from "./interpreter.mjs";

/**
 * @typedef {object} Sources
 * @property {string} workerText text of webR's webr-worker.js
 * @property {string} glueText text of webR's R.js
 * @property {Promise<Compiled>} wasm R.wasm, when it is compiled
 *
 * @typedef {{module: WebAssembly.Module, bytecode: number | null}} Compiled R.wasm, and where it has its switch (interpreter.mjs)
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

/** A word that begins with _, and is no member of anything. */
const NAME = /(?<![\w$.])_[\w$]*/g;
const DECLARED = /(?:var|let|const|function|class) (_[\w$]*)/g;
/** Published by R.js beside the exports (Emscripten's `exportAliases`). */
const ALIASES = ["wasmTable", "wasmMemory", "incrementUncaughtExceptionCount", "decrementUncaughtExceptionCount"];

/**
 * The names that R.js may use as free names without declaring them: exports of R.wasm begin with _ there. Whatever else does is a
 * variable more, which nobody uses.
 *
 * @param {string} glueText
 * @returns {string[]}
 */
export function freeNames(glueText) {
  const declared = new Set(Array.from(glueText.matchAll(DECLARED), (match) => match[1]));
  const words = new Set(glueText.match(NAME));
  return [...words].filter((name) => !declared.has(name)).concat(ALIASES);
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
 * webR makes 1,700 files that are loaded when used, each by its path from the root, after it has made anew the folders on the way,
 * which is an exception for each. Let folders that were made be known: that takes 80 ms of 140 away.
 *
 * @param {any} module webR's, before its program runs
 */
function quicken(module) {
  const { FS, createLazyFilesystem } = module;
  module.createLazyFilesystem = () => {
    const { mkdirTree, lookupPath } = FS;
    const made = new Set();
    /** @type {Map<string, object>} */
    const found = new Map();
    FS.mkdirTree = (/** @type {string} */ path, /** @type {number | undefined} */ mode) => {
      if (!made.has(path)) mkdirTree.call(FS, path, mode);
      made.add(path);
    };
    FS.lookupPath = (/** @type {string} */ path, /** @type {any} */ options) => {
      if (!options?.parent) return lookupPath.call(FS, path, options);
      const folder = path.slice(0, path.lastIndexOf("/"));
      const known = found.get(folder) ?? lookupPath.call(FS, path, options);
      found.set(folder, known);
      return known;
    };
    try {
      createLazyFilesystem();
    } finally {
      Object.assign(FS, { mkdirTree, lookupPath });
    }
  };
}

/**
 * Start webR in the current thread.
 *
 * @param {Sources} sources
 * @param {Host} host
 * @param {{REnv: Record<string, string>, [name: string]: unknown}} config webR's own worker configuration (baseUrl, REnv, RArgs, ...)
 * @returns {Promise<any>} webR's Emscripten Module; its own message loop waits for a request that never comes, so R is idle
 */
export function startWebr({ workerText, glueText, wasm }, host, config) {
  const trees = config.REnv.R_DISABLE_BYTECODE === "1";
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
      const free = freeNames(glueText);
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
      quicken(module);
    };

    onWrite.set("Module", (value) => {
      module = value;
      // R.wasm is compiled once; a second R in this worker reuses the compiled module.
      module.instantiateWasm = (/** @type {WebAssembly.Imports} */ imports, /** @type {Function} */ receive) => {
        const instantiate = async () => {
          const compiled = await wasm;
          const instance = await WebAssembly.instantiate(compiled.module, imports);
          if (trees) useSyntaxTrees(/** @type {WebAssembly.Memory} */ (instance.exports.memory), compiled.bytecode);
          receive(instance, compiled.module);
        };
        instantiate().catch(reject);
        return {};
      };
      module.onAbort = (/** @type {unknown} */ cause) => reject(new Error(`R stopped while starting: ${cause}`));
    });

    // webR's worker loads R.js "later". A timer would wait behind all that arrives of R.wasm.
    const later = (/** @type {() => void} */ f, /** @type {number | undefined} */ ms, /** @type {any[]} */ ...rest) =>
      ms === undefined ? queueMicrotask(f) : setTimeout(f, ms, ...rest);
    const parameters = { ...given, postMessage: post, importScripts: shadow.importScripts, setTimeout: later };
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
