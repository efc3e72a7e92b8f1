"""The fifth batch: written after the first four had been mended for, before the engine had run on any of it."""

from __future__ import annotations

from building import NONE, Build


def swapped_arguments() -> Build:
    title = "cleanup: keyword arguments for transfer"
    b = Build(name="swapped-arguments", cause=title, services=("bank-web", "transfers", "statements"), onset=60,
              quiet=("transfer ok", "statement shown", "login ok"))  # fmt: skip
    b.ship(
        59,
        "transfers",
        title,
        "transfers/api.py",
        "--- a/transfers/api.py\n+++ b/transfers/api.py\n-    move(source, target, amount)\n+    move(source=target, target=source, amount=amount)\n",
    )
    b.ship(58, "transfers", "docs: describe the fee table", "docs/fees.md", None)
    b.ship(
        59.5,
        "bank-web",
        "feat: copy the iban",
        "bank-web/iban.ts",
        "--- a/bank-web/iban.ts\n+++ b/bank-web/iban.ts\n+navigator.clipboard.writeText(iban);\n",
    )
    b.measure("transfers", "rejected_transfers_ratio", 0.01, 0.64)
    b.measure("statements", "balance_mismatch_total", 0, 40, 61)
    b.measure("bank-web", "error_ratio", 0.002, 0.2, 61)
    for s in ("bank-web", "transfers", "statements"):
        b.measure(s, "requests_per_second", 31)
    b.complain("transfers", "ERROR", "InsufficientFunds: account # has balance 0 (api.py:88 in create_transfer)", 0.3)
    b.complain("bank-web", "ERROR", "transfer refused: 422", 0.5, 61)
    b.alert(63, "transfers", "rejected_transfers_ratio", "transfers rejected", 0.64)
    return b


def one_replica() -> Build:
    title = "chart: scale down overnight pool"
    b = Build(name="one-replica", cause=title, services=("chat-ui", "chat-api", "presence"), onset=66,
              quiet=("message sent", "typing", "presence pong"))  # fmt: skip
    b.ship(
        50,
        "chat-api",
        title,
        "charts/chat-api/values.yaml",
        "--- a/charts/chat-api/values.yaml\n+++ b/charts/chat-api/values.yaml\n autoscaling:\n-  minReplicas: 12\n-  maxReplicas: 40\n+  minReplicas: 1\n+  maxReplicas: 2\n",
    )
    b.ship(
        63,
        "chat-api",
        "refactor: message model",
        "chat-api/message.go",
        "--- a/chat-api/message.go\n+++ b/chat-api/message.go\n-type Msg struct { ID string }\n-func (m Msg) Key() string { return m.ID }\n+type Message struct { ID string }\n+func (m Message) Key() string { return m.ID }\n",
    )
    b.ship(
        64,
        "presence",
        "chore: bump go to 1.22.3",
        "presence/Dockerfile",
        "--- a/presence/Dockerfile\n+++ b/presence/Dockerfile\n-FROM golang:1.22.2\n+FROM golang:1.22.3\n",
    )
    b.measure("chat-api", "kube_deployment_replicas", 14, 2, 51, whole=True)
    b.measure("chat-api", "cpu_percent", 35, 100, 58)
    b.measure("chat-api", "latency_p95_ms", 45, 3900)
    b.measure("chat-ui", "error_ratio", 0.002, 0.25, 67)
    for s in ("chat-ui", "chat-api", "presence"):
        b.measure(s, "requests_per_second", 700)
    b.complain("chat-api", "ERROR", "accept queue overflow, # connections dropped", 0.3)
    b.complain("chat-ui", "ERROR", "chat-api: 503 upstream connect error", 0.4, 67)
    b.alert(70, "chat-api", "latency_p95_ms", "chat slow", 3900)
    return b


def eager_eviction() -> Build:
    title = "redis: cap memory"
    b = Build(name="redis-cap", cause=title, services=("market", "sessions", "session-redis"), onset=61,
              quiet=("session hit", "page ok", "PING"))  # fmt: skip
    b.ship(
        52,
        "session-redis",
        title,
        "ops/redis/session.conf",
        "--- a/ops/redis/session.conf\n+++ b/ops/redis/session.conf\n-maxmemory 4gb\n+maxmemory 128mb\n maxmemory-policy allkeys-lru\n",
    )
    b.ship(
        60,
        "sessions",
        "refactor: session codec",
        "sessions/codec.py",
        "--- a/sessions/codec.py\n+++ b/sessions/codec.py\n-    raw = json.dumps(data)\n-    return raw.encode()\n+    return to_bytes(data)\n",
    )
    b.ship(
        59,
        "market",
        "feat: sort by newest",
        "market/sort.ts",
        "--- a/market/sort.ts\n+++ b/market/sort.ts\n+items.sort((a, b) => b.at - a.at);\n",
    )
    b.measure("session-redis", "evicted_keys_per_second", 0, 800, 53)
    b.measure("session-redis", "used_memory_mb", 1900, 128, 53)
    b.measure("sessions", "session_miss_ratio", 0.01, 0.7, 55)
    b.measure("sessions", "error_ratio", 0.002, 0.31)
    b.measure("market", "error_ratio", 0.003, 0.3, 62)
    for s in ("market", "sessions"):
        b.measure(s, "requests_per_second", 210)
    b.complain("sessions", "WARN", "session # not found in store, user logged out", 0.2)
    b.complain("sessions", "ERROR", "login loop for user #", 0.5)
    b.complain("market", "ERROR", "sessions returned 401", 0.4, 62)
    b.alert(65, "sessions", "error_ratio", "session errors", 0.31)
    return b


