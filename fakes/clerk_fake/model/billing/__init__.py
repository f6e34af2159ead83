"""Billing: plans, prices, subscriptions, statements, credits. (Being built by the lead.)"""
