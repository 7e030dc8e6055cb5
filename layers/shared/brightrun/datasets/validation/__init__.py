"""The rows of one file to a verdict and a report."""