def blocking_hook() -> Build:
    title = "feat: audit trail for exports"
    b = Build(name="blocking-hook", cause=title, services=("desk", "exporter", "audit-api"), onset=60,
              quiet=("export started", "row audited", "desk ok"))  # fmt: skip
    b.ship(
        57,
        "exporter",
        title,
        "exporter/export.go",
        "--- a/exporter/export.go\n+++ b/exporter/export.go\n \tfor _, row := range rows {\n \t\tw.Write(row)\n+\t\tif err := audit.Post(ctx, row.ID); err != nil {\n+\t\t\treturn err\n+\t\t}\n \t}\n",
    )
    b.ship(
        59,
        "exporter",
        "fix: header of the csv",
        "exporter/header.go",
        '--- a/exporter/header.go\n+++ b/exporter/header.go\n-\t"Id",\n+\t"ID",\n',
    )
    b.ship(
        58,
        "desk",
        "style: table stripes",
        "desk/table.css",
        "--- a/desk/table.css\n+++ b/desk/table.css\n+tr:nth-child(even) { background: #f7f7f7; }\n",
    )
    b.measure("exporter", "export_duration_p95_seconds", 2.1, 190)
    b.measure("audit-api", "requests_per_second", 4, 880, 58)
    b.measure("exporter", "requests_per_second", 3)
    b.measure("desk", "requests_per_second", 40)
    b.measure("desk", "error_ratio", 0.002, 0.09, 62)
    b.complain("exporter", "WARN", "export # still running after #s, # of # rows written", 0.4)
    b.complain("desk", "ERROR", "exporter did not finish in time", 0.7, 62)
    b.alert(65, "exporter", "export_duration_p95_seconds", "exports slow", 190)
    return b


def cors_origin() -> Build:
    title = "api: explicit origins"
    b = Build(name="cors-origin", cause=title, services=("shop-spa", "shop-api", "stock-api"), onset=60,
              quiet=("GET /items 200", "OPTIONS 204", "stock ok"))  # fmt: skip
    b.ship(
        59.6,
        "shop-api",
        title,
        "shop-api/src/main/kotlin/Cors.kt",
        '--- a/shop-api/src/main/kotlin/Cors.kt\n+++ b/shop-api/src/main/kotlin/Cors.kt\n-    allowedOriginPatterns = listOf("https://*.shop.example")\n+    allowedOrigins = listOf("https://shop.example")\n',
    )
    b.ship(
        59,
        "shop-api",
        "refactor: item dto",
        "shop-api/src/main/kotlin/Item.kt",
        "--- a/shop-api/src/main/kotlin/Item.kt\n+++ b/shop-api/src/main/kotlin/Item.kt\n-class ItemDto(val id: Long, val name: String)\n+data class ItemDto(val id: Long, val name: String)\n",
    )
    b.ship(
        58,
        "stock-api",
        "perf: gzip level 5",
        "stock-api/gzip.conf",
        "--- a/stock-api/gzip.conf\n+++ b/stock-api/gzip.conf\n-level = 6\n+level = 5\n",
    )
    b.measure("shop-api", "http_403_ratio", 0.001, 0.58)
    b.measure("shop-spa", "failed_fetches_per_minute", 1, 340)
    for s in ("shop-spa", "shop-api", "stock-api"):
        b.measure(s, "requests_per_second", 160)
    b.complain(
        "shop-api", "WARN", "Reject: 'https://www.shop.example' origin is not allowed (Invalid CORS request)", 0.1
    )
    b.complain("shop-spa", "ERROR", "TypeError: Failed to fetch", 0.3)
    b.alert(63, "shop-api", "http_403_ratio", "403s", 0.58)
    return b


