"""The rules of `afteraction check`, by what they protect."""
