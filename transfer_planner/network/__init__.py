"""Functions on a plain networkx graph of the centres."""
