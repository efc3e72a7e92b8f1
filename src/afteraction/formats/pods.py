"""Pod names become service names: `cart-579f59597d-wc2lz` goes in, `cart` comes out.

Only suffixes in the alphabet that Kubernetes generates are cut, so that a name without one stays as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache

_GENERATED = re.compile(r"-(?:(?:[bcdfghjklmnpqrstvwxz2456789]{6,10}|\d{8,10})-)?[bcdfghjklmnpqrstvwxz2456789]{5}$")
"""A ReplicaSet's hash and a pod's suffix, or the suffix alone (k8s.io/apimachinery/pkg/util/rand: no vowels, no 0, 1, 3).

Hashes before Kubernetes 1.12 are plain numbers. A word such as `checker` is no hash and stays."""


@lru_cache(maxsize=65_536)
def service_of_pod(name: str) -> str:
    """Cut the generated suffix of a Deployment's, DaemonSet's or Job's pod off its name."""
    return _GENERATED.sub("", name)
