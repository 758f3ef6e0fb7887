// What R tells and asks while it runs: to whoever made the call that runs now.

import { RTrap, isTrap } from "./capi.mjs";
import { ValueProblem } from "./reader.mjs";

/** @typedef {import("./protocol.js").OnEvent} OnEvent */

export class Listeners {
  /** @param {import("./core.mjs").R} r */
  constructor(r) {
    this.r = r;
    /** @type {OnEvent[]} one for each level of calls */
    this.stack = [];
    /** @type {{error: unknown} | null} what a listener threw while R was on the stack */
    this.deferred = null;
    /** Did the user press the stop button where R asked for input? browser() would go on. */
    this.stopped = false;
  }

  /** Is the call that runs now none that Python made while R called it? */
  get outermost() {
    return this.stack.length === 1;
  }

  /**
   * Nothing may be thrown from here: R is on the stack. What a listener throws waits until R is done, and R is asked to stop.
   *
   * @param {import("./protocol.js").Event} event
   * @param {Uint8Array[]} buffers
   */
  tell(event, buffers) {
    const listener = this.stack.at(-1);
    try {
      return listener?.(event, buffers) ?? null;
    } catch (error) {
      if (isTrap(error)) throw error;
      this.deferred ??= { error };
      return { reply: { error: { message: "Python failed to answer" } }, buffers: [] };
    }
  }

  /** @param {string} prompt */
  ask(prompt) {
    const answer = this.tell({ event: "input", prompt }, []);
    this.stopped ||= answer?.reply.error?.class?.includes("KeyboardInterrupt") ?? false;
    if (!answer || answer.reply.error) throw new Error(answer?.reply.error?.message ?? "nobody is there to answer");
    return String(answer.reply.text);
  }

  /** @param {number} id @param {import("./scalars.mjs").Scalar[]} scalars */
  scalars(id, scalars) {
    const listener = this.stack.at(-1);
    if (!listener?.scalars) return undefined;
    this.r.console.flush();
    try {
      const answer = listener.scalars(id, scalars);
      if (this.r.broken) throw new RTrap("R ended in a nested call");
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
  python(target, args, convert) {
    this.r.console.flush();
    const outerReading = this.r.reader.begin();
    let values;
    let data;
    try {
      values = args.map(({ name, sexp }, i) => ({ name, value: this.r.reader.read(sexp, false, name ?? `argument ${i + 1}`) }));
      data = this.r.reader.finish();
    } catch (error) {
      this.r.reader.abandon();
      throw error instanceof ValueProblem && error.path ? new ValueProblem(`${error.path}: ${error.message}`) : error;
    } finally {
      this.r.reader.resume(outerReading);
    }
    const answer = this.tell({ event: "python", op: "call", ...target, args: values, convert }, data);
    if (this.r.broken) throw new RTrap("R ended in a nested call");
    if (!answer) throw new Error("Python is not listening");
    if (answer.reply.error) return { error: answer.reply.error };
    return this.r.writer.write(answer.reply.value, answer.buffers);
  }
}
