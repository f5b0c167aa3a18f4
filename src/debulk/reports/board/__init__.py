"""Drawings of the tumour board: SVG that needs no script and no colour."""
