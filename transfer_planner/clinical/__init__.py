"""Pure clinical rules: calendars, radiobiology, priorities, mirror grades."""
