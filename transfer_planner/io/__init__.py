"""Formats that can be read back; every fault of a file is reported at once."""
