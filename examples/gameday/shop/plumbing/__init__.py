"""What every service of the shop is built from: an HTTP server, calls, metrics, spans and logs."""
