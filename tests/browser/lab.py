"""A served site in; JupyterLite in Chromium, driven as a user or a frontend would, out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # WebAssembly stays as V8's quick compiler made it, whose frames are the larger: what fits on the stack
    # here fits for users. Its slow one takes a core from other tests at each start of a kernel.
    "--js-flags=--liftoff-only",
]

# Chromium's form filling asks its maker about every form of a page, and has no switch of its own for it.
CHROMIUMS_OWN = "content-autofill.googleapis.com:443"

TIMEOUT = 900  # seconds; a kernel starts in five to ten, on a machine that does much else in some hundreds

# Playwright's evaluate has no time limit of its own. `what` tells what was waited for.
_WITHIN = """
const within = (seconds, promise, what) => Promise.race([
  promise,
  new Promise((_, no) => setTimeout(() => no(new Error(`${what()} after ${seconds} s`)), 1000 * seconds)),
]);
"""

_START = """
  const manager = jupyterapp.serviceManager;
  const ofDocument = async () => {
    const panel = await jupyterapp.commands.execute("docmanager:open", { path: notebook, kernel: { name } });
    await panel.sessionContext.ready;
    return panel.sessionContext.session.kernel;
  };
  const start = async () => {
    await manager.ready;
    const kernel = notebook ? await ofDocument() : await manager.kernels.startNew({ name });
    await kernel.info;
    return kernel;
  };
  window.kernels ??= [];
  return window.kernels.push(await within(seconds, start(), () => "no kernel")) - 1;
"""

_EXECUTE = """
  const kernel = window.kernels[index];
  const future = kernel.requestExecute({ code, stop_on_error: false, allow_stdin: true });
  const outputs = [];
  const prompts = [];
  future.onIOPub = message => {
    if (!["status", "execute_input"].includes(message.header.msg_type))
      outputs.push([message.header.msg_type, message.content]);
  };
  future.onStdin = message => {
    prompts.push(message.content.prompt);
    kernel.sendInputReply({ status: "ok", value: answers.shift() ?? "" }, message.header);
  };
  const started = performance.now();
  const busy = () => `still busy: ${JSON.stringify(outputs).slice(-2000)}`;
  const reply = await within(seconds, future.done, busy);
  return { reply: reply.content, outputs, prompts, seconds: (performance.now() - started) / 1000 };
"""

_INTERRUPT = """
  await within(seconds, window.kernels[index].interrupt(), () => "no answer to Stop");
"""

_STOP = """
  const kernel = window.kernels[index];
  const future = kernel.requestExecute({ code, stop_on_error: false });
  const outputs = [];
  let pressed = null;
  let left = presses;
  future.onIOPub = message => {
    const { header: { msg_type }, content } = message;
    if (["stream", "error", "execute_result"].includes(msg_type)) outputs.push([msg_type, content]);
    if (left > 0 && msg_type === "stream" && content.text.includes(at)) {
      left--;
      pressed = performance.now();
      kernel.interrupt();
    }
  };
  const reply = await within(seconds, future.done, () => `not stopped: ${JSON.stringify(outputs)}`);
  return { reply: reply.content, outputs, prompts: [], seconds: (performance.now() - pressed) / 1000 };
"""

_QUEUE = """
  const kernel = window.kernels[index];
  const replies = Promise.all(cells.map(code => kernel.requestExecute({ code }).done));
  return (await within(seconds, replies, () => "still busy")).map(reply => reply.content.status);
"""

_REQUEST = """
  return (await within(seconds, window.kernels[index][method](content), () => "no answer")).content;
"""

_RESTART = """
  const kernel = window.kernels[index];
  await within(seconds, kernel.restart().then(() => kernel.requestKernelInfo()), () => "no restart");
