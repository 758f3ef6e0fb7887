// Messages between the page and its kernels: the page's end of the line (js/page.mjs of the Python package is the other).
//
// Kernels are told apart by their ids, so that it does not matter that other pages of the site listen, too.

const CHANNEL = "jupyterlite-rpy";

/** What a kernel posts; the fields beside these depend on the kind. */
export interface FromKernel {
  from: string;
  kind: string;
  /** of the question that this answers */
  number?: number;
  /** why there is no answer */
  error?: string;
  [field: string]: unknown;
}

export interface ToKernel {
  kind: string;
  [field: string]: unknown;
}

type Take = (message: FromKernel) => void;

const takers = new Map<string, Set<Take>>();
let channel: BroadcastChannel | null = null;
let asked = 0;

function line(): BroadcastChannel {
  if (channel === null) {
    channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = ({ data }) => {
      if (typeof data?.from !== "string") return;
      for (const take of takers.get(data.kind) ?? []) take(data as FromKernel);
    };
  }
  return channel;
}

/** Have messages of a kind from all kernels; the function that is returned ends it. */
export function listen(kind: string, take: Take): () => void {
  line();
  const these = takers.get(kind) ?? new Set();
  takers.set(kind, these.add(take));
  return () => void these.delete(take);
}

/** Tell a kernel something. It hears it when it is idle. */
export function tell(kernel: string, message: ToKernel): void {
  line().postMessage({ to: kernel, ...message });
}

/** Ask a kernel something, and wait for the answer until `signal` says to give up. */
export function ask(kernel: string, message: ToKernel, signal: AbortSignal): Promise<FromKernel> {
  // Other pages ask, too: the same number twice would be the same answer twice.
  const number = Date.now() * 1000 + (asked++ % 1000);
  return new Promise((resolve, reject) => {
    const end = listen(message.kind, (answer) => {
      if (answer.from !== kernel || answer.number !== number) return;
      end();
      resolve(answer);
    });
    signal.addEventListener("abort", () => {
      end();
      reject(signal.reason as Error);
    });
    tell(kernel, { ...message, number });
  });
}
