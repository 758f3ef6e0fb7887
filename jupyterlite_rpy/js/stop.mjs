// Addresses of the page that can be read until the user presses Stop in; "is what runs now to end?" out.
//
// A busy worker hears no message. But it can ask: the page makes `blob:` addresses of a few bytes, and takes one back for each press
// of the button. Reading one here, synchronously, then fails. That needs no isolation, no shared memory and no service worker.

/** How often a busy R or Python asks: a question takes a millisecond or so. */
const EVERY_MS = 400;
const SIGINT = 2;
/** Python's loop looks this many times for each look at the clock, unless it is slow. */
const LOOKS = 8;
const SLOW_MS = 10;

/** @param {string} url */
function readable(url) {
  const request = new XMLHttpRequest();
  try {
    request.open("GET", url, false);
    request.send();
    return request.status === 200;
  } catch {
    return false;
  }
}

export class Stop {
  constructor() {
    /** @type {string[]} the page takes the first of them back first */
    this.urls = [];
    this.running = false;
    this.last = 0;
    /** When Python code that R called is to end, and whether it was told so. */
    this.deadline = Infinity;
    this.expired = false;
    /** Called with each question: whoever wants to know that R, or Python, works for long. */
    this.onAsk = (/** @type {"r" | "python"} */ _who) => {};
    this.requested = this.requested.bind(this);
  }

  /**
   * Take the page's addresses, in place of those before.
   *
   * @param {string[]} urls
   * @returns {boolean} can they be read here? A Content-Security-Policy may forbid it: then nothing is ever asked
   */
  arm(urls) {
    this.urls = urls.length > 0 && readable(urls[urls.length - 1]) ? urls : [];
    return this.urls.length > 0;
  }

  /** A cell begins. A Stop that came too late for the cell before is not meant for it. */
  begin() {
    while (this.urls.length > 0 && !readable(this.urls[0])) this.urls.shift();
    this.last = performance.now();
    this.running = true;
  }

  end() {
    this.running = false;
  }

  /**
   * Was Stop pressed since the last time? Asked often by whoever works, answered without a look most of the time.
   *
   * @param {"r" | "python"} [who]
   * @param {number} [now]
   */
  requested(who = "r", now = performance.now()) {
    if (now > this.deadline && who === "python") {
      this.deadline = Infinity;
      this.expired = true;
      return true;
    }
    if (!this.running || this.urls.length === 0 || now - this.last < EVERY_MS) return false;
    this.onAsk(who);
    const stopped = !readable(this.urls[0]);
    if (stopped) this.urls.shift();
    this.last = performance.now();
    return stopped;
  }

  /** From now on Python code has so many milliseconds. */
  limit(/** @type {number} */ ms) {
    this.deadline = performance.now() + ms;
    this.expired = false;
  }

  /** @returns {boolean} did it take longer? */
  unlimit() {
    this.deadline = Infinity;
    return this.expired;
  }

  /** The page says by a message, heard where nothing is busy, that Stop was pressed: is it news? @param {string} url */
  told(url) {
    if (!this.running || this.urls[0] !== url) return false;
    this.urls.shift();
    return true;
  }

  /**
   * Let Python's evaluation loop ask, which looks at this property of Pyodide's module after each fifty jumps and calls. A property
   * that has no value most of the time costs a fraction of what a buffer with a getter does, which Pyodide would read twice.
   *
   * @param {any} module Pyodide's
   */
  watchPython(module) {
    let other = module.Py_EmscriptenSignalBuffer;
    // Pyodide reads the property once to see that there is one, and then to take the signal and to clear it.
    const buffer = [0];
    let left = 1;
    let before = 0;
    const signal = () => {
      const now = performance.now();
      left = now - before < SLOW_MS ? LOOKS : 1;
      before = now;
      if (!this.requested("python", now)) return other;
      buffer[0] = SIGINT;
      return buffer;
    };
    Object.defineProperty(module, "Py_EmscriptenSignalBuffer", {
      configurable: true,
      get: () => (buffer[0] !== 0 ? buffer : --left > 0 ? other : signal()),
      set: (buffer) => {
        other = buffer;
      },
    });
    module.HEAP8[module._Py_EMSCRIPTEN_SIGNAL_HANDLING] = 1;
  }
}
