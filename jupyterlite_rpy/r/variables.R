# Variables as they are, for completion, help and the list of variables. Nothing here calls an active binding, forces a promise of the
# user's, or asks a method of the user's. Evaluated once, in the bridge's own environment.

# What Python asks (`ask` in js/protocol.d.ts): a list of character vectors, or NULL. A question that cannot be answered has no answer.
answer <- function(question, ...) {
  ask <- get(question, envir = parent.env(environment()), inherits = FALSE)
  suppressWarnings(tryCatch(ask(...), error = function(e) NULL))
}

# What names are bound to in an environment: 0 nothing, 1 a value, 2 an active binding, 3 a promise (js/bindings.mjs has the same numbers).
binding_kinds <- function(names, env) .Call(kinds_hook, as.character(names), env)

# Those of a package wait, most of them, to be read from its file: to force these does nothing else.
is_package <- function(env) isNamespace(env) || identical(env, baseenv()) || startsWith(place_name(env), "package:")
place_name <- function(env) {
  name <- attr(env, "name", TRUE)
  if (is.character(name) && length(name) == 1L) name else ""
}

# list(value) of a name in an environment or those that it encloses it, or NULL; with `wanted` the first for which that holds.
look_up <- function(name, env = globalenv(), inherits = TRUE, wanted = function(value) TRUE) {
  while (!identical(env, emptyenv())) {
    kind <- binding_kinds(name, env)
    if (kind == 1L || (kind == 3L && is_package(env))) {
      value <- get(name, envir = env, inherits = FALSE)
      if (wanted(value)) return(list(value))
    } else if (kind != 0L) {
      return(NULL)
    }
    if (!inherits) return(NULL)
    env <- parent.env(env)
  }
  NULL
}

# Names of the elements, without a method of the user's for names().
own_names <- function(x) {
  if (is.environment(x)) ls(x, all.names = TRUE, sorted = TRUE)
  else if (isS4(x)) methods::slotNames(x)
  else as.character(attr(x, "names", TRUE))
}

# What a value is, in a word.
type_of <- function(x) {
  if (is.function(x)) return("function")
  if (is.object(x)) return(attr_class(x))
  if (!is.null(attr(x, "dim", TRUE))) return(if (length(attr(x, "dim", TRUE)) == 2L) "matrix" else "array")
  switch(typeof(x), double = "numeric", symbol = "name", language = "call", closure = , builtin = , special = "function", typeof(x))
}
attr_class <- function(x) {
  classes <- oldClass(x)
  known <- intersect(c("tbl_df", "python.object"), classes)
  if (identical(known, "tbl_df")) "tibble" else if (length(known)) sub("^python[.](builtin[.])?", "", classes[1L]) else as.character(classes[1L])
}

# c(type, size, bytes, value): each a text.
describe <- function(x) {
  size <- attr(x, "dim", TRUE)
  frame <- inherits(x, "data.frame") && is.list(x)
  if (frame) size <- c(abs(.row_names_info(x, 2L)), length(unclass(x)))
  length <- if (is.environment(x)) length(ls(x, all.names = TRUE, sorted = FALSE)) else if (typeof(x) %in% c("S4", "externalptr", "weakref")) 1L else length(unclass(x))
  c(
    type_of(x),
    if (is.function(x)) "" else if (is.null(size)) format(length, big.mark = ",") else paste(format(size, big.mark = ",", trim = TRUE), collapse = " \u00d7 "),
    if (is_shallow(x)) format(as.numeric(utils::object.size(x)), scientific = FALSE) else "NA",
    cut_line(tryCatch(short_value(x, frame), error = function(e) ""))
  )
}

# May R's C code walk through all of this? It does not look at its stack, and what is nested some thousand times deep would break R;
# what has very many parts takes time after each cell.
is_shallow <- function(x, deepest = 30L, most = 5000) {
  left <- most
  walk <- function(x, depth) {
    type <- typeof(x)
    if (type == "character") left <<- left - length(x) / 100
    if (left < 0 || depth == 0L) return(FALSE)
    if (!type %in% c("list", "language", "pairlist", "expression")) return(TRUE)
    left <<- left - length(unclass(x))
    if (left < 0) return(FALSE)
    for (item in as.list(unclass(x))) if (!missing(item) && !walk(item, depth - 1L)) return(FALSE)
    TRUE
  }
  walk(x, deepest)
}

cut_line <- function(text, most = 100L) {
  text <- gsub("[[:cntrl:]]+", " ", paste(enc2utf8(text), collapse = " "))
  if (nchar(text) > most) paste0(substr(text, 1L, most - 1L), "\u2026") else text
}

