"""Runs in each kernel of ours before the page has it. Numbers and history of cells begin after it."""

shell = get_ipython()  # noqa: F821
try:
    import json

    from jupyterlite_rpy import page

    await page.connect(**json.loads(ARGUMENTS))  # noqa: F704, F821
    del json, page
finally:
    shell.history_manager.reset(new_session=False)
    shell.execution_count = 0
    del shell
