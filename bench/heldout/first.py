"""The first batch: written before the engine had run on any of it; faults that it showed were mended afterwards."""

from __future__ import annotations

from building import NONE, Build


def shortened_cache_life() -> Build:
    title = "config: align cache settings across environments"
    b = Build(name="price-cache-life", cause=title, services=("storefront", "pricing", "pricing-db", "basket"), onset=58,
              quiet=("request served", "price list rendered", "cache lookup ok"))  # fmt: skip
    b.ship(
        49,
        "pricing",
        title,
        "deploy/values/pricing.yaml",
        "@@ deploy/values/pricing.yaml @@\n   cache:\n     backend: redis\n-    ttlSeconds: 900\n+    ttlSeconds: 9\n     prefix: price\n",
    )
    b.ship(
        56,
        "pricing",
        "refactor: rename quote variables",
        "pricing/quote.py",
        "@@ pricing/quote.py @@\n-def quote(sku, qty):\n-    base = lookup(sku)\n-    return base * qty\n+def quote(sku, quantity):\n+    unit_price = lookup(sku)\n+    return unit_price * quantity\n",
    )
    b.ship(
        57.5,
        "storefront",
        "feat: larger product images",
        "web/src/Product.tsx",
        "@@ web/src/Product.tsx @@\n-  <img width={320} />\n+  <img width={480} />\n",
    )
    b.flag(40, "basket", "basket_gift_wrap")
    for s in ("storefront", "pricing", "basket"):
        b.measure(s, "http_requests_per_second", 240)
    b.measure("pricing", "cache_hit_ratio", 0.97, 0.31, 50)
    b.measure("pricing-db", "queries_per_second", 80, 1900, 51)
    b.measure("pricing-db", "cpu_percent", 18, 97, 55)
    b.measure("pricing", "http_request_duration_p95_seconds", 0.08, 2.9)
    b.measure("storefront", "http_request_duration_p95_seconds", 0.2, 3.2, 59)
    b.measure("basket", "http_request_duration_p95_seconds", 0.11)
    b.complain("pricing", "WARN", "price lookup took #ms: SELECT amount, currency FROM price WHERE sku = $1", 0.4)
    b.complain("pricing", "ERROR", "statement timeout after 3000ms while reading price", 0.8)
    b.complain("storefront", "ERROR", "pricing did not answer within 3s", 0.7, 59)
    b.trace(
        60,
        ("storefront", "GET /p/771", 3300, "-"),
        ("pricing", "Quote", 3100, "statement timeout"),
        ("pricing-db", "SELECT price", 2990, ""),
    )
    b.alert(63, "pricing", "http_request_duration_p95_seconds", "pricing p95 above 300 ms", 2.8)
    return b


def changed_audience() -> Build:
    title = "feat(identity): audience per API generation"
    b = Build(name="token-audience", cause=title, services=("portal", "orders", "identity", "catalogue"), onset=55,
              quiet=("GET /orders 200", "token issued", "session refreshed", "page rendered"))  # fmt: skip
    b.ship(
        54,
        "identity",
        title,
        "identity/src/main/resources/application.yml identity/src/main/java/io/acme/TokenIssuer.java",
        "@@ identity/src/main/resources/application.yml @@\n issuer:\n-  audience: api://shop\n+  audience: api://shop/v2\n   lifetime: PT15M\n@@ identity/src/main/java/io/acme/TokenIssuer.java @@\n-    builder.audience(AUDIENCE);\n+    builder.audience(props.getAudience());\n",
    )
    b.ship(
        53,
        "orders",
        "refactor: extract AuthFilter base class",
        "orders/src/main/java/io/acme/AuthFilter.java",
        "@@ orders/src/main/java/io/acme/AuthFilter.java @@\n-public class AuthFilter extends OncePerRequestFilter {\n+public class AuthFilter extends AbstractFilter {\n     private final JwtDecoder decoder;\n",
    )
    b.ship(
        51,
        "portal",
        "feat: remember the last tab",
        "web/src/tabs.ts",
        "@@ web/src/tabs.ts @@\n+localStorage.setItem('tab', tab);\n",
    )
    for s in ("portal", "orders", "identity", "catalogue"):
        b.measure(s, "requests_total_rate", 130)
    b.measure("orders", "http_4xx_ratio", 0.01, 0.83)
    b.measure("portal", "error_ratio", 0.004, 0.4, 56)
    b.measure("catalogue", "error_ratio", 0.003)
    b.measure("identity", "http_request_duration_p99_ms", 45)
    b.complain(
        "orders",
        "WARN",
        "rejecting bearer token: The aud claim is not valid (got [api://shop/v2], want api://shop)",
        0.2,
        kid="k7",
    )
    b.complain("portal", "ERROR", "orders answered 401 for user session", 0.4)
    b.trace(
        57,
        ("portal", "GET /account", 60, "-"),
        ("orders", "GET /orders", 9, "401 unauthorized: aud claim is not valid"),
    )
    b.alert(58, "orders", "http_4xx_ratio", "orders rejects more than 10 % of requests", 0.82)
    return b


