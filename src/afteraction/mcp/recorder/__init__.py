"""The flight recorder: passes every byte on, keeps a framed copy. Standard library only, so that it stays tiny."""
