// JupyterLite's Pyodide kernel in; a kernel "Python + R" beside it out.

import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IKernelSpecs } from "@jupyterlite/services";
import logo32 from "../../native/logo-32x32.png";
import logo64 from "../../native/logo-64x64.png";
import logo from "../../native/logo-svg.svg";

const PYTHON = "python";
/** The same name as the kernel of plain Jupyter (kernels/native): a notebook opens in either. */
const NAME = "python-r";

const plugin: JupyterFrontEndPlugin<void> = {
  id: "jupyterlite-rpy:kernel",
  description: "The kernel Python + R.",
  autoStart: true,
  requires: [IKernelSpecs],
  activate: (_, specs: IKernelSpecs) => {
    const register = () => {
      const create = specs.factories.get(PYTHON);
      const spec = specs.specs?.kernelspecs[PYTHON];
      if (!create || !spec || specs.factories.has(NAME)) return;
      const resources = { "logo-32x32": logo32, "logo-64x64": logo64, "logo-svg": logo };
      specs.register({ spec: { ...spec, name: NAME, display_name: "Python + R", resources }, create });
    };
    // The Pyodide kernel may be registered before or after this.
    specs.changed.connect(register);
    register();
  },
};

export default plugin;
