# Python from R under the names that R users know from the package reticulate, of which nothing else is here: each asks Python to do
# it. Evaluated in a namespace of its own when the first of these names, or the first Python object, is met (r/python.R).

# ---- what an object is

converts <- function(x) is.null(attr(if (is.function(x)) attr(x, "python.object", TRUE) else x, "convert", TRUE))
is_py_object <- function(x) inherits(x, "python.object")
# `py` itself stands for the notebook's module where a function wants an object.
object_of <- function(x) if (inherits(x, "python.main")) import_main() else x
ask <- function(operation, x, ..., convert = converts(x)) ask_python(operation, object_of(x), ..., convert = convert)

r_to_py <- function(x, convert = FALSE) if (is_py_object(x) && convert == converts(x)) x else ask_python("identity", x, convert = FALSE)
py_to_r <- function(x) if (is_py_object(x)) ask_python("identity", x) else x

# ---- the notebook's variables

py <- structure(new.env(), class = "python.main")
`$.python.main` <- function(x, name) ask_python("main_get", name)
`$<-.python.main` <- function(x, name, value) {
  ask_python("main_set", name, value)
  x
}
`[[.python.main` <- function(x, i) ask_python("main_get", i)
`[[<-.python.main` <- `$<-.python.main`
names.python.main <- function(x) ask_main_names()
ask_main_names <- function() as.character(ask_python("main_names"))
length.python.main <- function(x) length(ask_main_names())
.DollarNames.python.main <- function(x, pattern = "") grep(pattern, ask_main_names(), value = TRUE)
print.python.main <- function(x, ...) {
  cat("<Python: the variables of the notebook>\n")
  invisible(x)
}
format.python.main <- function(x, ...) "<Python>"

py_eval <- function(code, convert = TRUE) ask_python("eval", paste(code, collapse = "\n"), convert = convert)
py_run_string <- function(code, local = FALSE, convert = TRUE)
  invisible(ask_python("exec", paste(code, collapse = "\n"), local, convert = FALSE))
py_run_file <- function(file, local = FALSE, convert = TRUE, prepend_path = TRUE)
  invisible(ask_python("exec_file", file, local, convert = FALSE))
source_python <- function(file, envir = parent.frame(), convert = TRUE) {
  made <- ask_python("exec_file", file, convert = FALSE)
  for (name in grep("^_", as.character(ask_python("names", made)), invert = TRUE, value = TRUE))
    if (is.environment(envir)) assign(name, ask_python("item", made, name, convert = convert), envir = envir)
  invisible()
}

# ---- modules

import <- function(module, as = NULL, convert = TRUE, delay_load = FALSE) ask_python("import", module, convert = convert)
import_from_path <- function(module, path = ".", convert = TRUE, delay_load = FALSE)
  ask_python("import_from", module, normalizePath(path, mustWork = FALSE), convert = convert)
import_main <- function(convert = TRUE, delay_load = FALSE) ask_python("import", "__main__", convert = convert)
import_builtins <- function(convert = TRUE, delay_load = FALSE) ask_python("import", "builtins", convert = convert)
py_module_available <- function(module) isTRUE(ask_python("available", module))

# ---- attributes, items, calls

`$.python.object` <- function(x, name) ask("dollar", x, name)
`$<-.python.object` <- function(x, name, value) {
  ask("dollar_set", x, name, value, convert = TRUE)
  x
}
`[[.python.object` <- function(x, i, ...) ask("brackets", x, i, ...)
`[.python.object` <- function(x, ...) ask("item", x, ...)
`[[<-.python.object` <- `[<-.python.object` <- function(x, ..., value) {
  ask("item_set", x, value, ..., convert = TRUE)
  x
}
py_get_attr <- function(x, name, silent = FALSE)
  if (silent && !py_has_attr(x, name)) NULL else ask("attribute", x, name, convert = FALSE)
py_set_attr <- function(x, name, value) invisible(ask("attribute_set", x, name, value, convert = TRUE))
py_has_attr <- function(x, name) isTRUE(ask("attribute_has", x, name, convert = TRUE))
py_del_attr <- function(x, name) invisible(ask("attribute_del", x, name, convert = TRUE))
py_list_attributes <- function(x) as.character(ask("attributes", x, convert = TRUE))
py_get_item <- function(x, key, silent = FALSE)
  if (silent) tryCatch(ask("item", x, key, convert = FALSE), python.error = function(e) NULL) else ask("item", x, key, convert = FALSE)
py_set_item <- function(x, name, value) invisible(ask("item_set", x, value, name, convert = TRUE))
py_del_item <- function(x, name) invisible(ask("item_del", x, name, convert = TRUE))
py_call <- function(x, ...) ask_python("call", x, ..., convert = FALSE)

py_len <- function(x, default = NULL)
  as.integer(if (is.null(default)) ask("len", x, convert = TRUE) else tryCatch(ask("len", x, convert = TRUE), python.error = function(e) default))
