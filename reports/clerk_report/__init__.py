"""Evidence in, a report that a person believes out."""
