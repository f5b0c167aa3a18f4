"""Whom published studies are about, held beside one patient."""
