// R's console: fragments of text in, whole pieces of stdout and stderr out, live and in order; a prompt out, the user's answer in.

/** @typedef {import("./capi.mjs").CApi} CApi */

/** A loop that prints is shown about this often; text without a newline waits for the next chance after it. */
const INTERVAL_MS = 50;
const LARGEST = 8192;
/** R puts this before deferred warnings that are printed by request; its console shows them without it. */
const IN_ADDITION = "In addition: ";
/** R has no option for it, nor a flag that says who asks. */
const BROWSER_PROMPT = /^Browse\[\d+\]> /;

export class Console {
  /**
   * @param {CApi} c
   * @param {(name: "stdout" | "stderr", text: string) => void} write receives coalesced text
   * @param {(prompt: string) => string} ask answers `readline()`; what it throws becomes an R error
   */
  constructor(c, write, ask) {
    this.c = c;
    this.write = write;
    this.ask = ask;
    /** @type {"stdout" | "stderr"} */
    this.name = "stdout";
    /** @type {string[]} */
    this.parts = [];
    this.length = 0;
    this.shown = 0;
    this.dropAddition = false;
    /** What did not fit into R's buffer of an answer. */
    this.rest = new Uint8Array(0);
    const { M } = c;
    const output = (/** @type {number} */ address, /** @type {number} */ bytes, /** @type {number} */ kind) => {
      this.add(kind ? "stderr" : "stdout", M.UTF8ToString(address, bytes));
    };
    const input = (/** @type {number} */ prompt, /** @type {number} */ buffer, /** @type {number} */ size) =>
      this.#read(M.UTF8ToString(prompt), buffer, size);
    // R calls the first of these only when the other three are NULL; otherwise it prints to C's stdout, a line at a time.
    M.setValue(M._ptr_R_WriteConsoleEx, M.addFunction(output, "viii"), "*");
    M.setValue(M._ptr_R_WriteConsole, 0, "*");
    M.setValue(M._R_Outputfile, 0, "*");
    M.setValue(M._R_Consolefile, 0, "*");
    M.setValue(M._ptr_R_ReadConsole, M.addFunction(input, "iiiii"), "*");
    /** What is left of a line that C reads from its standard input: file("stdin") in R. */
    this.line = new Uint8Array(0);
    this.refusal = "";
    const { tty, stream_ops: ops } = M.FS.getStream(0);
    // All terminals share these. Their own read() takes bytes from a function, and makes an I/O error of what that throws.
    const { read } = ops;
    /** @type {(stream: any, buffer: Int8Array, offset: number, length: number, ...more: any[]) => number} */
    ops.read = (stream, buffer, offset, length, ...more) =>
      stream.tty === tty ? this.#readLine(buffer, offset, length) : read(stream, buffer, offset, length, ...more);
  }

  /** @param {"stdout" | "stderr"} name @param {string} text */
  add(name, text) {
    if (name !== this.name) {
      this.flush();
      this.name = name;
    }
    if (this.dropAddition && text === IN_ADDITION) return;
    this.parts.push(text);
    this.length += text.length;
    const whole = text.endsWith("\n");
    if (this.length > LARGEST || (whole && performance.now() - this.shown > INTERVAL_MS)) this.flush();
  }

  /** So that a loop that prints dots is seen. @param {number} now */
  tick(now) {
    if (this.length > 0 && now - this.shown > INTERVAL_MS) this.flush();
  }

  flush() {
    if (this.length === 0) return;
    const text = this.parts.join("");
    this.parts = [];
    this.length = 0;
    this.shown = performance.now();
    this.write(this.name, text);
  }

  /** Why browser() was told that its input has ended; once. */
  takeRefusal() {
    const { refusal } = this;
    this.refusal = "";
    return refusal;
  }

  /**
   * C reads its standard input. Each reading gets one line at most; an empty answer is the end of the input, since there is no other
   * way to say so in a notebook. Where nobody can be asked it is R's error, which leaves through C's library as any error of R.
   *
   * @param {Int8Array} buffer
   * @param {number} offset
   * @param {number} length
   * @returns {number} bytes read; 0: the end
   */
  #readLine(buffer, offset, length) {
    if (length === 0) return 0;
    const { M } = this.c;
    const inHeap = buffer === M.HEAP8;
    if (this.line.length === 0) {
      const text = this.#answer("", (why) => this.c.raise(why));
      if (text === "") return 0;
      this.line = new TextEncoder().encode(`${text}\n`);
    }
    const bytes = this.line.subarray(0, length);
    this.line = this.line.subarray(bytes.length);
    // Whoever answers may call R, and its memory may have moved.
    (inHeap ? M.HEAP8 : buffer).set(bytes, offset);
    return bytes.length;
  }

  /**
   * R's error where nobody answers. browser() would take an error for the end of what was typed there, and ask again without end: for
   * it the input has ended, the code goes on, and the error follows it.
   *
   * @param {string} prompt
   * @param {string} why
   */
  #refused(prompt, why) {
    if (!BROWSER_PROMPT.test(prompt)) this.c.raise(why);
    this.refusal = why;
    return null;
  }

  /** @template T @param {string} prompt @param {(why: string) => T} refused @returns {string | T} */
  #answer(prompt, refused) {
    this.flush();
    try {
      return this.ask(prompt);
    } catch (error) {
      return refused(`cannot ask for input: ${/** @type {Error} */ (error).message}`);
    }
  }

  /**
   * R's contract for reading a line: the answer with its newline in `buffer`, zero-terminated; 1 for a line, 0 for end of input.
   *
   * @param {string} prompt
   * @param {number} buffer
   * @param {number} size
   */
  #read(prompt, buffer, size) {
    if (this.rest.length === 0) {
      // Who has refused one prompt of a debugger would be asked at each step from there.
      if (this.refusal !== "" && BROWSER_PROMPT.test(prompt)) return 0;
      const text = this.#answer(prompt, (why) => this.#refused(prompt, why));
      if (text === null) return 0;
      this.rest = new TextEncoder().encode(`${text}\n`);
    }
    const bytes = this.rest.subarray(0, size - 1);
    this.rest = this.rest.subarray(bytes.length);
    this.c.M.HEAPU8.set(bytes, buffer);
    this.c.M.HEAPU8[buffer + bytes.length] = 0;
    return 1;
  }
}
