"""The schema's history, shipped inside the package so that a wheel can migrate."""
