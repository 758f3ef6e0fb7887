// Address of webR's files in; webR in a worker of its own, used through its public API, out: what the bridge is measured against.
//
// Values arrive from Python as it would give them to any JavaScript library, and leave as JavaScript arrays and objects.

const POST_MESSAGE = 3; // webR's ChannelType for pages without special headers

/** @param {string} library address of webR's webr.js @param {string} baseUrl address of its other files */
export async function open(library, baseUrl) {
  const { WebR } = await import(library);
  const webR = new WebR({ baseUrl, channelType: POST_MESSAGE });
  await webR.init();
  const { globalEnv } = webR.objs;

  /** @template T @param {string} code @param {(object: any) => Promise<T>} use @returns {Promise<T>} */
  const withValue = async (code, use) => {
    const object = await webR.evalR(code);
    try {
      return await use(object);
    } finally {
      await webR.destroy(object);
    }
  };

  /** @param {string} name @param {string} constructor @param {any} value */
  const bind = async (name, constructor, value) => {
    const object = await new webR[constructor](value);
    await globalEnv.bind(name, object);
    await webR.destroy(object);
  };

  return {
    bind,
    /** @param {string} code @param {number} times */
    async evalNumber(code, times = 1) {
      let value;
      for (let i = 0; i < times; i++) value = await webR.evalRNumber(code);
      return value;
    },
    /** @param {string} code */
    run: (code) => webR.evalRVoid(code),
    /** @param {string} code */
    toArray: (code) => withValue(code, (object) => object.toArray()),
    /** @param {string} code */
    toTypedArray: (code) => withValue(code, (object) => object.toTypedArray()),
    /** @param {string} code */
    toObject: (code) => withValue(code, (object) => object.toObject()),
    close: () => webR.close(),
  };
}

/**
 * The least that any bridge has to do: the same bytes from one fresh heap to another, in milliseconds.
 *
 * @param {number} bytes
 */
export function copyBetweenFreshHeaps(bytes) {
  const pages = Math.ceil(bytes / 65536);
  const [from, to] = [0, 1].map(() => new Uint8Array(new WebAssembly.Memory({ initial: pages }).buffer, 0, bytes));
  from.fill(1);
  const start = performance.now();
  to.set(from);
  return performance.now() - start;
}
