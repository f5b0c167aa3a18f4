"""Design of survival trials whose hazards are not proportional."""
