# What may stand at a place of R code, and what is known about a name: questions of Python's in (completion.py), lists of texts out.
# Nothing is evaluated but variables' own values, see r/variables.R. Evaluated once, in the bridge's own environment.

most_completions <- 400L

# list(names, types), of those that begin with `part`.
found <- function(names, types, part, hidden = FALSE) {
  keep <- startsWith(names, part) & (hidden | startsWith(part, ".") | !startsWith(names, "."))
  keep <- which(keep)
  keep <- keep[seq_len(min(length(keep), most_completions))]
  list(names[keep], rep_len(types, length(names))[keep])
}

# Types of the bindings of an environment that are not asked what they are.
bound_types <- function(names, env) {
  kinds <- binding_kinds(names, env)
  package <- is_package(env)
  data <- package && identical(place_name(env), "package:datasets")
  types <- c("active binding", if (!package) "promise" else if (data) "data" else "function")[pmax(kinds - 1L, 1L)]
  values <- which(kinds == 1L)
  types[values] <- vapply(names[values], function(name) type_of(get(name, envir = env, inherits = FALSE)), "")
  types
}

# ---- names

complete_names <- function(part) {
  names <- character()
  types <- character()
  for (position in seq_along(search())) {
    env <- as.environment(position)
    # All that begins with nothing is what the user made.
    if (!nzchar(part) && position > 1L) break
    here <- names(env)
    here <- sort(setdiff(here[startsWith(here, part) & (startsWith(part, ".") | !startsWith(here, "."))], names))
    names <- c(names, here)
    types <- c(types, bound_types(here, env))
  }
  found(names, types, part)
}

# The value that a path leads to, as list(value); NULL: there is none, or one would have to compute it. The first name of `names` is a
# variable or, when the second operator is ::, a package.
follow <- function(names, operators, wanted = function(value) TRUE) {
  if (length(names) > 1L && operators[2L] %in% c("::", ":::")) {
    if (!isNamespaceLoaded(names[1L])) return(NULL)
    here <- exported(names[1L], names[2L], operators[2L])
    names <- names[-1L]
    operators <- operators[-1L]
  } else {
    here <- look_up(names[1L], wanted = if (length(names) == 1L) wanted else function(value) !is.function(value))
  }
  for (i in seq_along(names)[-1L]) {
    if (is.null(here)) return(NULL)
    here <- step_into(here[[1L]], names[i], operators[i])
  }
  here
}

exported <- function(package, name, operator) {
  namespace <- asNamespace(package)
  here <- look_up(name, namespace, inherits = FALSE)
  if (!is.null(here) && (operator == ":::" || package == "base" || name %in% getNamespaceExports(package))) return(here)
  lazy <- if (package != "base") .getNamespaceInfo(namespace, "lazydata")
  if (is.environment(lazy)) look_up(name, lazy, inherits = FALSE)
}

step_into <- function(x, name, operator) {
  if (operator == "@") return(if (isS4(x) && name %in% methods::slotNames(x)) list(attr(x, name, TRUE)))
  if (is.environment(x)) return(look_up(unquoted(name), x, inherits = FALSE))
  if (!is.list(x) || isS4(x)) return(NULL)
  if (operator == "[[" && grepl("^[0-9]+$", name)) {
    index <- as.integer(name)
    return(if (index >= 1L && index <= length(unclass(x))) list(.subset2(x, index)))
  }
  position <- match(unquoted(name), own_names(x))
  if (!is.na(position)) list(.subset2(x, position))
}

unquoted <- function(name) if (grepl("^(\".*\"|'.*')$", name)) substr(name, 2L, nchar(name) - 1L) else name

# ---- members