def retries_without_pause() -> Build:
    title = "fix: do not lose mails on flaky connections"
    b = Build(name="mail-retries", cause=title, services=("signup", "notifier", "mailer", "profile"), onset=62,
              quiet=("mail queued", "template rendered", "delivered", "user updated"))  # fmt: skip
    b.ship(
        35,
        "notifier",
        title,
        "services/notifier/client.go",
        "@@ services/notifier/client.go @@ func (c *Client) Send(ctx context.Context, m Mail) error {\n-\tfor attempt := 0; attempt < 2; attempt++ {\n-\t\tif err = c.post(ctx, m); err == nil { return nil }\n-\t\ttime.Sleep(backoff(attempt))\n-\t}\n+\tfor attempt := 0; attempt < 25; attempt++ {\n+\t\tif err = c.post(ctx, m); err == nil { return nil }\n+\t}\n \treturn err\n",
    )
    b.ship(
        60,
        "mailer",
        "refactor: tidy smtp session",
        "services/mailer/smtp.go",
        '@@ services/mailer/smtp.go @@\n-\tif err := s.hello(); err != nil {\n-\t\treturn fmt.Errorf("hello: %w", err)\n-\t}\n+\tif err := s.greet(); err != nil {\n+\t\treturn fmt.Errorf("greet: %w", err)\n+\t}\n',
    )
    b.ship(
        61,
        "signup",
        "feat: password strength meter",
        "web/src/Strength.vue",
        '@@ web/src/Strength.vue @@\n+<meter :value="score" max="4" />\n',
    )
    b.measure("notifier", "outgoing_requests_per_second", 40, 930, 62)
    b.measure("mailer", "requests_per_second", 41, 940, 62)
    b.measure("signup", "requests_per_second", 20)
    b.measure("profile", "requests_per_second", 35)
    b.measure("mailer", "error_ratio", 0.002, 0.78)
    b.measure("mailer", "cpu_percent", 20, 99, 63)
    b.measure("notifier", "error_ratio", 0.002, 0.7, 62)
    b.measure("signup", "http_duration_p99_ms", 180, 4000, 63)
    b.complain("notifier", "WARN", "post to mailer failed, attempt # of 25: 503 Service Unavailable", 0.1)
    b.complain("mailer", "ERROR", "refusing session: # concurrent sessions, limit 200", 0.3)
    b.complain("signup", "ERROR", "confirmation mail not accepted by notifier: 502", 0.6, 63)
    b.trace(
        64,
        ("signup", "POST /signup", 4100, "-"),
        ("notifier", "Send", 4000, "-"),
        ("mailer", "POST /mail", 12, "503 Service Unavailable"),
    )
    b.alert(66, "mailer", "error_ratio", "mailer error ratio above 8 %", 0.77)
    return b


