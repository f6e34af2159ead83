"""Enterprise connections: where the users of a company sign in, by SAML or by OpenID Connect.

Clerk has an older and a newer set of operations for the same thing; there is one noun here.
"""
