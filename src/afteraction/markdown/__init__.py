"""The text form of a post-mortem: render and parse, bound by laws."""
