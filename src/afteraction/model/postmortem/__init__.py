"""The post-mortem as a typed model: one module per part of the template; the template's words stand beside each field."""
