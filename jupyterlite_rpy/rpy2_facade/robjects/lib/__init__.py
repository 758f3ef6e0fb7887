"""`rpy2.robjects.lib`: R packages with Python ways of their own."""
