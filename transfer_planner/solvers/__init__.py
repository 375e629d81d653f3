"""Engines that solve a problem; the only place that imports OR-Tools."""