def single_worker() -> Build:
    title = "Simplify executor setup"
    b = Build(name="one-worker", cause=title, services=("checkout", "tax", "ledger", "reports"), onset=66,
              quiet=("Tax computed", "Order placed", "Entry booked", "Report row written"))  # fmt: skip
    b.ship(
        44,
        "tax",
        title,
        "tax/src/main/java/com/shop/tax/Workers.java",
        "@@ tax/src/main/java/com/shop/tax/Workers.java @@\n-    private final ExecutorService pool = Executors.newFixedThreadPool(48);\n+    private final ExecutorService pool = Executors.newSingleThreadExecutor();\n",
    )
    b.ship(
        63,
        "tax",
        "Extract VatRules interface",
        "tax/src/main/java/com/shop/tax/VatRules.java tax/src/main/java/com/shop/tax/GermanVat.java",
        "@@ tax/src/main/java/com/shop/tax/GermanVat.java @@\n-public class GermanVat {\n-    public BigDecimal rate(Item item) {\n+public class GermanVat implements VatRules {\n+    @Override\n+    public BigDecimal rate(Item item) {\n",
    )
    b.ship(
        65,
        "checkout",
        "Bump jackson to 2.17.1",
        "checkout/pom.xml",
        "@@ checkout/pom.xml @@\n-      <version>2.17.0</version>\n+      <version>2.17.1</version>\n",
    )
    for s, q in (("checkout", 60), ("ledger", 55), ("reports", 5)):
        b.measure(s, "requests_per_second", q)
    b.measure("tax", "requests_per_second", 40, 75, 60, climb=True)
    b.measure("tax", "executor_queue_depth", 2, 2600, 60, climb=True)
    b.measure("tax", "executor_active_threads", 11, 1, 44, whole=True)
    b.measure("tax", "latency_p99_ms", 40, 7000)
    b.measure("checkout", "latency_p99_ms", 120, 7300, 67)
    b.measure("ledger", "latency_p99_ms", 30)
    b.complain("tax", "WARN", "task waited # ms in queue before it ran", 0.2)
    b.complain(
        "tax",
        "ERROR",
        "java.util.concurrent.TimeoutException: no result within 5000 ms at com.shop.tax.TaxController.compute(TaxController.java:71)",
        0.5,
    )
    b.complain("checkout", "ERROR", "tax quote unavailable, order held back", 0.6, 67)
    b.trace(68, ("checkout", "placeOrder", 7200, "-"), ("tax", "compute", 7000, "TimeoutException"))
    b.alert(71, "tax", "latency_p99_ms", "tax p99 above 500 ms", 6900)
    return b


def listener_per_request() -> Build:
    title = "feat: live order updates over the event bus"
    b = Build(name="listeners", cause=title, services=("gateway", "tracker", "courier"), minutes=150, onset=128,
              quiet=("update pushed", "position stored", "GET /track 200"))  # fmt: skip
    b.ship(
        22,
        "tracker",
        title,
        "tracker/src/routes/stream.js",
        "@@ tracker/src/routes/stream.js @@\n router.get('/stream/:id', (req, res) => {\n+  bus.on('moved', (event) => {\n+    if (event.id === req.params.id) res.write(encode(event));\n+  });\n   res.flushHeaders();\n })\n",
    )
    b.ship(
        118,
        "tracker",
        "perf: keep recent couriers in an LRU of 500",
        "tracker/src/recent.js",
        "@@ tracker/src/recent.js @@\n+const recent = new LRU({ max: 500 });\n+function remember(courier) { recent.set(courier.id, courier); }\n",
    )
    b.ship(
        126,
        "gateway",
        "chore: rotate log files daily",
        "gateway/src/log.js",
        "@@ gateway/src/log.js @@\n-  maxsize: 1e8,\n+  datePattern: 'YYYY-MM-DD',\n",
    )
    b.measure("tracker", "nodejs_heap_used_mb", 160, 1490, 23, climb=True, noise=0.01)
    b.measure("tracker", "nodejs_eventloop_lag_p99_ms", 8, 900, 126)
    b.measure("tracker", "restarts_total", 0)
    for s in ("gateway", "tracker", "courier"):
        b.measure(s, "http_requests_per_second", 70)
    b.measure("gateway", "http_5xx_ratio", 0.001, 0.36, 129)
    b.measure("tracker", "http_5xx_ratio", 0.001, 0.5, 128)
    b.complain(
        "tracker",
        "WARN",
        "MaxListenersExceededWarning: Possible EventEmitter memory leak detected. # moved listeners added to [EventEmitter]",
        6,
        40,
    )
    b.complain(
        "tracker", "ERROR", "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", 4
    )
    b.complain("gateway", "ERROR", "connect ECONNREFUSED tracker:3000", 0.3, 128.2)
    b.trace(129, ("gateway", "GET /track", 5, "-"), ("tracker", "GET /stream", 3, "ECONNREFUSED"))
    b.alert(131, "tracker", "http_5xx_ratio", "tracker 5xx above 5 %", 0.5)
    return b


