"""Run by IPython when a kernel starts (etc/ipython/startup): where there is no rpy2, our façade is found.

A script, not a module: nothing of this package is imported before a notebook asks for rpy2.
"""


def _start():
    import sys
    from importlib.util import find_spec

    class Rpy2OnDemand:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name not in ("rpy2", "rmagic") or find_spec("jupyterlite_rpy") is None:
                return None
            sys.meta_path.remove(Rpy2OnDemand)
            import jupyterlite_rpy.rpy2_facade  # noqa: F401  # it has a finder of its own

            return find_spec(name)

    # Last: whatever else is called rpy2 is found before.
    sys.meta_path.append(Rpy2OnDemand)
    shell = get_ipython()  # noqa: F821  # IPython's, in a startup script
    manager = getattr(getattr(shell, "kernel", None), "lite_transform_manager", None)
    if manager is None:
        return

    async def rpy2_cells(lines):
        # The first cell that names rpy2 waits for R, as cells with R do once the extension is loaded.
        if "rpy2" not in "".join(lines):
            return lines
        manager.line_transforms.remove(rpy2_cells)
        if "jupyterlite_rpy" not in shell.extension_manager.loaded:
            shell.extension_manager.load_extension("jupyterlite_rpy")
            for transform in manager.line_transforms:
                if type(transform).__name__ == "StartHook":
                    lines = await transform(lines)
        return lines

    manager.line_transforms.append(rpy2_cells)


_start()
del _start
