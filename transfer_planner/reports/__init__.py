"""What people read: tables, sheets, maps."""
