"""Measures against other ways to plan; not part of the package nor of its tests."""
