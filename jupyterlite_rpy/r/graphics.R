# The cell's graphics device: opened by the first drawing, a page image for each page, and a copy of the page being drawn on.

# list(type, width, height, pointsize, bg, res, scale): set before each cell. png: width and height in pixels as displayed at
# `res` ppi, drawn `scale` times as dense. svg: in inches.
spec <- list(type = "png", width = 480, height = 480, pointsize = 12, bg = "white", res = 72, scale = 2)

# The device that was opened last: its number, and by which files it is known (the user may close it and open another of that number).
own <- list(number = 0L, files = "")

open_file <- function(filename) {
  if (spec$type == "svg") {
    svg(filename, width = spec$width, height = spec$height, pointsize = spec$pointsize, bg = spec$bg, onefile = FALSE)
  } else {
    png(filename, width = spec$width * spec$scale, height = spec$height * spec$scale, units = "px", pointsize = spec$pointsize,
      bg = spec$bg, res = spec$res * spec$scale, type = "cairo")
  }
}

# R calls this (options("device")) when something draws and no device is open, or for dev.new(): that finishes the page before.
open_device <- function(...) {
  current <- if (own$number %in% grDevices::dev.list()) attr(.Devices[[own$number]], "filepath")
  if (identical(current, own$files)) grDevices::dev.off(own$number)
  files <- .Call(next_files)
  open_file(files)
  # The display list lets an unfinished page be copied to a file while the cell goes on drawing on it.
  grDevices::dev.control("enable")
  own <<- list(number = grDevices::dev.cur(), files = files)
  .Call(opened, own$number)
  invisible()
}

# Draw the page on device `number` into `filename`.
copy_page <- function(number, filename) {
  current <- grDevices::dev.cur()
  on.exit(if (current %in% grDevices::dev.list()) grDevices::dev.set(current))
  grDevices::dev.set(number)
  grDevices::dev.copy(function() open_file(filename))
  grDevices::dev.off()
}

# Finish the last page of device `number`; whichever device the user had current stays so.
close_device <- function(number) if (number %in% grDevices::dev.list()) grDevices::dev.off(number)

# Is this call, by name, one of R's own graphics functions? Then the page is about to be drawn on again, or to be finished.
draws <- function(call) {
  if (!is.call(call) || !is.symbol(call[[1L]])) return(FALSE)
  f <- get0(as.character(call[[1L]]), globalenv(), mode = "function")
  identical(f, base::plot) || (is.function(f) && any(environmentName(environment(f)) == c("graphics", "grDevices", "grid")))
}

set_spec <- function(type, width, height, pointsize, bg, res, scale) {
  spec <<- list(type = type, width = width, height = height, pointsize = pointsize, bg = bg, res = res, scale = scale)
}