"""


def _evaluate(page: Page, body: str, **arguments: Any) -> Any:
    """Run an async function in the page with named arguments."""
    names = ", ".join(arguments)
    return page.evaluate(f"async ({{ {names} }}) => {{ {_WITHIN} {body} }}", arguments)


@dataclass(frozen=True)
class Result:
    """What a cell gave.

    Attributes
    ----------
    reply : dict
        Content of the execute reply; `status` is "ok" or "error".
    outputs : list of (str, dict)
        Message type and content, in order: stream, display_data, update_display_data, execute_result, error.
    prompts : list of str
        What the cell asked of the user.
    seconds : float
        From request to reply, measured in the page.
    """

    reply: dict[str, Any]
    outputs: list[tuple[str, dict[str, Any]]]
    prompts: list[str]
    seconds: float

    @property
    def status(self) -> str:
        return str(self.reply["status"])

    @property
    def error(self) -> str:
        """`Class: message` of the exception that ended the cell; empty: none."""
        if self.status == "ok":
            return ""
        return f"{self.reply['ename']}: {self.reply['evalue']}"

    @property
    def value(self) -> str | None:
        """The cell's value as text."""
        texts = [content["data"]["text/plain"] for kind, content in self.outputs if kind == "execute_result"]
        return texts[-1] if texts else None

    @property
    def data(self) -> dict[str, Any]:
        """The MIME bundle of the cell's value."""
        bundles = [content["data"] for kind, content in self.outputs if kind == "execute_result"]
        return bundles[-1] if bundles else {}

    def text(self, name: str = "stdout") -> str:
        """All that was written to a stream."""
        return "".join(c["text"] for kind, c in self.outputs if kind == "stream" and c["name"] == name)

    def displays(self, mime: str | None = None) -> list[dict[str, Any]]:
        """Contents of the displays, updates among them, that have `mime` (None: all)."""
        kinds = ("display_data", "update_display_data")
        return [c for kind, c in self.outputs if kind in kinds and (mime is None or mime in c["data"])]


