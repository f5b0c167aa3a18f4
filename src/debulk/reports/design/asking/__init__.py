"""From what is asked of a design, by flags, a file or a page, to its whole answer."""
