"""Billing: plans, prices, subscriptions, statements, credits; being built by the lead."""