# list("python") for R's `py`, of which Python itself knows more.
complete_members <- function(names, operators, operator, part) {
  here <- follow(names, operators)
  if (is.null(here)) return(NULL)
  x <- here[[1L]]
  if (inherits(x, "python.main")) return(list("python"))
  if (operator == "@") {
    if (!isS4(x)) return(NULL)
    slots <- methods::getSlots(class(x))
    return(found(names(slots), unname(slots), part, hidden = TRUE))
  }
  method <- dollar_names(x)
  if (!is.null(method)) return(found(as.character(suppressWarnings(method(x, paste0("^", escaped_pattern(part))))), "member", part))
  if (is.environment(x)) return(found(n <- own_names(x), bound_types(n, x), part))
  if (!is.list(x) || isS4(x)) return(NULL)
  members <- unclass(x)
  found(own_names(x), vapply(members, type_of, ""), part, hidden = TRUE)
}

escaped_pattern <- function(text) gsub("([][\\\\.^$*+?(){}|])", "\\\\\\1", text)

# The method that a class has for being completed, which is there to be asked.
dollar_names <- function(x) {
  if (!is.object(x)) return(NULL)
  table <- asNamespace("utils")[[".__S3MethodsTable__."]]
  for (name in paste0(".DollarNames.", if (isS4(x)) methods::is(x) else oldClass(x))) {
    method <- look_up(name, wanted = is.function)
    if (!is.null(method)) return(method[[1L]])
    if (!is.null(table[[name]])) return(table[[name]])
    if (exists(name, asNamespace("utils"), inherits = FALSE)) return(get(name, asNamespace("utils")))
  }
  NULL
}

# Names between the quotes of x[["..."]].
complete_elements <- function(names, operators, part) {
  here <- follow(names, operators)
  if (is.null(here)) return(NULL)
  x <- here[[1L]]
  if (inherits(x, "python.main")) return(list("python"))
  if (isS4(x)) return(NULL)
  names <- own_names(x)
  if (is.matrix(x) && is.null(attr(x, "names", TRUE))) names <- unlist(attr(x, "dimnames", TRUE))
  found(as.character(names), "string", part, hidden = TRUE)
}

# Columns of the data that a call has.
complete_columns <- function(names, operators, part) {
  here <- follow(names, operators)
  if (is.null(here) || !is.list(here[[1L]]) || isS4(here[[1L]])) return(NULL)
  found(own_names(here[[1L]]), vapply(unclass(here[[1L]]), type_of, ""), part)
}

# ---- arguments

# `first`: a path to the first argument, or none: names; "~": it is a formula.
complete_arguments <- function(names, operators, part, given, first_names, first_operators) {
  here <- follow(names, operators, wanted = is.function)
  if (is.null(here) || !is.function(here[[1L]])) return(NULL)
  f <- here[[1L]]
  generic <- names[length(names)]
  known <- argument_names(f)
  if (length(names) == 1L || operators[2L] %in% c("::", ":::")) {
    value <- if (identical(first_names, "~")) quote(a ~ b) else if (length(first_names)) follow(first_names, first_operators)[[1L]]
    classes <- if (identical(first_names, "~")) "formula" else if (length(first_names) && !is.null(value)) .class2(value)
    for (class in c(classes, "default")) {
      method <- method_of(generic, class, f)
      if (!is.null(method)) known <- c(known, argument_names(method))
    }
  }
  known <- setdiff(unique(known), c("...", given))
  found(known, "param", part, hidden = TRUE)
}

argument_names <- function(f) {
  names <- names(formals(args(f)))
  names[nzchar(names)]
}

method_of <- function(generic, class, f) {
  name <- paste(generic, class, sep = ".")
  here <- look_up(name, wanted = is.function)
  if (!is.null(here)) return(here[[1L]])
  place <- if (is.primitive(f)) baseenv() else topenv(environment(f))
  table <- if (isNamespace(place)) place[[".__S3MethodsTable__."]] else .BaseNamespaceEnv[[".__S3MethodsTable__."]]
  method <- if (is.environment(table)) table[[name]]
  if (is.null(method) && isNamespace(place)) {
    here <- look_up(name, place, inherits = FALSE)
    method <- if (!is.null(here) && is.function(here[[1L]])) here[[1L]]
  }
  method
}

