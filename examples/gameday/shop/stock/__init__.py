"""Stock: reserves the items of a basket."""
