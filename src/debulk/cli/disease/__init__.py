<<<<<<< HEAD
"""`debulk disease`: what the disease model gives, beside what was published."""
=======
"""`debulk disease`: what the disease model says, beside the data."""
>>>>>>> d-base