def bad_cron() -> Build:
    title = "jobs: rebuild the sitemap more often"
    b = Build(name="bad-cron", cause=title, services=("pages", "pages-db", "jobs"), onset=60,
              quiet=("page ok", "job done", "vacuum ok"))  # fmt: skip
    b.ship(
        59,
        "jobs",
        title,
        "jobs/crontab.yaml",
        '--- a/jobs/crontab.yaml\n+++ b/jobs/crontab.yaml\n   - name: sitemap\n-    schedule: "0 3 * * *"\n+    schedule: "* * * * *"\n     command: rebuild-sitemap --full\n',
    )
    b.ship(
        58,
        "pages",
        "refactor: page cache key",
        "pages/key.py",
        "--- a/pages/key.py\n+++ b/pages/key.py\n-def key(path, lang):\n-    return f'{path}:{lang}'\n+def key(path, language):\n+    return f'{path}:{language}'\n",
    )
    b.ship(57, "pages", "chore: ruff", "pages/views.py", None)
    b.measure("pages-db", "cpu_percent", 20, 99, 60)
    b.measure("pages-db", "rows_read_per_second", 9000, 2600000, 60)
    b.measure("jobs", "running_jobs", 1, 14, 60)
    b.measure("pages", "latency_p95_ms", 60, 2700)
    b.measure("pages", "requests_per_second", 330)
    b.complain("jobs", "WARN", "sitemap: # runs at the same time", 0.5)
    b.complain("pages", "ERROR", "query timed out after 2500ms", 0.3)
    b.complain("pages-db", "WARN", "slow query #ms: SELECT path, changed FROM page", 0.3)
    b.trace(62, ("pages", "GET /", 2700, "query timed out"), ("pages-db", "SELECT page", 2500, ""))
    b.alert(65, "pages", "latency_p95_ms", "pages slow", 2700)
    return b


def missing_translation() -> Build:
    title = "feat: Portuguese"
    b = Build(name="missing-translation", cause=title, services=("kiosk-web", "kiosk-api", "ads"), onset=60,
              quiet=("screen shown", "ad shown", "poll ok"))  # fmt: skip
    b.ship(
        59,
        "kiosk-api",
        title,
        "kiosk-api/lang.rs",
        "--- a/kiosk-api/lang.rs\n+++ b/kiosk-api/lang.rs\n-    let table = TABLES.get(lang).unwrap_or(&ENGLISH);\n+    let table = TABLES.get(lang).unwrap();\n",
    )
    b.ship(58, "ads", "feat: second slot", "ads/slot.ts", "--- a/ads/slot.ts\n+++ b/ads/slot.ts\n+slots.push(slot);\n")
    b.ship(59.5, "kiosk-web", "chore: new icon", "kiosk-web/icon.svg", None)
    b.measure("kiosk-api", "http_5xx_ratio", 0.001, 0.14)
    b.measure("kiosk-web", "error_ratio", 0.001, 0.13, 61)
    for s in ("kiosk-web", "kiosk-api", "ads"):
        b.measure(s, "requests_per_second", 66)
    b.complain(
        "kiosk-api",
        "ERROR",
        "thread 'worker-3' panicked at src/lang.rs:52:38: called `Option::unwrap()` on a `None` value",
        0.3,
    )
    b.complain("kiosk-web", "ERROR", "kiosk-api 500", 0.5, 61)
    b.alert(63, "kiosk-api", "http_5xx_ratio", "kiosk-api failing", 0.14)
    return b


def region_dns() -> Build:
    b = Build(name="registrar", cause=NONE, services=("web-eu", "auth-eu", "cart-eu"), onset=60,
              quiet=("ok", "token ok", "cart ok"))  # fmt: skip
    b.ship(
        58,
        "auth-eu",
        "refactor: issuer url in one place",
        "auth-eu/issuer.go",
        '--- a/auth-eu/issuer.go\n+++ b/auth-eu/issuer.go\n-\turl := base + "/issuer"\n-\treturn url\n+\treturn base + "/issuer"\n',
    )
    b.ship(
        59,
        "web-eu",
        "feat: banner",
        "web-eu/banner.tsx",
        "--- a/web-eu/banner.tsx\n+++ b/web-eu/banner.tsx\n+<Banner />\n",
    )
    for s in ("web-eu", "auth-eu", "cart-eu"):
        b.measure(s, "requests_per_second", 140)
        b.measure(s, "error_ratio", 0.002, 0.5, 60)
    b.complain("web-eu", "ERROR", "fetch failed: getaddrinfo ENOTFOUND api.mycompany.example", 0.2)
    b.complain("cart-eu", "ERROR", "lookup api.mycompany.example: NXDOMAIN", 0.3)
    b.complain("auth-eu", "ERROR", "could not resolve host: api.mycompany.example", 0.4)
    b.alert(63, "web-eu", "error_ratio", "web-eu failing", 0.5)
    return b


