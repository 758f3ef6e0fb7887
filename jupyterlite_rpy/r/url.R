# What file(), url() and download.file() do before they open an address: it is fetched, by js/download.mjs, and what came is
# there when they ask for it. What did not come is an R error that says why. Besides, addresses may be relative to the site
# that the notebook belongs to, and methods of download.file() that this R was built without mean the one that it has.
#
# `site` is the address of the site, NULL outside of a browser; `fetch` is a routine for .Call.

absolute_address <- function(address) {
  if (!is.character(address)) return(address)
  address <- sub("^//", paste0(sub("//.*", "", if (is.null(site)) "https:" else site), "//"), address)
  relative <- !grepl("^[A-Za-z][A-Za-z0-9+.-]*:", address)
  if (any(relative)) {
    if (is.null(site)) {
      stop(address[relative][1L], " is no complete address\nHint: write it like https://host/path; relative ones refer to ",
           "a site, and there is none outside of a browser", call. = FALSE)
    }
    rooted <- relative & startsWith(address, "/")
    address[rooted] <- paste0(sub("^([a-z]+://[^/]*).*", "\\1", site), address[rooted])
    address[relative & !rooted] <- paste0(site, address[relative & !rooted])
  }
  # It becomes part of a program of JavaScript.
  for (i in seq_along(meaningful)) address <- gsub(meaningful[i], names(meaningful)[i], address, fixed = TRUE)
  address
}
meaningful <- c("%60" = "`", "%5C" = "\\", "%24%7B" = "${")

# The address, once it is known that it can be read. `call` is what an error is said to be in.
fetched <- function(address, headers = NULL, call = sys.call(-1L)) {
  address <- absolute_address(address)
  if (is.character(address) && length(address) == 1L && grepl("^(https?|ftps?)://", address)) {
    problem <- .Call(fetch, address, if (length(headers)) paste0(names(headers), ": ", headers) else character())
    if (!is.null(problem)) stop(simpleError(problem, call))
  }
  address
}

unwritable <- function(path) {
  if (dir.exists(path)) return("Is a directory")
  if (file.exists(path)) return(if (file.access(path, 2L) != 0L) "Permission denied")
  if (!dir.exists(dirname(path))) return("No such file or directory")
  if (file.access(dirname(path), 2L) != 0L) "Permission denied"
}

internal_method <- function(method) {
  if (method[1L] %in% c("libcurl", "curl", "wget", "wininet", "lynx")) "auto" else method
}

# One file after the other, each by way of a name that cannot be misread in a program of JavaScript.
download_each <- function(url, destfile, headers, call, again) {
  if (length(url) != length(destfile)) stop("lengths of 'url' and 'destfile' must match", call. = FALSE)
  status <- 0L
  for (i in seq_along(url)) {
    reason <- unwritable(path.expand(destfile[i]))
    if (!is.null(reason)) stop(sprintf("cannot open destfile '%s', reason '%s'", destfile[i], reason), call. = FALSE)
    safe <- if (grepl("[`$\\]", destfile[i])) tempfile() else destfile[i]
    status <- max(status, again(fetched(url[i], headers, call), safe))
    if (safe != destfile[i]) {
      file.copy(safe, destfile[i], overwrite = TRUE)
      unlink(safe)
    }
  }
  invisible(status)
}

local({
  replace <- function(name, namespace, begin) {
    f <- get(name, namespace)
    body(f) <- call("{", begin, body(f))
    attached <- paste0("package:", sub("^namespace:", "", environmentName(namespace)))
    for (place in list(namespace, if (attached %in% search()) as.environment(attached))) {
      if (is.null(place)) next
      unlockBinding(name, place)
      assign(name, f, place)
      lockBinding(name, place)
    }
  }
  replace("url", baseenv(), bquote(description <- .(fetched)(description, headers)))
  replace("file", baseenv(), bquote(
    if (is.character(description) && any(startsWith(description, c("http:", "https:", "ftp:", "ftps:")))) description <- .(fetched)(description)
  ))
  replace("download.file", asNamespace("utils"), bquote({
    method <- .(internal_method)(if (missing(method)) getOption("download.file.method", default = "auto") else method)
    if (!isTRUE(list(...)$.one)) {
      return(.(download_each)(url, destfile, headers, sys.call(), function(url, destfile) {
        utils::download.file(url, destfile, method, quiet, mode, cacheOK, extra, headers, .one = TRUE)
      }))
    }
  }))
})
