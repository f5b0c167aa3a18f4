"""Estimands by ICH E9(R1) side by side: their truth, and what usual estimators make of them."""