def naive_times() -> Build:
    title = "cleanup: drop the pytz dependency"
    b = Build(name="naive-times", cause=title, services=("backoffice", "billing", "invoices"), onset=60,
              quiet=("invoice rendered", "cycle checked", "GET /cycles 200"))  # fmt: skip
    b.ship(
        59,
        "billing",
        title,
        "billing/cycle.py requirements.txt",
        "@@ billing/cycle.py @@ def is_due(sub):\n-    now = datetime.now(pytz.utc)\n+    now = datetime.utcnow()\n     return sub.renews_at <= now\n",
    )
    b.ship(
        59.5,
        "billing",
        "feat: log the plan name",
        "billing/plans.py",
        "@@ billing/plans.py @@\n+    log.info('plan %s', plan.name)\n",
    )
    b.ship(
        58,
        "invoices",
        "fix: footer margin in the pdf",
        "invoices/templates/invoice.css",
        "@@ invoices/templates/invoice.css @@\n-  margin: 8mm;\n+  margin: 12mm;\n",
    )
    b.measure("billing", "http_5xx_ratio", 0.002, 0.61)
    b.measure("backoffice", "http_5xx_ratio", 0.002, 0.2, 61)
    for s in ("backoffice", "billing", "invoices"):
        b.measure(s, "http_requests_per_second", 25)
    b.complain("billing", "ERROR", "TypeError: can't compare offset-naive and offset-aware datetimes", 0.3,
               stack='  File "/app/billing/cycle.py", line 41, in is_due\n    return sub.renews_at <= now')  # fmt: skip
    b.complain("backoffice", "ERROR", "billing replied 500", 0.7, 61)
    b.trace(61, ("backoffice", "GET /subscriptions", 30, "-"), ("billing", "is_due", 4, "TypeError"))
    b.alert(64, "billing", "http_5xx_ratio", "billing 5xx above 6 %", 0.6)
    return b


def greedy_consumer() -> Build:
    title = "tune consumer throughput"
    b = Build(name="poll-records", cause=title, services=("ingest", "enrich", "warehouse"), onset=57,
              quiet=("batch committed", "record enriched", "rows flushed"))  # fmt: skip
    b.ship(
        50,
        "enrich",
        title,
        "enrich/config/consumer.properties",
        "@@ enrich/config/consumer.properties @@\n group.id=enrich\n-max.poll.records=200\n+max.poll.records=20000\n max.poll.interval.ms=300000\n",
    )
    b.ship(
        55,
        "enrich",
        "add unit label to throughput metric",
        "enrich/src/main/kotlin/Metrics.kt",
        '@@ enrich/src/main/kotlin/Metrics.kt @@\n-    registry.counter("enriched")\n+    registry.counter("enriched", "unit", "records")\n',
    )
    b.ship(
        56,
        "warehouse",
        "quote identifiers in COPY",
        "warehouse/copy.py",
        '@@ warehouse/copy.py @@\n-    f"COPY {table} FROM STDIN"\n+    f\'COPY "{table}" FROM STDIN\'\n',
    )
    b.measure("enrich", "kafka_consumer_lag_records", 300, 95000, 57)
    b.measure("enrich", "records_enriched_per_second", 800, 15)
    b.measure("ingest", "records_per_second", 805)
    b.measure("warehouse", "rows_per_second", 800, 14, 58)
    b.measure("enrich", "rebalances_per_minute", 0.1, 4)
    b.complain(
        "enrich",
        "WARN",
        "consumer poll timeout has expired: the time between subsequent calls to poll() was longer than the configured max.poll.interval.ms",
        1.0,
    )
    b.complain(
        "enrich",
        "ERROR",
        "CommitFailedException: Offset commit cannot be completed since the consumer is not part of an active group",
        1.0,
    )
    b.complain("enrich", "WARN", "processing batch of 20000 records took #s", 2.0)
    b.alert(62, "enrich", "kafka_consumer_lag_records", "enrich lag above 10000", 90000)
    return b


