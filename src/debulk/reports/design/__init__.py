"""A trial design as text for a protocol, as pictures, as a page and as a document."""
