"""Machines: parts of somebody's back end that talk to each other with tokens of their own."""
