"""Billing: plans, prices, subscriptions, payments, statements, credits, discounts.

No bank is asked: whether a payment succeeds is the payer's setting. Periods run on the instance's
clock; ``renewals.bring_up_to_date`` does what has become due.
"""
