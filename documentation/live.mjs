/**
 * A page of the documentation in; its examples with a button each that runs them, and their outputs, out.
 *
 * They run in a kernel "Python + R" of the JupyterLite site beside the pages (`lite/`), one for a page, which is
 * started when the first of them is run. Examples build on those above them, so these are run first.
 */

const LITE = new URL("../lite/repl/index.html?kernel=python-r&toolbar=0", import.meta.url);
const COLOURS = /\x1b\[[0-9;]*m/g;
// The richest first.
const SHOWN = ["text/html", "image/svg+xml", "image/png", "text/plain"];

/** @typedef {{ data: Record<string, any>, transient?: { display_id?: string } }} Content */

/** The kernel of this page: a promise of it, once it is asked for. @type {Promise<any> | undefined} */
let kernel;

/** Start JupyterLite in a frame that nobody sees, and connect to the kernel that its console starts. */
async function start() {
  const frame = document.createElement("iframe");
  frame.src = LITE.href;
  frame.title = "Python and R for the examples";
  frame.className = "live-kernel";
  document.body.append(frame);
  const app = await until(() => /** @type {any} */ (frame.contentWindow).jupyterapp);
  await app.restored;
  const { kernels } = app.serviceManager;
  const model = await until(() => [...kernels.running()][0]);
  const connection = kernels.connectTo({ model });
  await connection.info;
  return connection;
}

/** Wait until a function gives something. No event tells of the application in a frame. @param {() => any} get */
async function until(get) {
  for (;;) {
    const found = get();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

class Cell {
  /** @param {HTMLElement} block  @param {Cell[]} before those above it in the page */
  constructor(block, before) {
    this.before = before;
    this.ran = false;
    this.code = /** @type {HTMLElement} */ (block.querySelector("code"));
    this.code.contentEditable = "plaintext-only";
    this.code.spellcheck = false;
    this.button = document.createElement("button");
    this.button.className = "live-run";
    this.button.textContent = "Run";
    this.button.addEventListener("click", () => this.runAll());
    this.code.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.shiftKey || event.ctrlKey)) return;
      event.preventDefault();
      this.runAll();
    });
    this.output = document.createElement("div");
    this.output.className = "live-output";
    this.output.setAttribute("aria-live", "polite");
    block.append(this.button);
    block.after(this.output);
    /** @type {Map<string, HTMLElement>} */
    this.displays = new Map();
  }

  /** Run what stands above and did not run yet, then this. */
  async runAll() {
    for (const cell of this.before) if (!cell.ran && !(await cell.run())) return;
    await this.run();
  }

  /** @returns {Promise<boolean>} whether it ended without an error */
  async run() {
    this.button.disabled = true;
    this.output.replaceChildren();
    this.displays.clear();
    this.say("Python and R are being loaded: about 40 MB, once ...", "live-wait");
    try {
      const connection = await (kernel ??= start());
      this.output.replaceChildren();
      const future = connection.requestExecute({ code: this.code.innerText, allow_stdin: true });
      future.onIOPub = (/** @type {any} */ message) => this.take(message.header.msg_type, message.content);
      future.onStdin = (/** @type {any} */ message) =>
        connection.sendInputReply({ status: "ok", value: prompt(message.content.prompt) ?? "" }, message.header);
      const reply = await future.done;
      this.ran = true;
      return reply.content.status === "ok";
    } catch (error) {
      this.say(String(error), "live-error");
      kernel = undefined;
      return false;
    } finally {
      this.button.disabled = false;
      this.button.textContent = "Run again";
    }
  }

  /** Show what a message says. @param {string} type  @param {any} content */
  take(type, content) {
    if (type === "stream") this.say(content.text, `live-${content.name}`);
    else if (type === "error") this.say(content.traceback.join("\n"), "live-error");
    else if (type === "clear_output") this.output.replaceChildren();
    else if (type === "execute_result" || type === "display_data") this.show(content);
    else if (type === "update_display_data") this.show(content, this.displays.get(content.transient?.display_id));
  }

  /** Add text, to that before if it is of the same kind. @param {string} text  @param {string} kind */
  say(text, kind) {
    let last = this.output.lastElementChild;
    if (last?.className !== kind) {
      last = document.createElement("pre");
      last.className = kind;
      this.output.append(last);
    }
    last.textContent += text.replace(COLOURS, "");
  }

  /** Show a value or a plot. @param {Content} content  @param {HTMLElement} [place] that of what it takes the place of */
  show(content, place) {
    const mime = SHOWN.find((name) => name in content.data);
    if (!mime) return;
    const shown = place ?? document.createElement("div");
    const text = [content.data[mime]].flat().join("");
    if (mime === "text/plain") shown.replaceChildren(pre(text));
    else if (mime === "image/png") shown.replaceChildren(picture(text, content));
    else shown.innerHTML = text; // of this page's own code, with the rights that a notebook gives it
    if (place) return;
    this.output.append(shown);
    if (content.transient?.display_id) this.displays.set(content.transient.display_id, shown);
  }
}

/** @param {string} text */
function pre(text) {
  const element = document.createElement("pre");
  element.textContent = text.replace(COLOURS, "");
  return element;
}

/** @param {string} base64  @param {any} content */
function picture(base64, content) {
  const image = document.createElement("img");
  image.src = `data:image/png;base64,${base64}`;
  image.alt = "A plot";
  const size = content.metadata?.["image/png"];
  if (size?.width) image.width = size.width;
  return image;
}

/** @type {Cell[]} */
const cells = [];
for (const block of document.querySelectorAll(".highlight.live")) {
  cells.push(new Cell(/** @type {HTMLElement} */ (block), [...cells]));
}
