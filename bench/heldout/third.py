"""The third batch: written after the first two had been mended for, before the engine had run on any of it."""

from __future__ import annotations

from building import NONE, Build


def new_deadline() -> Build:
    title = "middleware: bound handler run time"
    b = Build(name="new-deadline", cause=title, services=("apigw", "exports", "objects", "accounts"), onset=61,
              quiet=("request completed", "export queued", "object written"))  # fmt: skip
    b.ship(
        60.3,
        "exports",
        title,
        "internal/middleware/deadline.go cmd/exports/main.go",
        "--- a/internal/middleware/deadline.go\n+++ b/internal/middleware/deadline.go\n@@ -0,0 +1,9 @@\n+func Deadline(next http.Handler) http.Handler {\n+\treturn http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {\n+\t\tctx, cancel := context.WithTimeout(r.Context(), 800*time.Millisecond)\n+\t\tdefer cancel()\n+\t\tnext.ServeHTTP(w, r.WithContext(ctx))\n+\t})\n+}\n--- a/cmd/exports/main.go\n+++ b/cmd/exports/main.go\n-\tsrv.Handler = routes()\n+\tsrv.Handler = middleware.Deadline(routes())\n",
    )
    b.ship(
        59,
        "exports",
        "refactor: move csv writer",
        "services/exports/csv.go services/exports/writer.go",
        "--- a/services/exports/csv.go\n+++ b/services/exports/writer.go\n-func writeCSV(w io.Writer, rows []Row) error {\n-\treturn csv.NewWriter(w).WriteAll(flatten(rows))\n-}\n+func writeCSV(w io.Writer, rows []Row) error {\n+\treturn csv.NewWriter(w).WriteAll(flatten(rows))\n+}\n",
    )
    b.ship(
        60.8,
        "objects",
        "chore: bump minio client",
        "go.mod go.sum",
        "--- a/go.mod\n+++ b/go.mod\n-\tgithub.com/minio/minio-go/v7 v7.0.69\n+\tgithub.com/minio/minio-go/v7 v7.0.70\n",
    )
    for s in ("apigw", "exports", "objects", "accounts"):
        b.measure(s, "http_server_requests_per_second", 40)
    b.measure("exports", "http_server_error_ratio", 0.004, 0.82)
    b.measure("exports", "http_server_duration_p99_ms", 4200, 805)
    b.measure("apigw", "http_server_error_ratio", 0.003, 0.24, 62)
    b.complain("exports", "ERROR", "build export: query rows: context deadline exceeded", 0.25)
    b.complain("apigw", "ERROR", "exports responded 500", 0.5, 62)
    b.trace(63, ("apigw", "GET /export", 815, "-"), ("exports", "Build", 803, "context deadline exceeded"))
    b.alert(65, "exports", "http_server_error_ratio", "exports failing", 0.8)
    return b


def closed_port() -> Build:
    title = "netpol: only named namespaces may reach the brokers"
    b = Build(name="closed-port", cause=title, services=("scanner", "events", "brokers", "stats"), onset=58,
              quiet=("event published", "scan finished", "offset committed"))  # fmt: skip
    b.ship(
        57.5,
        "brokers",
        title,
        "deploy/brokers/networkpolicy.yaml",
        "--- a/deploy/brokers/networkpolicy.yaml\n+++ b/deploy/brokers/networkpolicy.yaml\n   ingress:\n     - from:\n-        - namespaceSelector: {}\n+        - namespaceSelector:\n+            matchLabels:\n+              team: data\n       ports:\n         - port: 9092\n",
    )
    b.ship(
        56,
        "events",
        "feat: compress events with zstd",
        "services/events/producer.py",
        "--- a/services/events/producer.py\n+++ b/services/events/producer.py\n-    compression_type='gzip',\n+    compression_type='zstd',\n",
    )
    b.ship(
        57,
        "events",
        "refactor: producer factory",
        "services/events/factory.py",
        "--- a/services/events/factory.py\n+++ b/services/events/factory.py\n-    producer = KafkaProducer(**settings)\n-    return producer\n+    return KafkaProducer(**settings)\n",
    )
    b.measure("events", "publish_error_ratio", 0.001, 1.0)
    b.measure("events", "publish_latency_p99_ms", 12, 30000)
    b.measure("scanner", "error_ratio", 0.002, 0.5, 59)
    b.measure("stats", "events_consumed_per_second", 420, 0, 58)
    b.measure("scanner", "requests_per_second", 60)
    b.complain(
        "events",
        "ERROR",
        "KafkaTimeoutError: failed to update metadata after 60.0 secs: connection to broker-0.brokers:9092 timed out",
        0.4,
    )
    b.complain("scanner", "ERROR", "event could not be stored", 0.5, 59)
    b.alert(62, "events", "publish_error_ratio", "events cannot publish", 1.0)
    return b