py_str <- function(object, ...) ask("str", object, convert = TRUE)
py_repr <- function(object) ask("repr", object, convert = TRUE)
py_bool <- function(x) ask("bool", x, convert = TRUE)
py_id <- function(object) ask("id", object, convert = TRUE)
py_help <- function(object) {
  cat(ask("help", object, convert = TRUE), sep = "\n")
  invisible()
}
py_none <- function() ask_python("eval", "None", convert = FALSE)
py_is_none <- function(x) is.null(x) || (is_py_object(x) && isTRUE(ask("is_none", x, convert = TRUE)))
py_ellipsis <- function() ask_python("eval", "...", convert = FALSE)
py_is_null_xptr <- function(x) {
  shown <- utils::capture.output(print.default(if (is.function(x)) attr(x, "python.object", TRUE) else x))
  grepl("^<pointer: (\\(nil\\)|(0x)?0+)>", shown[1L])
}
py_validate_xptr <- function(x) if (py_is_null_xptr(x)) stop("this object was Python's; saved and loaded again it is only a name")

# ---- as an object of R

print.python.object <- function(x, ...) {
  cat(py_repr(x), "\n", sep = "")
  invisible(x)
}
str.python.object <- function(object, ...) cat(" <Python ", sub("^python[.]", "", class(object)[1L]), "> ", py_repr(object), "\n", sep = "")
summary.python.object <- function(object, ...) print(object)
format.python.object <- function(x, ...) py_str(x)
as.character.python.object <- function(x, ...) {
  value <- py_to_r(x)
  if (is.atomic(value) && !is.null(value)) as.character(value) else py_str(x)
}
as.double.python.object <- function(x, ...) as.double(py_to_r(x))
as.integer.python.object <- function(x, ...) as.integer(py_to_r(x))
as.logical.python.object <- function(x, ...) py_bool(x)
as.list.python.object <- function(x, ...) {
  value <- py_to_r(x)
  if (is_py_object(value)) iterate(value, simplify = FALSE) else as.list(value)
}
as.vector.python.object <- function(x, mode = "any") as.vector(py_to_r(x), mode)
as.data.frame.python.object <- function(x, ...) as.data.frame(py_to_r(x), ...)
length.python.object <- function(x) as.integer(ask("length", x, convert = TRUE))
names.python.object <- function(x) as.character(ask("names", x, convert = TRUE))
dim.python.object <- function(x) ask("shape", x, convert = TRUE)
.DollarNames.python.object <- function(x, pattern = "") grep(pattern, names.python.object(x), value = TRUE)
Ops.python.object <- function(e1, e2) {
  convert <- (!is_py_object(e1) || converts(e1)) && (missing(e2) || !is_py_object(e2) || converts(e2))
  logical <- .Generic %in% c("==", "!=", "<", "<=", ">", ">=", "!")
  if (missing(e2)) ask_python("operate", .Generic, e1, convert = convert || logical)
  else ask_python("operate", .Generic, e1, e2, convert = convert || logical)
}

# ---- making objects

dict <- function(..., convert = FALSE) ask_python("dict", ..., convert = FALSE)
py_dict <- function(keys, values, convert = FALSE) ask_python("dict_of", as.list(keys), as.list(values), convert = FALSE)
tuple <- function(..., convert = FALSE) {
  items <- list(...)
  if (length(items) == 1L && is.list(items[[1L]])) items <- items[[1L]]
  do.call(ask_python, c(list("tuple"), unname(items), convert = FALSE))
}
py_slice <- function(start = NULL, stop = NULL, step = NULL) ask_python("slice", start, stop, step, convert = FALSE)
np_array <- function(data, dtype = NULL, order = "C")
  ask_python("array", if (is.list(data)) data else as.array(data), dtype, order, convert = FALSE)
array_reshape <- function(x, dim, order = c("C", "F")) {
  if (match.arg(order) == "F") return(array(x, dim))
  x <- as.array(x)
  aperm(array(aperm(x, rev(seq_along(dim(x)))), rev(dim)), rev(seq_along(dim)))
}
py_func <- py_main_thread_func <- function(f) r_to_py(f)
PyClass <- function(classname, defs = list(), inherit = NULL) {
  bases <- if (is.null(inherit)) list() else if (is.list(inherit)) inherit else list(inherit)
  ask_python("class", classname, bases, defs)
}
py_save_object <- function(object, filename, pickle = "pickle", ...) invisible(ask_python("save", object, filename))
py_load_object <- function(filename, pickle = "pickle", ..., convert = TRUE) ask_python("load", filename, convert = convert)
py_set_seed <- function(seed, disable_hash_randomization = TRUE) invisible(ask_python("seed", as.integer(seed)))

# ---- iteration

