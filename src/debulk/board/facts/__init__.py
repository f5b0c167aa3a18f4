"""What is known of a case: counts and extent, lesions, plans of local treatment."""