def shared_client_default() -> Build:
    title = "httpkit: sane default for idle sockets"
    b = Build(name="shared-default", cause=title, services=("web", "search", "suggest", "index"), onset=64,
              quiet=("query answered", "suggestion served", "segment merged"))  # fmt: skip
    b.ship(
        48,
        "search",
        title,
        "libs/httpkit/client.ts",
        "@@ libs/httpkit/client.ts @@\n export const defaults = {\n   keepAlive: true,\n-  maxSockets: 256,\n+  maxSockets: 4,\n   timeout: 2000,\n };\n",
    )
    b.ship(
        30,
        "search",
        "search: log slow index calls",
        "search/src/index-client.ts",
        "@@ search/src/index-client.ts @@\n+  if (took > 500) logger.warn({ took }, 'slow index call');\n",
    )
    b.ship(
        62,
        "search",
        "search: nicer highlight snippets",
        "search/src/highlight.ts",
        "@@ search/src/highlight.ts @@\n-  return text.slice(0, 120);\n+  return cutAtWord(text, 140);\n",
    )
    b.ship(63, "suggest", "suggest: tidy types", "suggest/src/types.ts", None)
    b.measure("search", "http_client_pending_requests", 1, 480, 56, climb=True)
    b.measure("search", "http_client_open_sockets", 90, 4, 48, whole=True)
    b.measure("search", "request_duration_p99_ms", 90, 2600)
    b.measure("web", "request_duration_p99_ms", 150, 2800, 65)
    b.measure("suggest", "request_duration_p99_ms", 20)
    b.measure("index", "request_duration_p99_ms", 12)
    for s in ("web", "search", "suggest", "index"):
        b.measure(s, "requests_per_second", 310)
    b.complain("search", "ERROR", "request to index timed out waiting for a free socket (pending #)", 0.3)
    b.complain("web", "ERROR", "search failed: 504", 0.5, 65)
    b.trace(66, ("web", "GET /s", 2700, "-"), ("search", "query", 2600, "timed out waiting for a free socket"))
    b.alert(69, "search", "request_duration_p99_ms", "search p99 above 260 ms", 2600)
    return b


def forgotten_await() -> Build:
    title = "refactor: async stock reservation"
    b = Build(name="forgotten-await", cause=title, services=("shop", "stock", "fulfil"), onset=61,
              quiet=("reserved", "picked", "shelf counted"))  # fmt: skip
    b.ship(
        57,
        "stock",
        title,
        "stock/src/reserve.ts",
        "@@ stock/src/reserve.ts @@\n export async function reserve(sku: string, n: number) {\n-  const release = await lock.acquire(sku);\n-  try {\n-    const left = await db.left(sku);\n-    if (left < n) throw new OutOfStock(sku);\n-    await db.take(sku, n);\n-  } finally { release(); }\n+  const left = await db.left(sku);\n+  if (left < n) throw new OutOfStock(sku);\n+  await db.take(sku, n);\n }\n",
    )
    b.ship(
        60,
        "stock",
        "feat: stock page shows the shelf",
        "stock/src/page.ts",
        "@@ stock/src/page.ts @@\n+  shelf: row.shelf,\n",
    )
    b.ship(
        60.5,
        "shop",
        "style: button radius",
        "shop/src/theme.scss",
        "@@ shop/src/theme.scss @@\n-$radius: 4px;\n+$radius: 8px;\n",
    )
    b.measure("stock", "negative_stock_skus", 0, 37, 61)
    b.measure("stock", "http_5xx_ratio", 0.001, 0.11)
    b.measure("fulfil", "pick_failures_per_minute", 0.2, 14, 62)
    for s in ("shop", "stock", "fulfil"):
        b.measure(s, "requests_per_second", 95)
    b.complain("stock", "ERROR", 'check constraint "stock_left_not_negative" violated by update of sku #', 0.4)
    b.complain("fulfil", "ERROR", "pick failed: shelf empty although # were reserved twice", 0.6, 62)
    b.alert(66, "stock", "negative_stock_skus", "negative stock", 30)
    return b


