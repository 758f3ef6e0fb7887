# Before the first plot: load what it needs. Evaluated once, in the bridge's own environment.

# Draw a letter, so that Cairo's library and a font are there. The page is begun without plot.new(), whose hooks are the user's.
warm_graphics <- function(filename) {
  png(filename, type = "cairo")
  on.exit(grDevices::dev.off())
  .External2(graphics:::C_plot_new)
  graphics::text(0.5, 0.5, "R")
}
