# R packages: what is installed, what code asks for, and new ones moved into the library all at once. Python finds and fetches them
# (rpackages/); install.packages() asks it to. Evaluated once, in the bridge's own environment.

# In place of utils::install.packages, which looks for packages that this R cannot load. `again`: also what is there in that version.
install_packages <- function(pkgs, lib, repos, ..., quiet = FALSE, again = FALSE) {
  if (missing(pkgs) || !is.character(pkgs)) stop("'pkgs' must be names of packages, such as c(\"jsonlite\", \"R6\")")
  lib <- if (missing(lib) || is.null(lib)) "" else normalizePath(lib[1L], mustWork = FALSE)
  # `repos = NULL` means files; a CRAN mirror has nothing for this R, so it stands for "the usual places".
  own <- if (missing(repos)) character() else grep("cran", as.character(repos), value = TRUE, invert = TRUE, ignore.case = TRUE)
  own <- own[own != "@CRAN@"]
  problem <- ask_python("install_packages", as.list(pkgs), as.list(own), lib, isTRUE(quiet), isTRUE(again))
  if (nzchar(problem)) {
    stop(structure(class = c("packageInstallError", "error", "condition"), list(message = problem, call = sys.call())))
  }
  invisible()
}

local({
  replacement <- install_packages
  for (place in list(asNamespace("utils"), as.environment("package:utils"))) {
    unlockBinding("install.packages", place)
    assign("install.packages", replacement, place)
    lockBinding("install.packages", place)
  }
})

own_packages <- c(
  "base", "compiler", "datasets", "grDevices", "graphics", "grid", "methods", "parallel", "splines", "stats", "stats4", "tcltk",
  "tools", "translations", "utils", "webr",
  "reticulate" # the stand-in of r/python.R
)

# Lines of name, tab, version: what is in the library besides R's own packages.
installed_packages <- function() {
  found <- character()
  for (library in rev(.libPaths())) {
    for (name in setdiff(list.files(library), own_packages)) {
      description <- tryCatch(readRDS(file.path(library, name, "Meta", "package.rds"))$DESCRIPTION, error = function(e) NULL)
      if (!is.null(description)) found[[name]] <- description[["Version"]]
    }
  }
  paste(names(found), found, sep = "\t", collapse = "\n")
}

# The packages that code names and that are not there: library(x), require("x"), x::y, anywhere in it.
packages_in <- function(code) {
  code <- tryCatch(parse(text = code, keep.source = FALSE), error = function(e) NULL)
  found <- character()
  note <- function(name) if (is.character(name) || is.symbol(name)) found <<- c(found, as.character(name))
  look <- function(x) {
    if (is.call(x)) {
      head <- x[[1L]]
      if (is.symbol(head) && length(x) > 1L) {
        head <- as.character(head)
        named <- !("character.only" %in% names(x))
        if (head %in% c("library", "require") && named) note(x[[2L]])
        else if (head %in% c("requireNamespace", "loadNamespace") && is.character(x[[2L]])) note(x[[2L]])
        else if (head %in% c("::", ":::")) note(x[[2L]])
      }
      for (part in as.list(x)) if (!missing(part)) look(part)
    } else if (is.pairlist(x) || is.expression(x)) {
      for (part in as.list(x)) if (!missing(part)) look(part)
    }
  }
  look(code)
  found <- setdiff(found[nzchar(found)], "reticulate")
  paste(found[!vapply(found, function(name) length(find.package(name, quiet = TRUE)) > 0L, NA)], collapse = " ")
}

# ---- installing: a folder beside the library takes what is written and built, and is renamed into the library at the end.

begin_stage <- function(library) {
  if (!nzchar(library)) library <- .libPaths()[1L]
  if (!dir.exists(library)) stop("there is no folder ", library)
  stage <- tempfile(".installing-", library)
  if (!dir.create(stage, showWarnings = FALSE)) stop("nothing can be written into ", library)
  stage
}

end_stage <- function(stage) invisible(unlink(stage, recursive = TRUE))

# Write one package; build it if it is source. `paths` and `sizes` tell how `content` is to be cut.
stage_package <- function(stage, name, source, paths, sizes, content) {
  paths <- strsplit(paths, "\n", fixed = TRUE)[[1L]]
  ends <- cumsum(as.numeric(strsplit(sizes, " ", fixed = TRUE)[[1L]]))
  starts <- c(0, ends)[seq_along(ends)] + 1
  folder <- file.path(stage, if (source) file.path(".source", name) else name)
  for (below in unique(c("", dirname(paths)))) dir.create(file.path(folder, below), FALSE, TRUE)
  for (i in seq_along(paths)) {
    bytes <- if (ends[i] >= starts[i]) content[starts[i]:ends[i]] else raw()
    writeBin(bytes, file.path(folder, paths[i]))
  }
  if (source) build_package(folder, stage, name)
  invisible()
}