def renamed_setting() -> Build:
    title = "chart: consistent names for settings"
    b = Build(name="renamed-setting", cause=title, services=("edge", "sessions", "accounts"), onset=60,
              quiet=("session read", "GET /me 200", "account loaded"))  # fmt: skip
    b.ship(
        59.5,
        "sessions",
        title,
        "charts/sessions/templates/deployment.yaml charts/sessions/values.yaml",
        "@@ charts/sessions/templates/deployment.yaml @@\n           env:\n-            - name: REDIS_URL\n+            - name: SESSION_STORE_URL\n               valueFrom:\n                 secretKeyRef:\n                   name: redis\n",
    )
    b.ship(
        58,
        "sessions",
        "refactor: move cookie helper",
        "sessions/cookie.rb lib/cookie.rb",
        "@@ sessions/cookie.rb @@\n-def sign(value)\n-  OpenSSL::HMAC.hexdigest('SHA256', key, value)\n-end\n@@ lib/cookie.rb @@\n+def sign(value)\n+  OpenSSL::HMAC.hexdigest('SHA256', key, value)\n+end\n",
    )
    b.ship(
        57,
        "edge",
        "feat: brotli for static assets",
        "edge/nginx.conf",
        "@@ edge/nginx.conf @@\n+    brotli_static on;\n",
    )
    b.measure("sessions", "up", 1, 0, 60, noise=0)
    b.measure("edge", "http_5xx_ratio", 0.001, 0.92, 60)
    b.measure("accounts", "http_5xx_ratio", 0.001, 0.4, 61)
    for s in ("edge", "accounts"):
        b.measure(s, "requests_per_second", 400)
    b.complain("sessions", "FATAL", 'KeyError: key not found: "REDIS_URL" (config/boot.rb:12:in `fetch\')', 1.0)
    b.complain("edge", "ERROR", "upstream sessions: connection refused", 0.2)
    b.alert(62, "edge", "http_5xx_ratio", "edge 5xx above 9 %", 0.92)
    return b


def poison_parcel() -> Build:
    b = Build(name="poison-parcel", cause=NONE, services=("intake", "labels", "carrier-sync"), onset=63,
              quiet=("parcel accepted", "label printed", "manifest sent"))  # fmt: skip
    b.ship(
        61,
        "labels",
        "refactor: parse parcel in one place",
        "labels/parcel.py",
        "@@ labels/parcel.py @@\n-    parcel = json.loads(body)\n-    weight = Decimal(parcel['weight'])\n+    parcel = read_parcel(body)\n+    weight = parcel.weight\n",
    )
    b.ship(
        40,
        "labels",
        "feat: second label format",
        "labels/format.py",
        "@@ labels/format.py @@\n+    'a6': (105, 148),\n",
    )
    b.ship(
        62.5,
        "intake",
        "chore: bump uvicorn",
        "intake/requirements.txt",
        "@@ intake/requirements.txt @@\n-uvicorn==0.30.0\n+uvicorn==0.30.1\n",
    )
    b.measure("labels", "queue_messages_ready", 12, 5200, 64)
    b.measure("labels", "labels_per_minute", 300, 2)
    b.measure("intake", "parcels_per_minute", 300)
    b.measure("labels", "worker_restarts_per_minute", 0.05, 3)
    b.complain(
        "labels",
        "ERROR",
        "worker crashed on delivery tag 77120 (parcel P-5583921): UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 212",
        0.4,
    )
    b.complain("labels", "INFO", "requeued delivery tag 77120", 0.4)
    b.complain("carrier-sync", "WARN", "manifest incomplete, labels missing", 2.0, 66)
    b.alert(68, "labels", "queue_messages_ready", "label queue above 500", 5000)
    return b


