"""How well predicted risks hold in other patients: discrimination, calibration, usefulness."""
