// The page of a built site in; samples in milliseconds of what its user does, by name, out. Called by unattended.py.

/** R code at whose end is asked, again and again. */
const STEADY = {
  completion: ["me", "lm(", "mtcars$", "stats::", "library(", 'read.csv("'],
  help: ["lm(", "mean(", "head(", "plot(", "abline(", "mtcars"],
};
/** The first question of a kernel; that for help is about one of the two largest packages. */
const FIRST = { completion: ["library("], help: ["lm(", "mean("] };
/** Each about another package, when the first question was another. */
const OTHERS = ["mean(", "head(", "abline(", "png(", "setClass(", "iris"];
const METHODS = { completion: "requestComplete", help: "requestInspect" };

/** @type {string[]} cells that a kernel begins with */
let before = [];

/** A kernel that can measure. */
async function open(name = "python") {
  const { serviceManager } = globalThis.jupyterapp;
  const kernel = await serviceManager.kernels.startNew({ name });
  await kernel.info;
  for (const cell of before) await told(kernel, cell);
  return kernel;
}

/** Run a cell that must succeed; what it printed as JSON. */
async function told(kernel, code) {
  const future = kernel.requestExecute({ code });
  let printed = "";
  future.onIOPub = ({ header, content }) => {
    if (header.msg_type === "stream") printed += content.text;
  };
  const { content } = await future.done;
  if (content.status !== "ok") throw new Error(`${code}\n${content.ename}: ${content.evalue}`);
  return printed.startsWith("{") ? JSON.parse(printed) : null;
}

/** From a question to its answer. */
async function ask(kernel, kind, codes) {
  const samples = [];
  for (const line of codes) {
    const code = `%%R\n${line}`;
    const begin = performance.now();
    const { content } = await kernel[METHODS[kind]]({ code, cursor_pos: code.length, detail_level: 0 });
    samples.push(performance.now() - begin);
    if (!(content.found || content.matches?.length)) throw new Error(`no answer: ${line}`);
  }
  return samples;
}

const WORKS = {
  /** @param {number} starts fresh kernels for the first question; one before them fills the browser's cache */
  async questions(starts) {
    const found = { completion: [], help: [], "first completion": [], "first help": [], "first other help": [] };
    for (let turn = 0; turn <= starts; turn++) {
      for (const kind of Object.keys(STEADY)) {
        const kernel = await open();
        await told(kernel, "%%R\n1 + 1");
        await told(kernel, "await kernel.background_work()");
        const first = await ask(kernel, kind, [FIRST[kind][turn % FIRST[kind].length]]);
        // The first help has the others fetched.
        if (kind === "completion") await ask(kernel, "help", FIRST.help.slice(0, 1));
        await told(kernel, "await kernel.help_fetched()");
        const others = kind === "completion" ? await ask(kernel, "help", OTHERS) : [];
        await ask(kernel, kind, STEADY[kind]);
        const steady = [...(await ask(kernel, kind, STEADY[kind])), ...(await ask(kernel, kind, STEADY[kind]))];
        await kernel.shutdown();
        if (turn === 0) continue;
        found[`first ${kind}`].push(...first);
        found["first other help"].push(...others);
        found[kind].push(...steady);
      }
    }
    return found;
  },

  /** From the request for a kernel to the first value. @param {string} name @param {string} code */
  async first(name, code) {
    const begin = performance.now();
    const kernel = await globalThis.jupyterapp.serviceManager.kernels.startNew({ name });
    const future = kernel.requestExecute({ code });
    let first = null;
    future.onIOPub = ({ header }) => {
      if (["execute_result", "stream"].includes(header.msg_type)) first ??= performance.now() - begin;
    };
    const { content } = await future.done;
    if (content.status !== "ok") throw new Error(content.evalue);
    return { first };
  },

  /** @param {number} times */
  async stop(times) {
    const kernel = await open("python-r");
    await told(kernel, "%%R\n1 + 1");
    await told(kernel, "import stop");
    const found = {};
    for (const language of ["R", "Python", "texts"]) found[language] = await told(kernel, `await stop.${language}(${times})`);
    return found;
  },

  /** @param {number} times */
  async work(times) {
    const kernel = await open();
    await told(kernel, "%%R\n1 + 1");
    await told(kernel, "import work");
    return told(kernel, `await work.turns(${times})`);
  },
};

/** @param {string} work @param {unknown[]} given its arguments @param {string[]} cells @param {string} results address that is told */
export async function main(work, given, cells, results) {
  before = cells;
  let found;
  try {
    while (!globalThis.jupyterapp) await new Promise((resolve) => setTimeout(resolve, 50));
    await globalThis.jupyterapp.restored;
    await globalThis.jupyterapp.serviceManager.ready;
    found = await WORKS[work](...given);
  } catch (error) {
    found = { error: String(error.stack ?? error) };
  }
  await fetch(results, { method: "POST", mode: "no-cors", body: JSON.stringify(found) });
}