def campaign() -> Build:
    b = Build(name="campaign", cause=NONE, services=("edge", "tickets", "seats", "payments"), onset=60,
              quiet=("GET /events 200", "seat held", "ticket issued"))  # fmt: skip
    b.ship(
        55,
        "tickets",
        "refactor: seat picker service object",
        "tickets/app/services/pick_seat.rb",
        "@@ tickets/app/services/pick_seat.rb @@\n-  def call(event, count)\n-    seats = event.seats.free.first(count)\n+  def call(event, count)\n+    seats = free_seats(event, count)\n",
    )
    b.ship(
        57,
        "edge",
        "feat: new landing page hero",
        "edge/static/hero.html",
        "@@ edge/static/hero.html @@\n-<h1>Tickets</h1>\n+<h1>Summer festival</h1>\n",
    )
    b.ship(
        20,
        "seats",
        "perf: index on seats(event_id)",
        "seats/migrations/0042_index.sql",
        "@@ seats/migrations/0042_index.sql @@\n+CREATE INDEX CONCURRENTLY seats_event ON seats (event_id);\n",
    )
    b.measure("edge", "requests_per_second", 500, 5200, 58)
    b.measure("tickets", "requests_per_second", 200, 2300, 58)
    b.measure("seats", "requests_per_second", 190, 2200, 58)
    b.measure("payments", "requests_per_second", 30, 90, 59)
    b.measure("seats", "cpu_percent", 25, 99, 59)
    b.measure("seats", "latency_p99_ms", 60, 6100)
    b.measure("tickets", "latency_p99_ms", 130, 6500)
    b.measure("edge", "error_ratio", 0.002, 0.35, 61)
    b.complain("seats", "WARN", "run queue is full, # requests waiting", 0.3)
    b.complain("tickets", "ERROR", "seats timed out after 6000ms", 0.4)
    b.complain("edge", "ERROR", "503 from tickets", 0.3, 61)
    b.trace(63, ("edge", "POST /hold", 6600, "-"), ("tickets", "hold", 6500, "-"), ("seats", "lock", 6000, "timeout"))
    b.alert(64, "tickets", "latency_p99_ms", "tickets p99 above 600 ms", 6400)
    return b


def resolver_down() -> Build:
    b = Build(name="resolver-down", cause=NONE, services=("api", "media", "comments", "users"), onset=59,
              quiet=("200 GET /feed", "thumbnail cached", "comment stored", "user found"))  # fmt: skip
    b.ship(
        56,
        "api",
        "config: point feed at the new media host",
        "api/config.toml",
        "@@ api/config.toml @@\n [feed]\n-page_size = 20\n+page_size = 25\n",
    )
    b.ship(
        57,
        "comments",
        "feat: mentions",
        "comments/mentions.go",
        "@@ comments/mentions.go @@\n+func mentions(text string) []string {\n+\treturn mentionRe.FindAllString(text, -1)\n+}\n",
    )
    b.ship(
        58.5,
        "users",
        "refactor: users client",
        "users/client.go",
        '@@ users/client.go @@\n-\treq, _ := http.NewRequest("GET", u, nil)\n-\treturn c.hc.Do(req)\n+\treturn c.get(u)\n',
    )
    for s in ("api", "media", "comments", "users"):
        b.measure(s, "requests_per_second", 150)
        b.measure(s, "error_ratio", 0.002, 0.44, 59 + len(s) / 10)
    b.measure("api", "latency_p99_ms", 110, 5200)
    b.complain(
        "api",
        "ERROR",
        "dial tcp: lookup media.prod.svc.cluster.local on 10.96.0.10:53: read udp 10.1.4.7:#->10.96.0.10:53: i/o timeout",
        0.3,
    )
    b.complain("comments", "ERROR", "getaddrinfo EAI_AGAIN users.prod.svc.cluster.local", 0.4)
    b.complain(
        "users",
        "ERROR",
        'could not translate host name "pg.prod.svc.cluster.local" to address: Temporary failure in name resolution',
        0.4,
    )
    b.complain("media", "ERROR", "lookup storage.googleapis.com on 10.96.0.10:53: server misbehaving", 0.6)
    b.alert(62, "api", "latency_p99_ms", "api p99 above 520 ms", 5200)
    return b