class Kernel:
    """A running Python kernel of a page; with `notebook`, of that file, which is opened."""

    def __init__(self, page: Page, name: str = "python", notebook: str = "") -> None:
        self.page = page
        self._index = _evaluate(page, _START, name=name, notebook=notebook, seconds=TIMEOUT)

    def run(self, code: str, answers: list[str] | None = None, timeout: float = TIMEOUT) -> Result:
        """Execute a cell and wait for its end. `answers` go to its `input()`s, in order."""
        found = _evaluate(
            self.page, _EXECUTE, index=self._index, code=code, answers=answers or [], seconds=timeout
        )
        outputs = [(kind, content) for kind, content in found["outputs"]]
        return Result(found["reply"], outputs, found["prompts"], found["seconds"])

    def interrupt(self) -> None:
        """Press Stop."""
        _evaluate(self.page, _INTERRUPT, index=self._index, seconds=TIMEOUT)

    def stop(self, code: str, at: str = "go", presses: int = 1) -> Result:
        """Execute a cell and press Stop each time it prints `at`.

        `seconds` is how long it took to end after the last press.
        """
        arguments = {"index": self._index, "code": code, "at": at, "presses": presses, "seconds": TIMEOUT}
        found = _evaluate(self.page, _STOP, **arguments)
        return Result(found["reply"], [tuple(o) for o in found["outputs"]], [], found["seconds"])

    def clear(self) -> None:
        """Forget what was assigned and set in both languages, with the extension loaded. R goes on."""
        self.run("%load_ext jupyterlite_rpy")
        result = self.run(
            "import sys\n"
            "ro = sys.modules.get('rpy2.robjects')\n"
            "if ro: ro.set_conversion(ro.default_converter)  # an example may have activated another\n"
            "from jupyterlite_rpy import get_session\n"
            "%Roptions print=all html=on device=png width=480 height=480 units=px res=72 pointsize=12\n"
            "%Roptions background=white scale=2\n"
            "get_session().run('graphics.off(); rm(list = ls(all.names = TRUE))')\n"
            "get_ipython().reset(new_session=True)\nget_ipython().execution_count = 0"
        )
        assert result.status == "ok", result.error

    def run_notebook(self, cells: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Run a notebook's cells, whether or not one fails; return them with their outputs.

        What is shown comes as the notebook's file has it: updates in the place of what they update, nothing
        of what was cleared.
        """
        done = []
        for cell in cells:
            found: list[Any] = []
            if cell["cell_type"] == "code":
                for kind, content in self.run("".join(cell["source"])).outputs:
                    _keep(found, kind, content)
            done.append({**cell, "outputs": found})
        return done

    def queue(self, *cells: str) -> list[str]:
        """Send cells without waiting for one another, as Run All does; return how each ended."""
        return list(_evaluate(self.page, _QUEUE, index=self._index, cells=cells, seconds=TIMEOUT))

    def value(self, code: str, timeout: float = TIMEOUT) -> str | None:
        """Execute a cell that must succeed; return its value as text."""
        result = self.run(code, timeout=timeout)
        assert result.status == "ok", f"{result.error}\n{result.outputs}"
        return result.value

    def complete(self, code: str, cursor: int | None = None) -> dict[str, Any]:
        """Ask for completions at `cursor` (None: at the end)."""
        content = {"code": code, "cursor_pos": len(code) if cursor is None else cursor}
        return self._request("requestComplete", content)

    def inspect(self, code: str, cursor: int | None = None, detail: int = 0) -> dict[str, Any]:
        """Ask for the documentation of what is at `cursor` (None: at the end)."""
        content = {
            "code": code,
            "cursor_pos": len(code) if cursor is None else cursor,
            "detail_level": detail,
        }
        return self._request("requestInspect", content)

    def _request(self, method: str, content: dict[str, Any]) -> dict[str, Any]:
        arguments = {"index": self._index, "method": method, "content": content, "seconds": TIMEOUT}
        return dict(_evaluate(self.page, _REQUEST, **arguments))

    def restart(self) -> None:
        """Restart and wait until the kernel answers."""
        _evaluate(self.page, _RESTART, index=self._index, seconds=TIMEOUT)

    def shutdown(self) -> None:
        """End the kernel and its worker."""
        self.page.evaluate("index => window.kernels[index].shutdown()", self._index)


def _keep(outputs: list[Any], kind: str, content: dict[str, Any]) -> None:
    """Add what a message says to the outputs of its cell (Messaging in Jupyter, section "Display data")."""
    if kind == "clear_output":
        outputs.clear()
        return
    place = content.pop("transient", {}).get("display_id")
    if kind == "update_display_data":
        for output in outputs:
            if output["place"] == place:
                output.update(data=content["data"], metadata=content.get("metadata", {}))
        return
    if kind == "stream" and outputs and outputs[-1].get("name") == content["name"]:
        outputs[-1]["text"] += content["text"]
        return
    outputs.append({"output_type": kind, "place": place, **content})


class Wall(ThreadingHTTPServer):
    """A proxy that lets nothing through and remembers what it was asked for.

    Unlike a list of the page's requests it also sees those of a service worker.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Refusal)
        self.refused: list[str] = []
        self.address = f"http://127.0.0.1:{self.server_port}"
        Thread(target=self.serve_forever, args=(0.5,), daemon=True).start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Refusal(BaseHTTPRequestHandler):
    server: Wall

    def _refuse(self) -> None:
        self.server.refused.append(self.path)
        self.send_error(403)

    do_GET = do_POST = do_HEAD = do_CONNECT = do_OPTIONS = _refuse

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Lab:
    """A JupyterLite page with storage of its own.

    Attributes
    ----------
    page : playwright Page
    requests : list of str
        Addresses that the page and its workers asked for, in order.
    console : list of str
        What was written to the browser's console: `type: text`.
    """

    def __init__(self, browser: Browser, url: str, app: str = "lab", script: str = "") -> None:
        self.url = url
        self.requests: list[str] = []
        self.console: list[str] = []
        self._wall = Wall()
        self.context = browser.new_context(
            viewport={"width": 1280, "height": 900},
            proxy={"server": self._wall.address, "bypass": "127.0.0.1,localhost"},
        )
        if script:  # which runs before the page's own
            self.context.add_init_script(script)
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.context.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        self.page = self.context.new_page()
        self.page.set_default_timeout(1000 * TIMEOUT)
        self.page.goto(f"{url}{app}/index.html")
        self.page.wait_for_function("window.jupyterapp")
        self.page.evaluate("jupyterapp.restored.then(() => true)")

    def kernel(self, name: str = "python", notebook: str = "") -> Kernel:
        """Start a kernel that no document belongs to, or that of a notebook."""
        return Kernel(self.page, name, notebook)

    def outside(self) -> list[str]:
        """Addresses beyond the site's origin that the page, a worker or the service worker asked for."""
        origin = urlsplit(self.url).netloc
        foreign = [url for url in self.requests if urlsplit(url).scheme in ("http", "https", "ws", "wss")]
        foreign = [url for url in foreign if urlsplit(url).netloc != origin]
        return foreign + [host for host in self._wall.refused if host != CHROMIUMS_OWN]

    def forget(self) -> None:
        """Forget the requests so far."""
        self.requests.clear()
        self._wall.refused.clear()

    def close(self) -> None:
        """Close the page and forget what it stored."""
        self.context.close()
        self._wall.close()