# ---- packages and files

complete_packages <- function(part) {
  installed <- unlist(lapply(.libPaths(), function(library) {
    folders <- list.files(library)
    # By the names in them alone: to look at a file of a package of R's own may mean to download it.
    folders[vapply(file.path(library, folders), function(folder) "DESCRIPTION" %in% list.files(folder), TRUE)]
  }))
  found(sort(unique(c(installed, loadedNamespaces()))), "module", part)
}

# Names after `package::`; of a package that is not loaded, as its files list them.
complete_exports <- function(package, operator, part) {
  if (isNamespaceLoaded(package)) {
    namespace <- asNamespace(package)
    lazy <- if (package != "base") .getNamespaceInfo(namespace, "lazydata")
    data <- if (is.environment(lazy)) ls(lazy, all.names = TRUE)
    names <- if (package == "base") names(namespace) else if (operator == ":::") ls(namespace, all.names = TRUE) else getNamespaceExports(package)
    names <- sort(setdiff(names[startsWith(names, part) & !startsWith(names, ".__")], data))
    types <- bound_types(names, namespace)
    return(found(c(names, data), c(types, rep("data", length(data))), part, hidden = operator == ":::"))
  }
  folder <- Find(dir.exists, file.path(.libPaths(), package))
  if (is.null(folder)) return(NULL)
  index <- function(...) if (file.exists(file <- file.path(folder, ...))) readRDS(file)
  info <- index("Meta", "nsInfo.rds")
  all <- names(index("R", paste0(package, ".rdx"))$variables)
  names <- if (operator == ":::") all else {
    matching <- unlist(lapply(info$exportPatterns, grep, all, value = TRUE))
    unique(c(info$exports, matching, info$exportMethods))
  }
  found(sort(as.character(names)), "function", part)
}

# Files by their names: in JupyterLite's drive to look what a name is takes a request to the page, some milliseconds.
names_of_files <- "[.](csv|feather|gz|html|ipynb|jpe?g|json|md|parquet|pdf|png|py|qmd|r|rda|rdata|rds|rmd|svg|tsv|txt|xlsx?|zip)$"

complete_files <- function(folder, part) {
  place <- if (nzchar(folder)) path.expand(folder) else "."
  names <- list.files(place, all.files = startsWith(part, "."), no.. = TRUE)
  names <- names[startsWith(names, part)]
  unsure <- !grepl(names_of_files, names, ignore.case = TRUE)
  folders <- replace(unsure, unsure, dir.exists(file.path(place, names[unsure])))
  found(paste0(names, ifelse(folders, "/", "")), "path", part, hidden = TRUE)
}

# ---- help

# Lines about what a path leads to, or none. With `detail`, the whole page, or the whole function.
explain <- function(names, operators, detail) {
  here <- follow(names, operators)
  if (is.null(here)) return(NULL)
  x <- here[[1L]]
  name <- names[length(names)]
  if (inherits(x, c("python.object", "python.main"))) return(NULL)
  if (!is.function(x)) {
    page <- if (length(names) == 1L && binding_kinds(name, globalenv()) == 0L) help_page(name, paths_to(name), detail)
    return(list(c(about_value(name, x), page)))
  }
  place <- if (is.primitive(x)) baseenv() else environment(x)
  home <- if (is.environment(place)) topenv(place)
  page <- if (identical(home, baseenv()) || isNamespace(home)) help_page(name, system.file(package = getNamespaceName(home)), detail)
  if (is.null(page) && nzchar(detail) && !is.null(source <- attr(x, "srcref", TRUE))) page <- c("", as.character(source))
  list(c(if (!is.null(args(x))) wrapped_signature(x, name), page))
}

# Broken between arguments only.
wrapped_signature <- function(f, name) {
  arguments <- gsub(" ", "\u00a0", argument_texts(f), fixed = TRUE)
  lines <- strwrap(paste0(name, "(", paste(arguments, collapse = ", "), ")"), 80L, exdent = nchar(name) + 1L)
  gsub("\u00a0", " ", lines, fixed = TRUE)
}

