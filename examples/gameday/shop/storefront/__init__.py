"""The storefront: what customers talk to."""
