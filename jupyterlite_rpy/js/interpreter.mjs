// R.wasm in; whether its R evaluates byte code or syntax trees, decided before R's first step, out.
//
// R's packages are byte code, which R's own programs run several times as fast as the syntax trees that it was made of. Not here: the
// function that runs it (bcEval_loop) is one of 1.8 MB, with hundreds of variables and a handler of exceptions at each step. In
// WebAssembly lm() takes 1.7 times as long in byte code as in trees, merge() 3 times, a loop of a compiled function 2.5 times. And V8
// compiles that function a second time, thoroughly, as soon as it has run a little: 250 MB, and a second of another core.
//
// R has a variable for this (R_disable_bytecode in its eval.c), "for testing". The environment variable R_DISABLE_BYTECODE sets it,
// but only when R's packages are attached and that function has run.

/**
 * What R.wasm has, in webR 0.6.0, where the function bcEval (eval.c) asks: the variable's address, from which a value is loaded,
 * compared with 0, and branched upon.
 */
const QUESTION = { at: 0xc64ac, code: [0x41, 0xc4, 0x95, 0x8b, 0x06, 0x28, 0x02, 0x00, 0x45, 0x04, 0x40] };
const VARIABLE = 12765892;

/**
 * The address of R_disable_bytecode.
 *
 * @param {Uint8Array} bytes of R.wasm
 * @returns {number | null} null: this is another build, of which that is not known; R works, and is slower
 */
export function findSwitch(bytes) {
  return QUESTION.code.every((byte, i) => bytes[QUESTION.at + i] === byte) ? VARIABLE : null;
}

/**
 * Have R evaluate syntax trees.
 *
 * @param {WebAssembly.Memory} memory R's, before its program runs
 * @param {number | null} address `findSwitch`'s
 */
export function useSyntaxTrees(memory, address) {
  if (address !== null) new Int32Array(memory.buffer)[address >> 2] = 1;
}
