"""Orders: prices a basket, checks the customer's credit, reserves stock, writes the order."""