def stolen_cpu() -> Build:
    b = Build(name="stolen-cpu", cause=NONE, services=("booking", "rates", "rooms"), onset=65,
              quiet=("room offered", "rate computed", "booking stored"))  # fmt: skip
    b.ship(
        63,
        "rates",
        "perf: precompute weekend rates",
        "rates/compute.py",
        "@@ rates/compute.py @@\n-    return base * factor(day)\n+    return base * FACTORS[day]\n",
    )
    b.ship(
        60,
        "booking",
        "chore: update translations",
        "booking/locale/de.po",
        '@@ booking/locale/de.po @@\n-msgstr "Zimmer"\n+msgstr "Doppelzimmer"\n',
    )
    b.ship(
        64.5,
        "rates",
        "refactor: name the seasons",
        "rates/season.py",
        "@@ rates/season.py @@\n-SEASONS = {1: 'low', 2: 'high'}\n+class Season(Enum):\n+    LOW = 1\n+    HIGH = 2\n",
    )
    b.measure("rates", "cpu_steal_percent", 0.4, 46)
    b.measure("rates", "latency_p99_ms", 35, 900, 65)
    b.measure("booking", "latency_p99_ms", 140, 1400, 66)
    b.measure("rooms", "latency_p99_ms", 50)
    for s in ("booking", "rates", "rooms"):
        b.measure(s, "requests_per_second", 85)
    b.complain("rates", "WARN", "computation took # ms, usually under 20", 0.3, host="vm-17")
    b.complain("booking", "ERROR", "rates answered too late", 0.5, 66)
    b.alert(69, "rates", "latency_p99_ms", "rates p99 above 90 ms", 880)
    return b


def sms_provider() -> Build:
    b = Build(name="sms-provider", cause=NONE, services=("login", "codes", "profile"), onset=58,
              quiet=("code sent", "login ok", "profile read"))  # fmt: skip
    b.ship(
        52,
        "codes",
        "tune provider client: timeout 4s to 6s",
        "codes/provider.py",
        "@@ codes/provider.py @@\n-TIMEOUT = 4\n+TIMEOUT = 6\n",
    )
    b.ship(
        57,
        "codes",
        "refactor: send in one function",
        "codes/send.py",
        "@@ codes/send.py @@\n-    client.messages.create(to=to, body=body)\n+    deliver(client, to, body)\n",
    )
    b.ship(
        60, "login", "feat: show the country code", "login/phone.tsx", "@@ login/phone.tsx @@\n+  <Flag code={cc} />\n"
    )
    b.measure("codes", "error_ratio", 0.004, 0.88)
    b.measure("login", "error_ratio", 0.01, 0.5, 59)
    b.measure("codes", "provider_call_duration_p95_seconds", 0.4, 6.0)
    for s in ("login", "codes", "profile"):
        b.measure(s, "requests_per_second", 33)
    b.complain("codes", "ERROR", "POST https://api.textbird.example/v2/messages: 500 Internal Server Error", 0.2)
    b.complain("login", "ERROR", "no code could be sent", 0.4, 59)
    b.event(
        57,
        "Textbird SMS API",
        "partial_outage",
        "Elevated API errors",
        "We are investigating elevated 5xx responses on api.textbird.example.",
    )
    b.event(10, "Textbird Voice", "operational", "All systems operational", "No issues.")
    b.trace(60, ("login", "POST /code", 6100, "-"), ("codes", "send", 6050, "500 Internal Server Error"))
    b.alert(61, "codes", "error_ratio", "codes error ratio above 9 %", 0.87)
    return b


CASES = (
    shortened_cache_life, changed_audience, retries_without_pause, single_worker, listener_per_request, naive_times,
    greedy_consumer, shared_client_default, forgotten_await, renamed_setting,
    poison_parcel, campaign, resolver_down, stolen_cpu, sms_provider,
)  # fmt: skip
