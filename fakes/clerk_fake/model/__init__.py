"""The rules of Clerk: entities, and the commands that change them.

A command checks everything first, then changes the state and appends its event in one call; it
either happens wholly or not at all. Faces call commands and know no rules.
"""