def big_lock() -> Build:
    title = "Fix: balances must not be read while rates reload"
    b = Build(name="big-lock", cause=title, services=("wallet", "fx", "history"), onset=64,
              quiet=("Balance read", "Rates reloaded", "Page of history"))  # fmt: skip
    b.ship(
        47,
        "fx",
        title,
        "fx/src/main/java/fx/RateTable.java",
        "--- a/fx/src/main/java/fx/RateTable.java\n+++ b/fx/src/main/java/fx/RateTable.java\n@@ public class RateTable\n-    public BigDecimal rate(Currency c) {\n+    public synchronized BigDecimal rate(Currency c) {\n         return rates.get(c);\n     }\n-    public void reload() {\n+    public synchronized void reload() {\n         rates = source.fetchAll();\n     }\n",
    )
    b.ship(
        62,
        "fx",
        "Move currency list to a resource",
        "fx/src/main/resources/currencies.txt fx/src/main/java/fx/Currencies.java",
        '--- a/fx/src/main/java/fx/Currencies.java\n+++ b/fx/src/main/java/fx/Currencies.java\n-    static final List<String> ALL = List.of("EUR", "USD");\n+    static final List<String> ALL = read("currencies.txt");\n',
    )
    b.ship(
        63,
        "wallet",
        "Larger tap targets",
        "wallet/app.css",
        "--- a/wallet/app.css\n+++ b/wallet/app.css\n-.tap { height: 40px; }\n+.tap { height: 48px; }\n",
    )
    b.measure("fx", "requests_per_second", 300, 420, 55, climb=True)
    b.measure("fx", "jvm_threads_blocked", 0.3, 180, 58)
    b.measure("fx", "latency_p99_ms", 15, 2400)
    b.measure("wallet", "latency_p99_ms", 70, 2600, 65)
    b.measure("history", "latency_p99_ms", 60)
    b.complain("fx", "WARN", "rate lookup took #ms, thread was BLOCKED at fx.RateTable.rate(RateTable.java:44)", 0.2)
    b.complain("wallet", "ERROR", "fx did not answer within 2000ms", 0.4, 65)
    b.trace(66, ("wallet", "GET /balance", 2600, "-"), ("fx", "rate", 2400, ""))
    b.alert(68, "fx", "latency_p99_ms", "fx slow", 2400)
    return b


def unlimited_list() -> Build:
    title = "feat(admin): let support search all tickets"
    b = Build(name="unlimited-list", cause=title, services=("desk", "tickets", "tickets-db"), onset=60,
              quiet=("ticket opened", "list rendered", "ticket closed"))  # fmt: skip
    b.ship(
        41,
        "tickets",
        title,
        "tickets/api/search.py",
        "--- a/tickets/api/search.py\n+++ b/tickets/api/search.py\n@@ def search(q, user):\n-    rows = Ticket.objects.filter(owner=user, text__icontains=q)[:100]\n+    rows = Ticket.objects.filter(text__icontains=q)\n     return [serialize(r) for r in rows]\n",
    )
    b.ship(
        58,
        "tickets",
        "chore: rename serializer module",
        "tickets/api/serializers.py",
        "--- a/tickets/api/serialise.py\n+++ b/tickets/api/serializers.py\n-from .serialise import serialize\n+from .serializers import serialize\n",
    )
    b.ship(
        59,
        "desk",
        "feat: keyboard shortcuts",
        "desk/src/keys.ts",
        "--- a/desk/src/keys.ts\n+++ b/desk/src/keys.ts\n+bind('g t', openTickets);\n",
    )
    b.measure("tickets", "process_resident_memory_mb", 300, 1900, 60)
    b.measure("tickets", "http_duration_p95_ms", 150, 9000)
    b.measure("tickets-db", "rows_returned_per_second", 900, 410000, 60)
    b.measure("desk", "http_duration_p95_ms", 240, 9300, 61)
    for s in ("desk", "tickets"):
        b.measure(s, "http_requests_per_second", 18)
    b.complain("tickets", "WARN", "GET /search took # ms and returned # rows", 0.4)
    b.complain("tickets", "ERROR", "worker with pid # was terminated due to signal 9 (out of memory?)", 2)
    b.complain("desk", "ERROR", "search failed: 502", 0.5, 61)
    b.alert(65, "tickets", "http_duration_p95_ms", "tickets slow", 9000)
    return b


