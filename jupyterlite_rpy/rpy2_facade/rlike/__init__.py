"""`rpy2.rlike`: Python containers that are like R's."""
