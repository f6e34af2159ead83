"""OAuth access tokens: with what an application acts for those who let it."""