def chatty_logs() -> Build:
    title = "ops: more detail while we hunt the checkout bug"
    b = Build(name="chatty-logs", cause=title, services=("till", "cart", "vouchers"), onset=62,
              quiet=("cart stored", "voucher applied", "till closed"))  # fmt: skip
    b.ship(
        60,
        "cart",
        title,
        "helm/cart/values-prod.yaml",
        "--- a/helm/cart/values-prod.yaml\n+++ b/helm/cart/values-prod.yaml\n logging:\n-  level: info\n+  level: trace\n   sync: true\n",
    )
    b.ship(
        61,
        "cart",
        "refactor: voucher port",
        "cart/src/voucher.go",
        "--- a/cart/src/voucher.go\n+++ b/cart/src/voucher.go\n-type Voucher struct{ c *http.Client }\n+type VoucherPort struct{ c *http.Client }\n",
    )
    b.ship(
        61.5,
        "vouchers",
        "feat: voucher expiry mail text",
        "vouchers/mail/expiry.txt",
        "--- a/vouchers/mail/expiry.txt\n+++ b/vouchers/mail/expiry.txt\n-Your voucher ends soon.\n+Your voucher ends on {date}.\n",
    )
    b.measure("cart", "log_lines_per_second", 150, 42000, 60)
    b.measure("cart", "disk_write_mb_per_second", 2, 180, 60)
    b.measure("cart", "latency_p95_ms", 35, 1200)
    b.measure("till", "latency_p95_ms", 90, 1500, 63)
    for s in ("till", "cart", "vouchers"):
        b.measure(s, "requests_per_second", 140)
    b.complain("cart", "WARN", "slow request: #ms, # ms of it in the log writer", 0.3)
    b.complain("till", "ERROR", "cart timed out", 0.6, 63)
    b.alert(66, "cart", "latency_p95_ms", "cart slow", 1200)
    return b


def tight_memory() -> Build:
    title = "cost: right-size pods after review"
    b = Build(name="tight-memory", cause=title, services=("render", "assets", "site"), onset=60,
              quiet=("page rendered", "asset served", "site map built"))  # fmt: skip
    b.ship(
        52,
        "render",
        title,
        "deploy/render/deployment.yaml",
        '--- a/deploy/render/deployment.yaml\n+++ b/deploy/render/deployment.yaml\n         resources:\n           limits:\n-            memory: 2Gi\n+            memory: 768Mi\n             cpu: "2"\n',
    )
    b.ship(
        58,
        "render",
        "feat: render figures lazily",
        "render/src/figure.rb",
        "--- a/render/src/figure.rb\n+++ b/render/src/figure.rb\n-  draw(figure)\n+  later { draw(figure) }\n",
    )
    b.ship(
        59,
        "site",
        "chore: robots.txt",
        "site/public/robots.txt",
        "--- a/site/public/robots.txt\n+++ b/site/public/robots.txt\n+Disallow: /drafts\n",
    )
    b.measure("render", "container_memory_limit_mb", 2048, 768, 52, noise=0)
    b.measure("render", "container_memory_working_set_mb", 690, 760, 58)
    b.measure("render", "container_restarts_total", 0, 6, 60, whole=True)
    b.measure("site", "http_5xx_ratio", 0.002, 0.33, 61)
    b.measure("render", "http_5xx_ratio", 0.002, 0.51)
    for s in ("render", "assets", "site"):
        b.measure(s, "requests_per_second", 75)
    b.complain("render", "ERROR", "container render was killed: OOMKilled, exit code 137", 3)
    b.complain("site", "ERROR", "render: connection reset by peer", 0.4, 60.2)
    b.alert(63, "render", "http_5xx_ratio", "render failing", 0.5)
    return b


