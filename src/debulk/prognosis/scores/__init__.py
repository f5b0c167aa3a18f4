"""Published scores read from files, given to patients, and held against their survival."""
