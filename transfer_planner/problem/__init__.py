"""The planning problem in index space."""