def wrong_topic() -> Build:
    title = "config: topics per region"
    b = Build(name="wrong-topic", cause=title, services=("orders", "invoicing", "mailer"), onset=61,
              quiet=("order published", "invoice created", "mail sent"))  # fmt: skip
    b.ship(
        60.5,
        "orders",
        title,
        "orders/config/prod.toml",
        '--- a/orders/config/prod.toml\n+++ b/orders/config/prod.toml\n [kafka]\n-orders_topic = "orders.placed"\n+orders_topic = "orders.placed.eu"\n',
    )
    b.ship(
        59,
        "invoicing",
        "refactor: invoice numbering",
        "invoicing/number.py",
        "--- a/invoicing/number.py\n+++ b/invoicing/number.py\n-    return f'{year}-{n:06}'\n+    return NUMBER.format(year=year, n=n)\n",
    )
    b.ship(
        60,
        "invoicing",
        "feat: log the consumer group",
        "invoicing/consumer.py",
        "--- a/invoicing/consumer.py\n+++ b/invoicing/consumer.py\n+    log.info('group %s', consumer.group)\n",
    )
    b.measure("invoicing", "invoices_created_per_minute", 210, 0, 61)
    b.measure("orders", "orders_placed_per_minute", 212)
    b.measure("orders", "publish_errors_per_minute", 0.02, 40, 61)
    b.measure("mailer", "mails_per_minute", 400, 190, 61)
    b.complain("orders", "WARN", "topic orders.placed.eu has no leader yet, creating it with 1 partition", 4)
    b.complain("orders", "ERROR", "publish to orders.placed.eu failed: UNKNOWN_TOPIC_OR_PARTITION", 0.5)
    b.complain("invoicing", "WARN", "no orders received for # s", 2, 63)
    b.alert(66, "invoicing", "invoices_created_per_minute", "no invoices are being created", 0)
    return b


def nervous_breaker() -> Build:
    title = "resilience: open the breaker earlier"
    b = Build(name="nervous-breaker", cause=title, services=("flights", "seatmap", "airline-adapter"), onset=60,
              quiet=("seat map drawn", "flight listed", "adapter call ok"))  # fmt: skip
    b.ship(
        54,
        "seatmap",
        title,
        "seatmap/src/main/resources/resilience.yml",
        "--- a/seatmap/src/main/resources/resilience.yml\n+++ b/seatmap/src/main/resources/resilience.yml\n resilience4j.circuitbreaker:\n   instances:\n     airline:\n-      failureRateThreshold: 50\n-      minimumNumberOfCalls: 100\n+      failureRateThreshold: 2\n+      minimumNumberOfCalls: 5\n",
    )
    b.ship(
        59,
        "seatmap",
        "refactor: seat colours enum",
        "seatmap/src/main/java/Colour.java",
        '--- a/seatmap/src/main/java/Colour.java\n+++ b/seatmap/src/main/java/Colour.java\n-    public static final String FREE = "green";\n+    FREE("green"),\n',
    )
    b.ship(
        59.5,
        "flights",
        "feat: show the aircraft",
        "flights/web/aircraft.tsx",
        "--- a/flights/web/aircraft.tsx\n+++ b/flights/web/aircraft.tsx\n+  <span>{flight.aircraft}</span>\n",
    )
    b.measure("seatmap", "circuitbreaker_not_permitted_calls_per_minute", 0.1, 900)
    b.measure("seatmap", "error_ratio", 0.01, 0.7)
    b.measure("airline-adapter", "error_ratio", 0.02)
    b.measure("airline-adapter", "requests_per_second", 50, 12, 60)
    b.measure("flights", "error_ratio", 0.004, 0.3, 61)
    for s in ("flights", "seatmap"):
        b.measure(s, "requests_per_second", 52)
    b.complain(
        "seatmap",
        "ERROR",
        "io.github.resilience4j.circuitbreaker.CallNotPermittedException: CircuitBreaker 'airline' is OPEN and does not permit further calls",
        0.2,
    )
    b.complain("flights", "ERROR", "seat map missing", 0.5, 61)
    b.alert(63, "seatmap", "error_ratio", "seatmap failing", 0.7)
    return b


