"""Pictures and pages of published evidence."""
