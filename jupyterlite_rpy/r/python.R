# R functions made of Python callables, and Python's exceptions as R conditions. Evaluated once, in the bridge's own environment.

# `pointer` is an external pointer whose address is Python's number for the object. Reading the function back finds the pointer in the
# attribute and gives Python its own object.
python_function <- function(pointer) {
  convert <- is.null(attr(pointer, "convert", TRUE))
  # As little as can be on the stack, for R calls Python calls R must go deep. The hook itself calls raise_python.
  f <- function(...) .Call(python_hook, pointer, list(...), convert)
  attr(f, "python.object") <- pointer
  class(f) <- c(class(pointer), "function")
  f
}

# One of the operations of Python's side, by name (python.py and operations.py list them).
ask_python <- function(operation, ..., convert = TRUE) .Call(python_hook, operation, list(...), convert)

# Calls without those at the end that only carry a question to Python.
without_bridge <- function(calls) {
  carries <- function(call) {
    identical(call[[1L]], quote(.Call)) || is.symbol(call[[1L]]) && grepl("^(ask(_python|_main_names)?|from_reticulate|.*[.]python[.](main|object|as))$", call[[1L]])
  }
  while (length(calls) && carries(calls[[length(calls)]])) calls <- calls[-length(calls)]
  calls
}

# `class`: names of the exception's classes; `id`: Python's number for it, or -1.
raise_python <- function(message, class, id) {
  calls <- sys.calls()
  calls <- without_bridge(calls[-length(calls)])
  stop(structure(
    class = c(paste0("python.", class), paste0("python.builtin.", class), "python.error", "error", "condition"),
    list(message = message, call = if (length(calls)) calls[[length(calls)]], python = id)
  ))
}

# ---- r/reticulate.R as a package: library(reticulate), reticulate::import() and requireNamespace() find it. Reading it takes ten
# milliseconds: that waits for its first use.

reticulate <- new.env(parent = environment())
# A function of Python's that is saved leads to a namespace, by its name, and not to a copy of all this.
environment(python_function) <- reticulate
reticulate_exports <- c(
  "%as%", "PyClass", "array_reshape", "as_iterator", "conda_binary", "conda_create", "conda_install", "conda_list",
  "conda_python", "conda_remove", "conda_version", "condaenv_exists", "dict", "generator", "import", "import_builtins",
  "import_from_path", "import_main", "install_miniconda", "install_python", "is_py_object", "iter_next", "iterate",
  "miniconda_update", "np_array", "py", "py_available", "py_bool", "py_call", "py_capture_output", "py_clear_last_error",
  "py_config", "py_del_attr", "py_del_item", "py_dict", "py_discover_config", "py_ellipsis", "py_eval", "py_exe", "py_func",
  "py_get_attr", "py_get_item", "py_has_attr", "py_help", "py_id", "py_install", "py_is_none", "py_is_null_xptr", "py_iterator",
  "py_last_error", "py_len", "py_list_attributes", "py_list_packages", "py_load_object", "py_main_thread_func",
  "py_module_available", "py_none", "py_numpy_available", "py_repr", "py_require", "py_run_file", "py_run_string",
  "py_save_object", "py_set_attr", "py_set_item", "py_set_seed", "py_slice", "py_str", "py_suppress_warnings", "py_to_r",
  "py_validate_xptr", "py_version", "r_to_py", "repl_python", "source_python", "tuple", "use_condaenv", "use_miniconda",
  "use_python", "use_python_version", "use_virtualenv", "virtualenv_create", "virtualenv_exists", "virtualenv_install",
  "virtualenv_list", "virtualenv_python", "virtualenv_remove", "virtualenv_root", "virtualenv_starter"
)

# Its names when it is first used: what `reticulate_source` (core.mjs sets it) defines, with its methods registered.
load_reticulate <- function() {
  if (is.null(reticulate_source)) return(invisible())
  code <- parse(text = reticulate_source, keep.source = FALSE, encoding = "UTF-8")
  reticulate_source <<- NULL
  for (expression in code) eval(expression, reticulate)
  methods <- grep("[.](python[.](object|main|as)|py_(error|config))$", names(reticulate), value = TRUE)
  of_utils <- grepl("^(str|[.]DollarNames)[.]", methods)
  register <- function(names, package) list2env(mget(names, reticulate), asNamespace(package)[[".__S3MethodsTable__."]])
  register(methods[!of_utils], "base")
  register(methods[of_utils], "utils")
}

from_reticulate <- function(name) {
  load_reticulate()
  get(name, reticulate)
}

local({
  info <- new.env(parent = baseenv())
  info$spec <- c(name = "reticulate", version = "1.0")
  info$exports <- new.env(parent = emptyenv())
  info$imports <- list(base = TRUE)
  info$path <- file.path(R.home("library"), "reticulate")
  info$S3methods <- matrix(NA_character_, 0L, 4L)
  info$lazydata <- new.env(parent = emptyenv())
  # What library(), installed.packages() and help() read of a package.
  description <- c(
    Package = "reticulate", Version = "1.0", Title = "Python from R under reticulate's names, a part of jupyterlite_rpy",
    Description = "Names of the package reticulate; jupyterlite_rpy has written them anew.", License = "BSD_3_clause",
    Built = paste0("R ", getRversion(), "; ; 2026-01-01 00:00:00 UTC; unix")
  )
  dir.create(file.path(info$path, "Meta"), recursive = TRUE, showWarnings = FALSE)
  writeLines(paste0(names(description), ": ", description), file.path(info$path, "DESCRIPTION"))
  built <- list(R = getRversion(), Platform = "", Date = "2026-01-01 00:00:00 UTC", OStype = "unix")
  none <- list()
  package <- list(DESCRIPTION = description, Built = built, Rdepends = none, Rdepends2 = none, Depends = none, Suggests = none, Imports = none,
    LinkingTo = none)
  saveRDS(structure(package, class = "packageDescription2"), file.path(info$path, "Meta", "package.rds"), compress = FALSE)
  reticulate$.__NAMESPACE__. <- info
  reticulate$.__S3MethodsTable__. <- new.env()
  reticulate$.packageName <- "reticulate"
  .Internal(registerNamespace("reticulate", reticulate))
  .Internal(list2env(structure(as.list(reticulate_exports), names = reticulate_exports), info$exports))
  # One cannot be unloaded that another imports: detach(unload = TRUE) leaves it to be attached again.
  user <- asNamespace("webr")[[".__NAMESPACE__."]]
  user$imports <- c(user$imports, list(reticulate = TRUE))
  # Last but base, so that it hides nothing of any other package.
  attached <- .Internal(attach(NULL, length(search()), "package:reticulate"))
  bridge <- parent.env(reticulate)
  for (name in reticulate_exports) {
    code <- call("from_reticulate", name)
    .Internal(delayedAssign(name, code, bridge, reticulate))
    .Internal(delayedAssign(name, code, bridge, attached))
  }
})