def stricter_schema() -> Build:
    title = "graph: tighten nullability"
    b = Build(name="stricter-schema", cause=title, services=("mobile-bff", "people", "photos"), onset=59,
              quiet=("query answered", "person loaded", "photo resized"))  # fmt: skip
    b.ship(
        58,
        "people",
        title,
        "people/schema/person.graphql",
        "--- a/people/schema/person.graphql\n+++ b/people/schema/person.graphql\n type Person {\n   id: ID!\n-  nickname: String\n+  nickname: String!\n   photo: Photo\n }\n",
    )
    b.ship(
        57,
        "mobile-bff",
        "refactor: resolver map",
        "mobile-bff/src/resolvers.ts",
        "--- a/mobile-bff/src/resolvers.ts\n+++ b/mobile-bff/src/resolvers.ts\n-export const resolvers = { Person: person };\n+export const resolvers = merge(person);\n",
    )
    b.ship(
        58.5,
        "photos",
        "perf: smaller thumbnails",
        "photos/size.ts",
        "--- a/photos/size.ts\n+++ b/photos/size.ts\n-export const THUMB = 320;\n+export const THUMB = 240;\n",
    )
    b.measure("people", "graphql_errors_per_minute", 0.3, 260)
    b.measure("mobile-bff", "error_ratio", 0.003, 0.4, 60)
    for s in ("mobile-bff", "people", "photos"):
        b.measure(s, "requests_per_second", 88)
    b.complain("people", "ERROR", "Cannot return null for non-nullable field Person.nickname.", 0.2)
    b.complain("mobile-bff", "ERROR", "people returned errors for query Profile", 0.5, 60)
    b.alert(63, "people", "graphql_errors_per_minute", "GraphQL errors", 260)
    return b


def serializable() -> Build:
    title = "ledger: stronger isolation for postings"
    b = Build(name="serializable", cause=title, services=("payout", "ledger", "audit"), onset=63,
              quiet=("posting booked", "payout planned", "audit ok"))  # fmt: skip
    b.ship(
        50,
        "ledger",
        title,
        "ledger/store/tx.go",
        "--- a/ledger/store/tx.go\n+++ b/ledger/store/tx.go\n-\ttx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})\n+\ttx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})\n",
    )
    b.ship(
        62,
        "ledger",
        "refactor: posting builder",
        "ledger/posting/build.go",
        "--- a/ledger/posting/build.go\n+++ b/ledger/posting/build.go\n-\tp := Posting{Debit: d, Credit: c}\n-\treturn p\n+\treturn newPosting(d, c)\n",
    )
    b.ship(62.5, "audit", "docs: audit fields", "audit/README.md", None)
    b.measure("ledger", "requests_per_second", 60, 150, 58, climb=True)
    b.measure("ledger", "tx_rollbacks_per_second", 0.2, 48)
    b.measure("ledger", "error_ratio", 0.002, 0.38)
    b.measure("payout", "error_ratio", 0.003, 0.3, 64)
    b.complain(
        "ledger",
        "ERROR",
        "commit posting: ERROR: could not serialize access due to read/write dependencies among transactions (SQLSTATE 40001)",
        0.2,
    )
    b.complain("payout", "ERROR", "ledger refused posting: 500", 0.4, 64)
    b.alert(67, "ledger", "error_ratio", "ledger failing", 0.38)
    return b


def zone_partition() -> Build:
    b = Build(name="zone-partition", cause=NONE, services=("frontdoor", "catalog", "stock", "session"), onset=60,
              quiet=("served", "stock read", "session touched"))  # fmt: skip
    b.ship(
        55,
        "stock",
        "tune: replica read timeout 2s",
        "stock/db.go",
        "--- a/stock/db.go\n+++ b/stock/db.go\n-\treadTimeout = 1 * time.Second\n+\treadTimeout = 2 * time.Second\n",
    )
    b.ship(
        59,
        "catalog",
        "refactor: split listing query",
        "catalog/list.go",
        "--- a/catalog/list.go\n+++ b/catalog/list.go\n-\trows := q.All(ctx)\n+\trows := q.Page(ctx, 1)\n",
    )
    b.ship(
        64,
        "session",
        "chore: bump redis client",
        "go.mod",
        "--- a/go.mod\n+++ b/go.mod\n-\tgithub.com/redis/go-redis/v9 v9.5.1\n+\tgithub.com/redis/go-redis/v9 v9.5.2\n",
    )
    for s in ("frontdoor", "catalog", "stock", "session"):
        b.measure(s, "requests_per_second", 210)
        b.measure(s, "error_ratio", 0.002, 0.33, 60 + len(s) / 12)
    b.complain("stock", "ERROR", "read replica db-2.europe-west4-b: i/o timeout", 0.3)
    b.complain("session", "ERROR", "redis cache-1.europe-west4-b: connection reset by peer", 0.4)
    b.complain("catalog", "ERROR", "dial index-3.europe-west4-b: no route to host", 0.4)
    b.complain("frontdoor", "ERROR", "502 from catalog", 0.4, 60.5)
    b.event(
        59,
        "Compute Engine",
        "service_disruption",
        "Network connectivity issues in europe-west4-b",
        "Customers may see packet loss to instances in europe-west4-b. europe-west4-a and -c are not affected.",
    )
    b.alert(64, "frontdoor", "error_ratio", "frontdoor failing", 0.33)
    return b