as_iterator <- function(x) ask_python("iter", x, convert = TRUE)
iter_next <- function(it, completed = NULL) {
  value <- ask_python("next", it, convert = FALSE)
  if (length(value) == 0L) completed else ask_python("item", value, 0, convert = converts(it))
}
iterate <- function(it, f = base::identity, simplify = TRUE) {
  convert <- if (is_py_object(it)) converts(it) else TRUE
  it <- ask_python("iter", it, convert = convert)
  values <- list()
  while (length(value <- ask_python("next", it, convert = FALSE)) > 0L) {
    result <- f(ask_python("item", value, 0, convert = convert))
    values[length(values) + 1L] <- list(result)
  }
  if (!simplify || length(values) == 0L) return(invisible(values))
  scalar <- vapply(values, function(v) is.atomic(v) && !is.object(v) && length(v) == 1L, NA)
  invisible(if (all(scalar) && length(unique(vapply(values, typeof, ""))) == 1L) unlist(values) else values)
}
py_iterator <- function(fn, completed = NULL) {
  step <- function() {
    value <- fn()
    if (!identical(value, completed)) list(value)
  }
  ask_python("iterator", step)
}
generator <- py_iterator

# ---- contexts

`%as%` <- function(object, as) structure(list(object = object, as = as.character(substitute(as))), class = "python.as")
with.python.as <- function(data, expr, ...) inside(data$object, data$as, substitute(expr), parent.frame())
with.python.object <- function(data, expr, as = NULL, ...) inside(data, as, substitute(expr), parent.frame())
inside <- function(context, as, code, frame) {
  value <- ask("enter", context)
  if (!is.null(as)) assign(as, value, envir = frame)
  left <- FALSE
  leave <- function(...) {
    left <<- TRUE
    isTRUE(ask("exit", context, ..., convert = TRUE))
  }
  on.exit(if (!left) leave())
  # Python's context is told of an error where it happens, and may call it off.
  failed <- function(e) if (leave(conditionMessage(e), inherits(e, "python.error"))) invokeRestart("called_off")
  withRestarts(withCallingHandlers(eval(code, frame), error = failed), called_off = function() invisible())
}
py_capture_output <- function(expr, type = c("stdout", "stderr")) {
  ask_python("capture_begin", as.list(type))
  text <- NULL
  on.exit(if (is.null(text)) ask_python("capture_end"))
  force(expr)
  text <- ask_python("capture_end")
  text
}
py_suppress_warnings <- function(expr) {
  ask_python("warnings_begin")
  on.exit(ask_python("capture_end"))
  force(expr)
}

# ---- errors, and what Python this is

py_last_error <- function(exception = NULL) {
  error <- ask_python("error_last")
  if (!is.null(error)) structure(error, class = "py_error")
}
py_clear_last_error <- function() invisible(ask_python("error_clear"))
print.py_error <- function(x, ...) {
  cat(x$traceback, sep = "\n")
  invisible(x)
}
py_available <- function(initialize = FALSE) TRUE
py_numpy_available <- function(initialize = FALSE) py_module_available("numpy")
py_version <- function(patch = FALSE) {
  version <- ask_python("version")$version
  numeric_version(if (patch) version else sub("[.][0-9]+$", "", version))
}
py_config <- function() structure(ask_python("version"), class = "py_config")
py_discover_config <- function(...) py_config()
py_exe <- function() py_config()$python
print.py_config <- function(x, ...) {
  cat("Python ", x$version, " (", x$implementation, ", ", x$platform, "): the notebook's own\n", sep = "")
  invisible(x)
}
py_install <- function(packages, ...)
  stop("a package is installed by a cell of its own:\n%pip install ", paste(packages, collapse = " "), call. = FALSE)
py_require <- function(packages = NULL, ...) {
  names <- sub("[^A-Za-z0-9_.-].*$", "", as.character(packages))
  missing <- names[!vapply(gsub("-", "_", names), py_module_available, NA)]
  if (length(missing)) py_install(missing)
  invisible()
}
# Environments of other Pythons: asked for, there are none; a new one would be of no use.
virtualenv_list <- function(...) character()
conda_list <- function(...) data.frame(name = character(), python = character())
virtualenv_exists <- condaenv_exists <- function(...) FALSE
virtualenv_create <- virtualenv_remove <- conda_create <- conda_remove <- function(...) other_python()
virtualenv_python <- virtualenv_root <- virtualenv_starter <- conda_binary <- conda_python <- conda_version <- function(...) other_python()
install_python <- install_miniconda <- miniconda_update <- function(...) other_python()
virtualenv_install <- conda_install <- function(envname = NULL, packages = NULL, ...)
  if (length(packages)) py_install(packages) else other_python()
other_python <- function()
  stop("there is one Python here, the notebook's own, and no other environment. %pip install ... in a cell of its own adds packages to it",
    call. = FALSE)

py_list_packages <- function(...) {
  found <- ask_python("packages")
  version <- vapply(found, as.character, "")
  data.frame(package = as.character(names(found)), version = unname(version), requirement = paste0(names(found), "==", version, recycle0 = TRUE))
}

# Python's prompt, until `exit` or `quit`; or the lines of `input`, without one.
repl_python <- function(module = NULL, quiet = TRUE, input = NULL)
  invisible(if (is.null(input)) ask_python("repl") else py_run_string(input))
use_python <- use_virtualenv <- use_condaenv <- use_miniconda <- use_python_version <- function(...) invisible()
