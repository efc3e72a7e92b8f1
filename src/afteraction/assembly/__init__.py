"""Settings become a running application: the only place that names concrete classes."""