def foreign_batch_job() -> Build:
    b = Build(name="foreign-batch", cause=NONE, services=("quotes", "risk", "portal"), onset=60,
              quiet=("quote priced", "risk scored", "portal page"))  # fmt: skip
    b.ship(
        57,
        "risk",
        "perf: vectorise scoring",
        "risk/score.py",
        "--- a/risk/score.py\n+++ b/risk/score.py\n-    return [score(r) for r in rows]\n+    return score_all(np.asarray(rows))\n",
    )
    b.ship(
        59,
        "risk",
        "refactor: score thresholds",
        "risk/thresholds.py",
        "--- a/risk/thresholds.py\n+++ b/risk/thresholds.py\n-HIGH = 0.9\n-LOW = 0.2\n+class Threshold:\n+    HIGH = 0.9\n+    LOW = 0.2\n",
    )
    b.measure("risk", "node_cpu_utilization", 0.45, 0.99)
    b.measure("risk", "cpu_steal_ratio", 0.003, 0.38)
    b.measure("risk", "latency_p99_ms", 55, 1300)
    b.measure("quotes", "latency_p99_ms", 95, 1500, 61)
    for s in ("quotes", "risk", "portal"):
        b.measure(s, "requests_per_second", 45)
    b.complain(
        "risk", "WARN", "node pool-3-x9: co-located batch job nightly-train of another team uses 31 of 32 cores", 4
    )
    b.complain("quotes", "ERROR", "risk timed out after 1000ms", 0.4, 61)
    b.alert(64, "risk", "latency_p99_ms", "risk slow", 1300)
    return b


def login_attack() -> Build:
    b = Build(name="login-attack", cause=NONE, services=("edge", "login", "userdb"), onset=57,
              quiet=("login ok", "password checked", "cookie set"))  # fmt: skip
    b.ship(
        50,
        "login",
        "feat: show last login time",
        "login/view.py",
        "--- a/login/view.py\n+++ b/login/view.py\n+    ctx['last'] = user.last_login\n",
    )
    b.ship(
        56,
        "login",
        "refactor: hasher in its own module",
        "login/hash.py",
        "--- a/login/hash.py\n+++ b/login/hash.py\n-def check(p, h):\n-    return bcrypt.checkpw(p, h)\n+def check(password, hashed):\n+    return bcrypt.checkpw(password, hashed)\n",
    )
    b.measure("edge", "requests_per_second", 300, 4100, 56)
    b.measure("login", "requests_per_second", 12, 3700, 56)
    b.measure("login", "cpu_percent", 15, 100, 56)
    b.measure("login", "http_401_ratio", 0.05, 0.99, 56)
    b.measure("login", "latency_p95_ms", 120, 8000)
    b.measure("userdb", "queries_per_second", 40, 3800, 56)
    b.complain("login", "WARN", "failed login for user# from 203.0.113.#", 0.05, 56)
    b.complain("edge", "ERROR", "login timed out", 0.3, 58)
    b.alert(61, "login", "latency_p95_ms", "login slow", 8000)
    return b


