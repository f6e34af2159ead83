"""SAML and enterprise connections, and directories behind them; the lead is building them."""
