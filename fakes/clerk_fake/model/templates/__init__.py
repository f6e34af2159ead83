"""The templates of e-mails and text messages, and what is made of them."""