def failover() -> Build:
    b = Build(name="failover", cause=NONE, services=("shop", "orders", "orders-db"), onset=60,
              quiet=("order stored", "basket priced", "checkpoint complete"))  # fmt: skip
    b.ship(
        58,
        "orders",
        "refactor: repository per aggregate",
        "orders/OrderRepository.kt",
        "--- a/orders/OrderRepository.kt\n+++ b/orders/OrderRepository.kt\n-    fun save(order: Order) = jdbc.update(SQL, order.id)\n+    override fun save(order: Order) = store(order)\n",
    )
    b.ship(
        45,
        "shop",
        "feat: wish list",
        "shop/wish.ts",
        "--- a/shop/wish.ts\n+++ b/shop/wish.ts\n+export const wishes = [];\n",
    )
    b.measure("orders", "error_ratio", 0.002, 0.95)
    b.measure("shop", "error_ratio", 0.002, 0.5, 61)
    for s in ("shop", "orders"):
        b.measure(s, "requests_per_second", 66)
    b.complain(
        "orders-db",
        "ERROR",
        "FATAL: terminating connection due to administrator command: host maintenance, instance is being moved",
        6,
    )
    b.complain("orders", "ERROR", "cannot execute INSERT in a read-only transaction", 0.3)
    b.complain("shop", "ERROR", "orders returned 500", 0.5, 61)
    b.event(
        59,
        "Managed PostgreSQL",
        "maintenance",
        "Unplanned host maintenance",
        "Instance orders-db fails over to its standby because of a hardware fault.",
    )
    b.alert(63, "orders", "error_ratio", "orders failing", 0.95)
    return b


def ended_licence() -> Build:
    b = Build(name="ended-licence", cause=NONE, services=("scan-api", "ocr", "archive"), onset=60,
              quiet=("page scanned", "text found", "archived"))  # fmt: skip
    b.ship(
        59,
        "ocr",
        "feat: detect language first",
        "ocr/lang.cpp",
        "--- a/ocr/lang.cpp\n+++ b/ocr/lang.cpp\n+  auto lang = detect(page);\n+  engine.set_language(lang);\n",
    )
    b.ship(
        57,
        "scan-api",
        "refactor: upload handler",
        "scan-api/upload.go",
        "--- a/scan-api/upload.go\n+++ b/scan-api/upload.go\n-\tb, err := io.ReadAll(r.Body)\n+\tb, err := readAll(r)\n",
    )
    b.measure("ocr", "error_ratio", 0.003, 1.0)
    b.measure("scan-api", "error_ratio", 0.003, 0.9, 60.5)
    for s in ("scan-api", "ocr", "archive"):
        b.measure(s, "requests_per_second", 14)
    b.complain("ocr", "ERROR", "engine refused to start: license file expired at 2026-04-14T09:00:00Z", 0.4)
    b.complain("scan-api", "ERROR", "ocr failed: 500", 0.5, 60.5)
    b.alert(63, "ocr", "error_ratio", "ocr failing", 1.0)
    return b


def one_tenant() -> Build:
    b = Build(name="one-tenant", cause=NONE, services=("api", "reports", "olap"), onset=60,
              quiet=("report built", "cube refreshed", "GET /api 200"))  # fmt: skip
    b.ship(
        58,
        "reports",
        "feat: csv header row",
        "reports/csv.ex",
        "--- a/reports/csv.ex\n+++ b/reports/csv.ex\n+  rows = [header | rows]\n",
    )
    b.ship(
        59,
        "reports",
        "refactor: plan module",
        "reports/plan.ex",
        "--- a/reports/plan.ex\n+++ b/reports/plan.ex\n-  def plan(spec), do: spec |> parse() |> optimise()\n+  def plan(spec) do\n+    spec |> parse() |> optimise()\n+  end\n",
    )
    b.measure("api", "requests_per_second", 90, 460, 58)
    b.measure("reports", "requests_per_second", 8, 390, 58)
    b.measure("olap", "queries_per_second", 9, 400, 58)
    b.measure("olap", "cpu_percent", 30, 100, 59)
    b.measure("reports", "latency_p95_ms", 900, 30000)
    b.measure("api", "error_ratio", 0.004, 0.2, 61)
    b.complain("reports", "WARN", "tenant acme-194 has # reports running, # waiting", 0.2, 58)
    b.complain("reports", "ERROR", "report gave up after 30s in the queue", 0.4)
    b.complain("api", "ERROR", "reports timed out", 0.5, 61)
    b.alert(64, "reports", "latency_p95_ms", "reports slow", 30000)
    return b


CASES = (
    new_deadline, closed_port, big_lock, unlimited_list, chatty_logs, tight_memory, wrong_topic, nervous_breaker,
    stricter_schema, serializable,
    zone_partition, foreign_batch_job, login_attack, failover, ended_licence, one_tenant,
)  # fmt: skip
