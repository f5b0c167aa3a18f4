"""Other designs on the same virtual patients: registry trial, TwiCs, single arm."""
