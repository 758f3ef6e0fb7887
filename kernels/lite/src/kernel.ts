// JupyterLite's Pyodide kernel in; a kernel "Python + R" beside it, with the extension loaded and a Stop button that stops, out.
//
// The kernel is JupyterLite's own. Only what makes it is wrapped: it is not ready for the page before it has run connect.py.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { PageConfig } from "@jupyterlab/coreutils";
import { KernelMessage } from "@jupyterlab/services";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { type IKernel, IKernelClient, IKernelSpecs } from "@jupyterlite/services";
import logo32 from "../../native/logo-32x32.png";
import logo64 from "../../native/logo-64x64.png";
import logo from "../../native/logo-svg.svg";
import { listen } from "./channel";
import connect from "./connect.py";
import { DRIVE, FOLDER, isDefault } from "./default_drive";
import { addressOf, begin, give } from "./program";
import { Stops } from "./stop";

const ID = "jupyterlite-rpy:kernel";
const PYTHON = "python";
/** The same name as the kernel of plain Jupyter (kernels/native): a notebook opens in either. */
const NAME = "python-r";
/** How long after the request for a kernel R's program is asked for. A kernel takes three times as long to be ready. */
const BEHIND_MS = 800;
/** Our own requests are told from the page's by this. */
const SESSION = ID;

interface Settings {
  start: "at once" | "first use" | "off";
  loadInPython: boolean;
}

const DEFAULTS: Settings = { start: "at once", loadInPython: false };

/** Where a kernel is to have the files that stay, and of that its working directory (null: the one it has). */
interface Kept {
  path: string;
  folder: string | null;
}

/** Kernels of documents on the drive of files that stay have that drive at /persist; others ask for it by files.persist(). */
function keptFor(location: string): Kept | null {
  if (location.startsWith(`${DRIVE}:`)) return { path: FOLDER, folder: location.slice(DRIVE.length + 1).replace(/^\/+/, "") };
  return isDefault() ? { path: FOLDER, folder: null } : null;
}

/** Have the kernel run connect.py; its own errors are for the browser's console. */
async function initialize(kernel: IKernel, start: string, kept: Kept | null, program: string | null): Promise<void> {
  const argument = JSON.stringify(JSON.stringify({ kernel_id: kernel.id, start, kept, program }));
  const request = KernelMessage.createMessage<KernelMessage.IExecuteRequestMsg>({
    msgType: "execute_request",
    channel: "shell",
    session: SESSION,
    content: { code: connect.replace("ARGUMENTS", argument), silent: true, store_history: false, allow_stdin: false, stop_on_error: false },
  });
  await kernel.handleMessage(request);
}

/** The worker in which a Pyodide kernel runs; undefined: this one has none, or has it elsewhere. */
function workerOf(kernel: IKernel): Worker | undefined {
  const worker: unknown = Reflect.get(kernel, "_worker");
  return worker instanceof Worker ? worker : undefined;
}

class Wrapper {
  readonly stops = new Stops();
  private readonly ours = new Set<string>();
  private readonly busy = new Set<string>();

  constructor(
    private readonly settings: Promise<Settings>,
    private readonly webrUrl: string,
  ) {
    listen("hello", ({ from }) => {
      if (this.ours.has(from)) this.stops.arm(from);
    });
    listen("armed", ({ from, ok }) => {
      if (ok || !this.ours.has(from)) return;
      this.stops.refuse(from);
      console.warn("Stop cannot reach running cells here: kernels may not read blob: addresses. Hint: connect-src of the site's Content-Security-Policy needs blob:");
    });
  }

  /** The same factory, of kernels that are ready when connect.py has run. */
  wrap(create: (options: IKernel.IOptions) => Promise<IKernel>): (options: IKernel.IOptions) => Promise<IKernel> {
    return async (options) => {
      const { start } = await this.settings;
      this.ours.add(options.id);
      const address = start !== "off" && this.webrUrl ? addressOf(this.webrUrl) : null;
      // Behind what the kernel fetches and compiles first: for two processors that is enough.
      const timer = address ? setTimeout(() => begin(address), BEHIND_MS) : undefined;
      const kernel = await create({ ...options, sendMessage: (message) => this.send(options, message) });
      const connect = async (): Promise<void> => {
        await kernel.ready;
        const worker = workerOf(kernel);
        const program = worker ? address : null;
        await initialize(kernel, start, keptFor(options.location), program);
        if (worker && program) void give(program, worker);
      };
      const ready = connect().catch((error) => console.warn(error));
      kernel.disposed.connect(() => {
        clearTimeout(timer);
        this.ours.delete(options.id);
        this.busy.delete(options.id);
        this.stops.forget(options.id);
      });
      return new Proxy(kernel, {
        get: (target, key) => {
          if (key === "ready") return ready;
          const value: unknown = Reflect.get(target, key, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    };
  }

  /** What a kernel sends goes on to the page, except for answers to our own request. */
  private send({ id, sendMessage }: IKernel.IOptions, message: KernelMessage.IMessage): void {
    const parent = message.parent_header as { session?: string; msg_type?: string };
    if (parent.session === SESSION) {
      if (KernelMessage.isErrorMsg(message)) console.warn(message.content.traceback.join("\n"));
      return;
    }
    if (KernelMessage.isStatusMsg(message) && parent.msg_type === "execute_request") {
      if (message.content.execution_state === "busy") this.busy.add(id);
      else {
        this.busy.delete(id);
        this.stops.arm(id);
      }
    }
    sendMessage(message);
  }

  /** Stop what a kernel of ours does. With nothing to stop, nothing is asked: the next cell would be stopped. */
  interrupt(id: string): void {
    if (this.busy.has(id)) this.stops.stop(id);
  }
}

async function loadSettings(registry: ISettingRegistry | null): Promise<Settings> {
  try {
    const found = await registry?.load(ID);
    return { ...DEFAULTS, ...(found?.composite as Partial<Settings> | undefined) };
  } catch (error) {
    console.warn(error);
    return DEFAULTS;
  }
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: "The kernel Python + R, and its Stop button.",
  autoStart: true,
  requires: [IKernelSpecs],
  optional: [IKernelClient, ISettingRegistry],
  activate: (_: JupyterFrontEnd, specs: IKernelSpecs, client: IKernelClient | null, registry: ISettingRegistry | null) => {
    const own = JSON.parse(PageConfig.getOption("litePluginSettings") || "{}")[ID] ?? {};
    const settings = loadSettings(registry);
    const wrapper = new Wrapper(settings, String(own.webrUrl ?? ""));
    const wrapped = new WeakSet();
    const register = (): void => {
      const create = specs.factories.get(PYTHON);
      const spec = specs.specs?.kernelspecs[PYTHON];
      if (!create || !spec || wrapped.has(create)) return;
      const both = wrapper.wrap(create);
      wrapped.add(create).add(both);
      const resources = { "logo-32x32": logo32, "logo-64x64": logo64, "logo-svg": logo };
      specs.register({ spec: { ...spec, name: NAME, display_name: "Python + R", resources }, create: both });
      void settings.then(({ loadInPython }) => {
        if (loadInPython && specs.factories.get(PYTHON) === create) specs.register({ spec, create: both });
      });
    };
    // The Pyodide kernel may be registered before or after this.
    specs.changed.connect(register);
    register();
    if (client) {
      const interrupt = client.interrupt.bind(client);
      client.interrupt = async (id) => {
        wrapper.interrupt(id);
        await interrupt(id);
      };
    }
  },
};

export default plugin;
