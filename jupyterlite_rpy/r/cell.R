# What a failed evaluation leaves for Python, and source references for a cell. Evaluated once, in the bridge's own environment.

# Called by R itself for an error or an interrupt that nothing in the cell caught. The condition is kept, then R unwinds silently:
# Python shows the message, so R's console must not print it a second time.
on_condition <- function(condition) {
  failure$condition <- condition
  failure$calls <- user_calls(sys.calls())
  if (is.function(handler <- getOption("error"))) handler() else if (is.language(handler)) eval(handler, globalenv())
  base::assign(".Traceback", rev(failure$calls), envir = baseenv())
  invokeRestart("abort")
}

failure <- new.env()

# The stack as the user wrote it, outermost first, as R's own traceback() would show it: without the bridge's call at the bottom and
# without the frames that R puts between stop() and the handler.
user_calls <- function(calls) {
  calls <- calls[-length(calls)]
  hidden <- function(call) {
    head <- call[[1L]]
    identical(head, quote(h)) || identical(head, quote(.handleSimpleError)) || identical(head, quote(.signalSimpleWarning)) ||
      is.function(head)
  }
  while (length(calls) && hidden(calls[[length(calls)]])) calls <- calls[-length(calls)]
  # An exception of Python: the user called a Python function, not what carries the call there.
  carrier <- length(calls) - 1L
  if (carrier > 0L && identical(calls[[carrier]][[1L]], quote(raise_python))) {
    calls <- without_bridge(calls[seq_len(carrier - 1L)])
  }
  if (length(calls) > 60L) calls <- c(calls[1:30], quote(...), calls[length(calls) - 29:0])
  lapply(calls, function(call) {
    lines <- deparse(call, nlines = 4L)
    if (length(lines) > 3L) lines <- c(lines[1:3], "...")
    lines
  })
}

# list(message, call, class, traceback, python) of the last failure, and forget it. NULL when R itself unwound without a condition
# (its own C stack limit).
take_failure <- function() {
  condition <- failure$condition
  calls <- failure$calls
  rm(list = ls(failure, all.names = TRUE), envir = failure)
  if (is.null(condition)) return(NULL)
  call <- conditionCall(condition)
  # R names its innermost builtin where no function of the user was running: then that is the bridge's own.
  if (is.call(call) && identical(call[[1L]], quote(.Call)) && typeof(call[[2L]]) == "externalptr") call <- NULL
  message <- tryCatch(conditionMessage(condition), error = function(e) "(its message could not be made)")
  message <- paste(as.character(message), collapse = "\n")
  if (inherits(condition, "packageNotFoundError") && is.character(condition$package)) message <- paste0(message, missing_hint(condition$package[1L]))
  list(
    message = message,
    call = if (is.null(call)) character() else paste(deparse(call, nlines = 2L)[1L]),
    class = class(condition),
    traceback = vapply(calls, paste, "", collapse = "\n"),
    python = if (is.null(condition$python)) -1 else as.double(condition$python)
  )
}

# The source file that parse() would make with keep.source = TRUE, so that functions print as they were written.
source_file <- function(code, name) srcfilecopy(name, strsplit(code, "\n", fixed = TRUE)[[1L]])

# R's own words for code that does not parse, with the line and a caret.
parse_problem <- function(code, name) {
  condition <- tryCatch(
    {
      suppressWarnings(parse(text = code, keep.source = TRUE, srcfile = source_file(code, name)))
      NULL
    },
    error = identity
  )
  if (is.null(condition)) "" else conditionMessage(condition)
}

# Attach a package that was attached before R had to be started again.
attach_again <- function(name) {
  done <- suppressWarnings(require(name, character.only = TRUE, quietly = TRUE))
  if (!done) not_attached <<- c(not_attached, name) # once it is installed again (packages.R)
  done
}

# A variable as bytes, or an error where bytes cannot carry it: what it means lives in Python, not in R.
to_bytes <- function(name) {
  value <- get(name, globalenv())
  if (inherits(value, "python.object")) stop("belongs to Python")
  serialize(value, NULL)
}
