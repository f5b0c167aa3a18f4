"""Who is randomised: the funnel, the run-in, and both courses of each patient."""
