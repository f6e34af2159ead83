"""SAML and enterprise connections, and directories behind them. (The lead is building them.)"""