about_value <- function(name, x) {
  about <- describe(x)
  head <- paste0(name, ": ", about[1L], if (nzchar(about[2L])) paste0(" [", about[2L], "]"))
  if (!is.list(x) || isS4(x) || !length(names <- own_names(x))) return(c(head, about[4L]))
  shown <- seq_len(min(length(names), 25L))
  texts <- vapply(unclass(x)[shown], function(member) paste(c("", describe(member)[c(1L, 4L)]), collapse = "  "), "")
  c(head, paste0("  $ ", format(names[shown]), texts), if (length(names) > 25L) "  \u2026")
}

# Folders of the attached packages, that first which has a variable.
paths_to <- function(name) {
  paths <- searchpaths()
  has <- vapply(seq_along(paths), function(position) binding_kinds(name, as.environment(position)) > 0L, TRUE)
  paths[order(!has)]
}

# Title, description and usage of the page about a topic; with `detail` all of it. NULL: there is none. `folders`: of packages.
help_page <- function(topic, folders, detail) {
  for (folder in folders) {
    index <- file.path(folder, "help", "aliases.rds")
    file <- if (file.exists(index)) readRDS(index)[topic] else NA
    if (is.na(file)) next
    if (nzchar(detail)) return(c("", gsub(".\b", "", page_text(utils:::.getHelpFile(file.path(folder, "help", file))))))
    # Without the references to the page's source, which take most of the time that R's own way to it takes.
    base <- file.path(folder, "help", basename(folder))
    index <- readRDS(paste0(base, ".rdx"))
    page <- lazyLoadDBfetch(index$variables[[file]], paste0(base, ".rdb"), index$compressed, function(reference) emptyenv())
    tags <- vapply(page, attr, "", "Rd_tag")
    section <- function(tag) if (tag %in% tags) trimws(rd_text(page[[match(tag, tags)]]))
    return(c("", paste0(section("\\title"), " {", basename(folder), "}"), "", paragraphs(section("\\description")), "Usage:", "", strsplit(section("\\usage"), "\n")[[1L]]))
  }
  NULL
}

paragraphs <- function(text) unlist(lapply(strsplit(gsub("--", "\u2013", text, fixed = TRUE), "\n[[:space:]]*\n")[[1L]], function(p) c(strwrap(p, 80L), "")))

# The text of a piece of a help page. R's own Rd2txt does more, and takes a hundred times as long.
rd_text <- function(piece) {
  tag <- attr(piece, "Rd_tag")
  if (is.character(piece)) return(if (identical(tag, "COMMENT")) "" else paste(piece, collapse = ""))
  text <- function(i) rd_text(piece[[i]])
  inside <- function() paste(vapply(piece, rd_text, ""), collapse = "")
  switch(if (is.null(tag)) "" else tag,
    "\\method" = , "\\S3method" = paste0("## ", if (text(2L) == "default") "Default S3 method" else paste0("S3 method for class '", text(2L), "'"), ":\n", text(1L)),
    "\\S4method" = paste0("## S4 method for signature '", text(2L), "':\n", text(1L)),
    "\\dots" = , "\\ldots" = "...",
    "\\R" = "R",
    "\\sQuote" = paste0("\u2018", inside(), "\u2019"),
    "\\dQuote" = paste0("\u201c", inside(), "\u201d"),
    "\\code" = , "\\pkg" = , "\\command" = , "\\option" = paste0("\u2018", inside(), "\u2019"),
    "\\eqn" = , "\\deqn" = , "\\href" = text(length(piece)),
    "\\if" = if (text(1L) %in% c("text", "TRUE")) text(2L) else "",
    "\\ifelse" = if (text(1L) %in% c("text", "TRUE")) text(2L) else text(3L),
    "\\figure" = "",
    inside()
  )
}
