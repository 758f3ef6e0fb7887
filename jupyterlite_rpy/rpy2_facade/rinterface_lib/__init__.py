"""`rpy2.rinterface_lib`: R's errors and R's console."""
