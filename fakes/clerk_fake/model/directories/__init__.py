"""Directories: how an identity provider brings users and groups in, by SCIM.

Clerk has two paths and two names for the same thing; there is one here, written in both ways.
"""
