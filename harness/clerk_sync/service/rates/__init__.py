"""How much each source may send: the rate limits of the webhook, the API and failed proofs."""