def credit_card_network() -> Build:
    b = Build(name="card-network", cause=NONE, services=("till-app", "payments", "receipts"), onset=60,
              quiet=("paid", "receipt printed", "till ok"))  # fmt: skip
    b.ship(
        56,
        "payments",
        "raise the acquirer timeout from 10s to 12s",
        "payments/acquirer.py",
        "--- a/payments/acquirer.py\n+++ b/payments/acquirer.py\n-ACQUIRER_TIMEOUT = 10\n+ACQUIRER_TIMEOUT = 12\n",
    )
    b.ship(
        59,
        "payments",
        "refactor: capture in its own module",
        "payments/capture.py",
        "--- a/payments/capture.py\n+++ b/payments/capture.py\n-def capture(auth):\n-    return client.capture(auth.id)\n+def capture(authorization):\n+    return client.capture(authorization.id)\n",
    )
    b.measure("payments", "declined_ratio", 0.03, 0.92)
    b.measure("payments", "acquirer_latency_p95_seconds", 0.8, 11.9)
    b.measure("till-app", "error_ratio", 0.004, 0.6, 61)
    for s in ("till-app", "payments", "receipts"):
        b.measure(s, "requests_per_second", 28)
    b.complain("payments", "ERROR", "acquirer gw.cardway.example: read timed out", 0.3)
    b.complain("payments", "ERROR", "acquirer gw.cardway.example: 91 issuer or switch inoperative", 0.4)
    b.complain("till-app", "ERROR", "payment failed", 0.4, 61)
    b.event(
        58,
        "Cardway Gateway",
        "degraded_performance",
        "Authorisation failures",
        "Some issuers are unreachable through gw.cardway.example.",
    )
    b.alert(63, "payments", "declined_ratio", "payments declined", 0.92)
    return b


def noisy_queue() -> Build:
    b = Build(name="shared-broker", cause=NONE, services=("notifier", "broker", "feed"), onset=60,
              quiet=("notified", "published", "feed ok"))  # fmt: skip
    b.ship(
        58,
        "notifier",
        "refactor: publish helper",
        "notifier/publish.rb",
        "--- a/notifier/publish.rb\n+++ b/notifier/publish.rb\n-  def publish(msg)\n-    channel.publish(msg)\n-  end\n+  def publish(message)\n+    channel.publish(message)\n+  end\n",
    )
    b.ship(
        59,
        "feed",
        "feat: relative dates",
        "feed/date.ts",
        "--- a/feed/date.ts\n+++ b/feed/date.ts\n+export const ago = (d: Date) => fmt(d);\n",
    )
    b.measure("broker", "node_disk_io_wait_percent", 2, 71)
    b.measure("broker", "publish_latency_p99_ms", 6, 2600)
    b.measure("notifier", "latency_p99_ms", 40, 2900, 61)
    for s in ("notifier", "broker", "feed"):
        b.measure(s, "requests_per_second", 95)
    b.complain(
        "broker", "WARN", "fsync took #ms: high iowait on host, backup volume snapshot of another tenant running", 1
    )
    b.complain("notifier", "ERROR", "publish confirm timed out", 0.4, 61)
    b.alert(64, "broker", "publish_latency_p99_ms", "broker slow", 2600)
    return b


def late_leap() -> Build:
    b = Build(name="api-key-ended", cause=NONE, services=("weather", "alerts", "maps"), onset=60,
              quiet=("forecast ok", "tile ok", "alert sent"))  # fmt: skip
    b.ship(
        57,
        "weather",
        "feat: wind in knots",
        "weather/wind.py",
        "--- a/weather/wind.py\n+++ b/weather/wind.py\n+    knots = ms * 1.94384\n",
    )
    b.ship(
        59,
        "maps",
        "perf: tile cache",
        "maps/tiles.py",
        "--- a/maps/tiles.py\n+++ b/maps/tiles.py\n+    tiles = LRU(2000)\n",
    )
    b.measure("weather", "error_ratio", 0.002, 1.0)
    b.measure("alerts", "error_ratio", 0.002, 0.4, 62)
    for s in ("weather", "alerts", "maps"):
        b.measure(s, "requests_per_second", 19)
    b.complain(
        "weather",
        "ERROR",
        "GET https://data.metsource.example/v1: 401 api key expired at 2026-04-14T09:00:00Z, renew your contract",
        0.3,
    )
    b.complain("alerts", "ERROR", "no forecast", 0.6, 62)
    b.alert(63, "weather", "error_ratio", "weather failing", 1.0)
    return b


CASES = (
    swapped_arguments, one_replica, eager_eviction, blocking_hook, cors_origin, bad_cron, missing_translation,
    region_dns, credit_card_network, noisy_queue, late_leap,
)  # fmt: skip
