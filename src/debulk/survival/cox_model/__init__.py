"""Cox's proportional hazards model: fit, checks, residuals, predictions."""
