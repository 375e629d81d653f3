"""Prepare and run the transfer of radiotherapy patients when a centre stops treating."""