# The beginning of a value.
short_value <- function(x, frame = FALSE) {
  if (is.function(x)) return(signature_of(x, "function"))
  if (inherits(x, "python.object")) return("<Python>")
  if (frame || (is.list(x) && !isS4(x))) {
    names <- own_names(x)
    return(if (length(names)) paste(few(names), collapse = ", ") else if (length(unclass(x))) paste(few(vapply(unclass(x), type_of, "")), collapse = ", ") else "")
  }
  if (is.environment(x)) return(paste(few(ls(x)), collapse = ", "))
  if (inherits(x, "factor")) return(paste("levels:", paste(few(as.character(attr(x, "levels", TRUE))), collapse = ", ")))
  if (is.call(x) || is.symbol(x)) return(if (is_shallow(x)) deparse(as_is(x), nlines = 1L) else "")
  if (is.null(x)) return("NULL")
  if (!is.atomic(x)) return(paste0("<", type_of(x), ">"))
  # `[` and format() of these classes are R's own; those of others may be the user's.
  timed <- inherits(x, c("Date", "POSIXct", "difftime"))
  start <- if (timed) as_is(x) else as.vector(unclass(x))
  count <- length(start)
  start <- start[seq_len(min(count, 10L))]
  if (timed) class(start) <- oldClass(x)
  text <- if (inherits(x, "Date")) format.Date(start) else if (inherits(x, "POSIXct")) format.POSIXct(start, tz = tz_of(x))
    else if (is.character(start)) encodeString(substr(start, 1L, 60L), quote = '"', na.encode = TRUE)
    else format(as.vector(unclass(start)), digits = 4L, trim = TRUE)
  paste(c(text, if (count > 10L) "\u2026"), collapse = " ")
}
as_is <- function(x) {
  attributes(x) <- NULL
  x
}
tz_of <- function(x) if (is.character(zone <- attr(x, "tzone", TRUE))) zone[1L] else ""
few <- function(names, most = 12L) c(names[seq_len(min(length(names), most))], if (length(names) > most) "\u2026")

# A function as it is called: `mean(x, ...)`.
signature_of <- function(f, name) paste0(name, "(", paste(argument_texts(f), collapse = ", "), ")")
argument_texts <- function(f) {
  known <- args(f)
  if (is.null(known)) return("...")
  arguments <- formals(known)
  defaults <- vapply(arguments, function(value) paste(trimws(deparse(value, width.cutoff = 500L)), collapse = " "), "")
  paste0(names(arguments), ifelse(nzchar(defaults), " = ", ""), defaults, recycle0 = TRUE)
}

# ---- the list of variables

# Names, types, sizes, bytes, values of the global environment's variables, and "yes" for those that have a table.
list_variables <- function(most) {
  env <- globalenv()
  names <- ls(env, sorted = TRUE)
  names <- names[seq_len(min(length(names), as.integer(most)))]
  kinds <- binding_kinds(names, env)
  rows <- vapply(seq_along(names), function(i) {
    if (kinds[i] == 2L) return(c("active binding", "", "NA", "", ""))
    if (kinds[i] != 1L) return(c("promise", "", "NA", "", ""))
    x <- get(names[i], envir = env, inherits = FALSE)
    c(describe(x), if (has_table(x)) "yes" else "")
  }, character(5L))
  c(list(names), lapply(seq_len(5L), function(i) rows[i, ]))
}

has_table <- function(x) !isS4(x) && ((is.list(x) && inherits(x, "data.frame") && length(unclass(x)) > 0L) || (is.atomic(x) && is.matrix(x)))

# Heads, types, labels, cells by column, and the numbers of all rows and columns, of a data frame or a matrix.
table_rows <- function(name, start, count, most_columns) {
  here <- look_up(name, inherits = FALSE)
  if (is.null(here) || !has_table(x <- here[[1L]])) return(NULL)
  total <- if (is.list(x)) abs(.row_names_info(x, 2L)) else nrow(x)
  first <- min(as.integer(start), total)
  rows <- first + seq_len(min(as.integer(count), total - first))
  all_columns <- if (is.list(x)) length(unclass(x)) else ncol(x)
  columns <- seq_len(min(all_columns, as.integer(most_columns)))
  if (is.matrix(x)) {
    frame <- as.data.frame(unclass(x)[rows, columns, drop = FALSE], optional = TRUE)
    if (is.null(colnames(x))) names(frame) <- paste0("[,", columns, "]")
    labels <- if (is.null(rownames(x))) paste0("[", rows, ",]") else rownames(x)[rows]
  } else {
    frame <- as.data.frame(x)[rows, columns, drop = FALSE]
    labels <- as.character(attr(x, "row.names"))[rows]
  }
  cells <- lapply(frame, function(column) if (is.null(dim(column))) cell_text(column) else do.call(paste, lapply(as.data.frame(column), cell_text)))
  list(names(frame), vapply(frame, kind, ""), labels, unlist(cells, use.names = FALSE), as.character(c(total, all_columns)))
}
