// The kernel's end of the line to the page (kernels/lite/src/channel.ts is the other): messages in, messages out.
//
// A BroadcastChannel, so that neither JupyterLite's worker nor its messages need to know of it. What is posted arrives while the
// kernel is busy; what the page posts is heard when it is idle, or waits for something.

import { Offer } from "./offer.mjs";
import { Stop } from "./stop.mjs";

const CHANNEL = "jupyterlite-rpy";

export class Page {
  /**
   * @param {string} kernel its id
   * @param {(message: any) => void} take what is not about Stop
   * @param {() => void} cancel Stop was pressed while the cell waits for something
   * @param {string | undefined} program from which address the page fetches R's program
   */
  constructor(kernel, take, cancel, program) {
    this.kernel = kernel;
    this.offer = program === undefined ? undefined : new Offer(program);
    this.stop = new Stop();
    /** @type {object} the last of the states that are told, for a page that asks */
    this.state = { state: "not started" };
    this.busy = false;
    this.stop.onAsk = (who) => {
      if (who !== "r" || this.busy) return;
      this.busy = true;
      this.tell({ kind: "status", ...this.state, state: "busy" });
    };
    this.channel = new BroadcastChannel(CHANNEL);
    this.channel.onmessage = ({ data }) => {
      if (data?.to !== kernel) return;
      if (data.kind === "arm") this.tell({ kind: "armed", ok: this.stop.arm(data.urls) });
      else if (data.kind === "stop") this.stop.told(data.url) && cancel();
      else take(data);
    };
  }

  /** @param {object} message */
  tell(message) {
    this.channel.postMessage({ from: this.kernel, ...message });
  }

  /** What R does, now and until told otherwise. @param {object} state */
  tellState(state) {
    this.state = state;
    this.busy = false;
    this.tell({ kind: "status", ...state });
  }

  /** The cell is done: R is not busy any more. */
  idle() {
    this.stop.end();
    if (this.busy) this.tellState(this.state);
  }
}