# What R CMD INSTALL does for a package of R code alone. It would run R in processes of its own, which this R has not.
build_package <- function(source, stage, name) {
  out <- file.path(stage, name)
  dir.create(out)
  reload <- unload(name) # it is loaded for a moment, and must not be yet
  before <- options()
  on.exit({
    options(before) # makeLazyLoading() leaves warn = 1 behind, for a process of its own
    if (reload) try(attachNamespace(name), silent = TRUE)
  })
  quietly <- function(expr) suppressMessages(withCallingHandlers(expr, packageStartupMessage = function(m) tryInvokeRestart("muffleMessage")))
  if (!file.exists(file.path(source, "NAMESPACE"))) stop("its source has no file NAMESPACE")
  libraries <- .libPaths()
  tools:::.install_package_description(source, out)
  file.copy(file.path(source, "NAMESPACE"), out)
  for (file in c("LICENSE", "LICENCE", "NEWS.md", "NEWS")) if (file.exists(file.path(source, file))) file.copy(file.path(source, file), out)
  if (dir.exists(inst <- file.path(source, "inst"))) {
    file.copy(list.files(inst, full.names = TRUE, all.files = TRUE, no.. = TRUE), out, recursive = TRUE)
  }
  tools:::.install_package_namespace_info(source, out)
  if (dir.exists(file.path(source, "R"))) {
    tools:::.install_package_code_files(source, out)
    # For the code only: it must find what is staged as well, but keep R's own list as it is.
    on.exit(.libPaths(libraries), add = TRUE)
    .libPaths(c(stage, libraries))
    if (file.exists(data <- file.path(source, "R", "sysdata.rda"))) tools:::sysdata2LazyLoadDB(data, file.path(out, "R"))
    quietly(tools:::makeLazyLoading(name, lib.loc = stage))
    unload(name)
  }
  if (dir.exists(data <- file.path(source, "data"))) {
    dir.create(file.path(out, "data"))
    file.copy(list.files(data, full.names = TRUE), file.path(out, "data"), recursive = TRUE)
    lazy <- tolower(read.dcf(file.path(source, "DESCRIPTION"), "LazyData")[1L])
    if (lazy %in% c("true", "yes")) quietly(tools:::data2LazyLoadDB(name, stage))
  }
  tools:::.install_package_demos(source, out)
  quietly(tools:::.install_package_Rd_objects(source, out))
  quietly(tools:::.install_package_indices(source, out))
  if (dir.exists(file.path(source, "man"))) utils::capture.output(quietly(tools:::.writePkgIndices(source, out)))
}

# Forget a loaded package; TRUE if it was attached.
unload <- function(name) {
  attached <- paste0("package:", name) %in% search()
  if (isNamespaceLoaded(name)) {
    tryCatch(unloadNamespace(name), error = function(e) .Internal(unregisterNamespace(name)))
  }
  attached
}

# Move what is staged into the library: all of it, or the library is as it was. Returns what is to be said about it.
commit_stage <- function(stage) {
  library <- dirname(stage)
  names <- list.files(stage)
  old <- file.path(stage, ".old")
  dir.create(old)
  moved <- character()
  on.exit(for (name in rev(moved)) {
    unlink(file.path(library, name), recursive = TRUE)
    if (dir.exists(file.path(old, name))) file.rename(file.path(old, name), file.path(library, name))
  })
  rename <- function(from, to) if (!suppressWarnings(file.rename(from, to))) stop("it cannot be moved to ", to)
  for (name in names) {
    moved <- c(moved, name)
    if (dir.exists(file.path(library, name))) rename(file.path(library, name), file.path(old, name))
    rename(file.path(stage, name), file.path(library, name))
  }
  on.exit()
  busy <- character()
  for (name in names) {
    for (file in list.files(file.path(library, name), "[.]rdb$", recursive = TRUE, full.names = TRUE)) .Internal(lazyLoadDBflush(file))
    if (!isNamespaceLoaded(name)) next
    attached <- paste0("package:", name) %in% search()
    free <- tryCatch({
      unloadNamespace(name)
      TRUE
    }, error = function(e) FALSE)
    if (!free) busy <- c(busy, name) else if (attached) try(attachNamespace(name), silent = TRUE)
  }
  if (length(busy)) paste0("In use by others, and the old one until the kernel is restarted: ", paste(busy, collapse = ", ")) else ""
}

# ---- a package of the library as bytes

# Lines of path, tab, size.
package_listing <- function(name) {
  folder <- find.package(name)
  paths <- list.files(folder, recursive = TRUE, all.files = TRUE)
  paste(paths, file.size(file.path(folder, paths)), sep = "\t", collapse = "\n")
}

package_content <- function(name) {
  folder <- find.package(name)
  paths <- list.files(folder, recursive = TRUE, all.files = TRUE, full.names = TRUE)
  unlist(lapply(paths, function(path) readBin(path, "raw", file.size(path))))
}

# ---- after R had to be started afresh

# What was attached in the R before and is installed again only now (see attach_again).
attach_restored <- function() {
  names <- not_attached
  not_attached <<- character()
  for (name in names) attach_again(name)
  invisible()
}

# Packages of a folder whose files stay (files.py) are found first, and new ones go there. FALSE: R does not see that folder.
use_library <- function(folder) {
  if (!dir.exists(folder)) return(FALSE)
  .libPaths(c(folder, .libPaths()))
  attach_restored()
  TRUE
}

not_attached <- character()

# What to add to R's own words when a package is not there.
missing_hint <- function(name) {
  sprintf("\nHint: install.packages(\"%s\") installs it, with what it needs, if it is built for WebAssembly", name)
}
